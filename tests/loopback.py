"""A server on loopback that answers as a test tells it to."""

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pytest_codesteer.models import Patience

NO_PATIENCE = Patience(seconds=0, malformed=0)  # every request is tried once


@dataclass
class Answer:
    """What the server sends back."""

    body: Any = None  # bytes as they are, anything else as JSON
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def completion(text: Any, *, finish_reason: str = "stop", **message: Any) -> dict[str, Any]:
    """Return a chat completion as the wire has it."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "served-model",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish_reason,
                "message": {"role": "assistant", "content": text, **message},
            }
        ],
        "usage": {
            "prompt_tokens": 11,
            "completion_tokens": 7,
            "total_tokens": 18,
            "prompt_tokens_details": {"cached_tokens": 3},
            "completion_tokens_details": {"reasoning_tokens": 2},
        },
    }


def failure(status: int, message: str, **error: Any) -> Answer:
    """Return an error as the wire has it."""
    return Answer({"error": {"message": message, **error}}, status)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # of the five that are the default, a burst loses connections

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hung up: tests end runs in the middle of an answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Loopback:
    """The server; `requests` holds the bodies it was sent, in order of arrival."""

    def __init__(self, respond: Callable[[dict[str, Any]], Any], host: str = "127.0.0.1") -> None:
        self.requests: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.keys: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                server.requests.append(body)
                server.paths.append(self.path)
                server.keys.append(self.headers.get("authorization", ""))
                answer = respond(body)
                if not isinstance(answer, Answer):
                    answer = Answer(answer)
                content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
                self.send_response(answer.status)
                headers = {"content-type": "application/json", "content-length": str(len(content))}
                for name, value in (headers | answer.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

        self._http = _Server((host, 0), Handler)
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://{host}:{self._http.server_port}/v1"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
