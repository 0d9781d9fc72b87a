"""A server on loopback that speaks OpenAI's Batch API as a test tells it to, well or badly."""

import itertools
import json
import re
import threading
import time
from collections.abc import Callable
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback import Answer, _Server, failure

#: For a project's conftest.py: a run of days in a second.
QUICK = """
import pytest_codesteer.batch
from pytest_codesteer.batch import Timing
pytest_codesteer.batch.TIMING = Timing(linger=0.15, first=0.02, longest=0.1, settle=0.4)
"""
STATES = ("validating", "in_progress", "finalizing")


class BatchServer:
    """Takes batches, carries each out when it is made, and lets it be seen through after some looks."""

    def __init__(
        self, respond: Callable[[dict[str, Any]], Any], *, looks: int = 0, seconds: float = 0.0
    ) -> None:
        self.respond = respond  # the body of a completion, or an Answer with a status
        self.looks = looks  # at each batch before it has ended
        self.seconds = seconds  # that each call takes, before and after it is done
        self.held = threading.Event()  # while it is set, no batch ends
        self.calls: list[str] = []  # as "POST /v1/batches"
        self.keys: set[str] = set()
        self.executed: list[dict[str, Any]] = []  # the bodies of all requests that were carried out
        self.batches: dict[str, dict[str, Any]] = {}  # by id, in order
        self.files: dict[str, bytes] = {}
        self.fail: Callable[[str, int], Answer | None] = lambda call, nth: None  # instead of doing a call
        self.after: Callable[[str, int], Answer | None] = lambda call, nth: None  # once it is done
        self.bring: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = lambda lines: lines
        self.end: Callable[[dict[str, Any]], dict[str, Any]] = lambda batch: {"status": "completed"}
        self.takes: Callable[[list[dict[str, Any]]], dict[str, str] | None] = lambda lines: None
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        self._http.handle_error = lambda *_: None  # clients that are killed hang up
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    @property
    def sizes(self) -> list[int]:
        """How many requests each batch had."""
        return [batch["request_counts"]["total"] for batch in self.batches.values()]

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def call(self, method: str, path: str, kind: str, content: bytes) -> Answer:
        name = re.sub(r"(batches|files)/[^/]+", r"\1/ID", f"{method} {path.partition('?')[0]}")
        with self._lock:
            self.calls.append(name)
            nth = self.calls.count(name)
        time.sleep(self.seconds)
        with self._lock:
            answer = self.fail(name, nth) or self._done(name, path, kind, content)
            answer = self.after(name, nth) or answer
        time.sleep(self.seconds)
        return answer

    def _done(self, name: str, path: str, kind: str, content: bytes) -> Answer:
        match name:
            case "POST /v1/files":
                return Answer(
                    {"id": self._file(_uploaded(kind, content)), "object": "file", "purpose": "batch"}
                )
            case "POST /v1/batches":
                return Answer(self._made(json.loads(content)))
            case "GET /v1/batches":
                newest = list(reversed(self.batches.values()))
                if after := re.search(r"after=(\w+)", path):
                    newest = newest[[batch["id"] for batch in newest].index(after[1]) + 1 :]
                return Answer({"object": "list", "data": newest[:2], "has_more": len(newest) > 2})
            case "GET /v1/batches/ID":
                return self._looked_at(path.rpartition("/")[2])
            case "GET /v1/files/ID/content":
                file = self.files.get(path.split("/")[3])
                return failure(404, "no such file") if file is None else Answer(file)
            case "POST /v1/batches/ID/cancel":
                batch = self.batches[path.split("/")[3]]
                batch["status"] = "cancelled"
                return Answer(batch)
        return failure(404, f"there is no {name}")

    def _file(self, content: bytes) -> str:
        name = f"file-{next(self._numbers)}"
        self.files[name] = content
        return name

    def _made(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Make a batch, and carry it out unless it is refused."""
        lines = [json.loads(line) for line in self.files[asked["input_file_id"]].splitlines()]
        assert {line["url"] for line in lines} == {asked["endpoint"]}
        assert len({line["custom_id"] for line in lines}) == len(lines)
        fault = self.takes(lines)
        batch = {
            "id": f"batch_{next(self._numbers)}", "object": "batch", "created_at": int(time.time()),
            "status": "validating", "errors": None, "output_file_id": None, "error_file_id": None,
            "looks": 0, "refused": fault, "request_counts": {"total": len(lines), "completed": 0, "failed": 0},
            **asked,
        }  # fmt: skip
        self.batches[batch["id"]] = batch
        if fault is None:
            self.executed += [line["body"] for line in lines]
            batch["answers"] = [self._answered(line) for line in lines]
        return batch

    def _answered(self, line: dict[str, Any]) -> dict[str, Any]:
        answer = self.respond(line["body"])
        if not isinstance(answer, Answer):
            answer = Answer(answer)
        response = {"status_code": answer.status, "request_id": "r", "body": answer.body}
        return {"id": "batch_req_1", "custom_id": line["custom_id"], "response": response, "error": None}

    def _looked_at(self, name: str) -> Answer:
        batch = self.batches.get(name)
        if batch is None:
            return failure(404, f"No batch found with id '{name}'.")
        batch["looks"] += 1
        if batch["status"] not in STATES:
            pass
        elif batch["refused"] is not None:
            batch |= {"status": "failed", "errors": {"object": "list", "data": [batch["refused"]]}}
        elif batch["looks"] <= self.looks or self.held.is_set():
            batch["status"] = STATES[min(batch["looks"], 3) - 1]
        else:
            lines = self.bring(batch["answers"])
            batch |= self.end(batch)
            for file, good in (("output_file_id", True), ("error_file_id", False)):
                mine = [line for line in lines if _is_good(line) == good]
                text = "".join(f"{json.dumps(line)}\n" for line in mine)
                batch[file] = self._file(text.encode()) if mine else None
        return Answer({key: value for key, value in batch.items() if key != "answers"})


def expired(line: dict[str, Any]) -> dict[str, Any]:
    """Return what comes for a request that a batch had no time for."""
    error = {"code": "batch_expired", "message": "This request could not be executed in time."}
    return {**line, "response": None, "error": error}


def _is_good(line: dict[str, Any]) -> bool:
    response = line.get("response")
    return isinstance(response, dict) and response.get("status_code") == 200


def _uploaded(kind: str, content: bytes) -> bytes:
    """Return the file of a form, as it is uploaded."""
    parts = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + content).get_payload()
    named = {part.get_param("name", header="content-disposition"): part for part in parts}
    assert named["purpose"].get_payload().strip() == "batch"
    return named["file"].get_payload(decode=True)


def _handler(server: BatchServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            self._serve("GET", b"")

        def do_POST(self) -> None:
            self._serve("POST", self.rfile.read(int(self.headers.get("content-length") or 0)))

        def _serve(self, method: str, content: bytes) -> None:
            server.keys.add(self.headers.get("authorization", ""))
            answer = server.call(method, self.path, self.headers.get("content-type", ""), content)
            body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            headers = {"content-type": "application/json", "content-length": str(len(body))}
            for name, value in (headers | answer.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler
