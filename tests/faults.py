"""What servers do wrong, and what comes of it: the tests' own list, and the page that is made of it.

python -m tests.faults > docs/faults.md
"""

import json
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.loopback import completion

TEXT = "It is <<<Lima>>>."
HTML = b"<html>502 Bad Gateway</html>"


class Exchange:
    """One request to the server, to be answered well or badly; *nth* counts from 1."""

    def __init__(self, connection: socket.socket, nth: int, gone: threading.Event) -> None:
        self.nth = nth
        self._connection = connection
        self._gone = gone

    def send(self, body: Any, *, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.head(len(content), status=status, kind=kind, **headers)
        self._connection.sendall(content)

    def fail(self, status: int, message: str = "try later", *, headers: Any = (), **error: Any) -> None:
        self.send({"error": {"message": message, **error}}, status=status, **dict(headers))

    def head(self, length: int, *, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        lines = {"content-type": kind, "content-length": str(length), "connection": "close", **headers}
        said = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
        self._connection.sendall(f"HTTP/1.1 {status} Said\r\n{said}\r\n".encode())

    def half(self, body: Any) -> None:
        """Send half of an answer, and cut the connection."""
        content = json.dumps(body).encode()
        self.head(len(content))
        self._connection.sendall(content[: len(content) // 2])
        self.reset()

    def reset(self) -> None:
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def drip(self, body: Any) -> None:
        """Send an answer so slowly that it never ends, though something always comes."""
        content = json.dumps(body).encode()
        self.head(len(content))
        for at in range(len(content)):
            if self._gone.wait(0.02):
                return
            self._connection.sendall(content[at : at + 1])


class FaultyServer:
    """Answers each request as *serve* does; *late* refuses connections until `listen` is called."""

    def __init__(self, serve: Callable[[Exchange], None], *, late: bool = False) -> None:
        self.asked = 0
        self._listens = False
        self._gone = threading.Event()
        server = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                try:
                    received = b""
                    while b"\r\n\r\n" not in received:
                        if not (more := self.request.recv(65536)):
                            return
                        received += more
                        if not b"POST ".startswith(received[:5]):  # as when TLS is spoken
                            self.request.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                            return
                    head, _, body = received.partition(b"\r\n\r\n")
                    fields = head.decode("latin-1").lower().split("\r\n")
                    length = next(int(each[15:]) for each in fields if each.startswith("content-length:"))
                    while len(body) < length:
                        body += self.request.recv(65536)
                    server.asked += 1
                    serve(Exchange(self.request, server.asked, server._gone))
                except OSError:
                    pass  # the client has gone

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *args: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self._server.server_bind()
        self.address = f"127.0.0.1:{self._server.server_address[1]}/v1"
        if not late:
            self.listen()

    def listen(self) -> None:
        self._listens = True
        self._server.server_activate()
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._gone.set()
        if self._listens:
            self._server.shutdown()
        self._server.server_close()


@dataclass(frozen=True)
class Fault:
    """Something that a server does wrong, and what comes of it."""

    name: str
    serve: Callable[[Exchange], None]
    outcome: str  # of the case
    asked: int | None = 1  # how often; None: until patience is at its end
    says: str = ""  # what the user reads, or the reason of the outcome
    closes: bool = False  # the model is not asked any more: further cases are not run
    tokens: bool = True  # whether the tokens are known
    scheme: str = "http"
    late: bool = field(default=False)  # connections are refused at first


def once(fail: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
    """Fail the first time, and answer then."""
    return lambda exchange: fail(exchange) if exchange.nth == 1 else exchange.send(completion(TEXT))


def saying(body: Any) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.send(body)


def used(**usage: Any) -> Callable[[Exchange], None]:
    return saying({**completion(TEXT), "usage": usage or None})


TRUNCATED = json.dumps(completion(TEXT)).encode()[:-20]
LONG = "This model's maximum context length is 4096 tokens."

FAULTS = (
    Fault("429 once, with Retry-After", once(lambda e: e.fail(429, headers={"retry_after": "0.05"})), "correct", 2),
    Fault("429 once, without Retry-After", once(lambda e: e.fail(429)), "correct", 2),
    Fault("429 that asks to wait longer than patience", lambda e: e.fail(429, headers={"retry_after": "3600"}), "error", 1, "answers 429 (try later)", closes=True),
    Fault("429 for ever", lambda e: e.fail(429), "error", None, "answers 429 (try later)", closes=True),
    Fault("429, the quota is used up", lambda e: e.fail(429, "no credit", code="insufficient_quota"), "error", 1, "the quota is used up (no credit)", closes=True),
    Fault("500 once", once(lambda e: e.fail(500)), "correct", 2),
    Fault("500 for ever", lambda e: e.fail(500), "error", None, "answers 500 (try later)"),
    Fault("502 once, as HTML", once(lambda e: e.send(HTML, status=502, kind="text/html")), "correct", 2),
    Fault("502 for ever", lambda e: e.fail(502), "error", None, "answers 502 (try later)", closes=True),
    Fault("503 once", once(lambda e: e.fail(503)), "correct", 2),
    Fault("503 for ever", lambda e: e.fail(503), "error", None, "answers 503 (try later)", closes=True),
    Fault("500 with x-should-retry: false", lambda e: e.fail(500, headers={"x_should_retry": "false"}), "error", 1, "answers 500 (try later)"),
    Fault("400, a bad request", lambda e: e.fail(400, "no such field"), "error", 1, "answers 400 (no such field)"),
    Fault("connection reset before the answer, once", once(lambda e: e.reset()), "correct", 2),
    Fault("connection reset in the middle of the answer, once", once(lambda e: e.half(completion(TEXT))), "correct", 2),
    Fault("connection reset for ever", lambda e: e.half(completion(TEXT)), "error", None, "cannot reach", closes=True),
    Fault("an answer that drips byte by byte", lambda e: e.drip(completion(TEXT * 100)), "error", None, "no answer from"),
    Fault("connection refused for a while", saying(completion(TEXT)), "correct", 1, late=True),
    Fault("connection refused for ever", saying(completion(TEXT)), "error", 0, "cannot reach", closes=True, late=True),
    Fault("no TLS where the address says https", saying(completion(TEXT)), "error", 0, "no secure connection", closes=True, scheme="https"),
    Fault("truncated JSON once", once(lambda e: e.send(TRUNCATED)), "correct", 2),
    Fault("truncated JSON for ever", saying(TRUNCATED), "error", 3, "is not JSON"),
    Fault("HTML with status 200", lambda e: e.send(HTML, kind="text/html"), "error", 3, "is not JSON"),
    Fault("JSON that is no completion", saying({"id": "x"}), "error", 3, "malformed reply"),
    Fault("`choices: null` once", once(lambda e: e.send({**completion(TEXT), "choices": None})), "correct", 2),
    Fault("`choices: null` for ever", saying({**completion(TEXT), "choices": None}), "error", 3, "malformed reply"),
    Fault("empty text", saying(completion("")), "unreadable"),
    Fault("10 MB of text", saying(completion("x" * 10_000_000 + TEXT)), "correct"),
    Fault("usage in strings", used(prompt_tokens="11", completion_tokens="7"), "correct", tokens=False),
    Fault("negative usage", used(prompt_tokens=-11, completion_tokens=7), "correct", tokens=False),
    Fault("no usage", used(), "correct", tokens=False),
    Fault("nonsense in the details of usage", used(prompt_tokens=11, completion_tokens=7, prompt_tokens_details={"cached_tokens": "3"}), "correct"),
    Fault("the same id for every reply", saying(completion(TEXT)), "correct"),
    Fault("401, the key is refused", lambda e: e.fail(401, "bad key"), "error", 1, "check OPENAI_API_KEY", closes=True),
    Fault("403 for the first request", lambda e: e.fail(403, "forbidden"), "error", 1, "check OPENAI_API_KEY", closes=True),
    Fault("404, no such model", lambda e: e.fail(404, "no such model"), "error", 1, "did you mean 'gpt-4o'?", closes=True),
    Fault("400, the chat is longer than the context", lambda e: e.fail(400, LONG, code="context_length_exceeded"), "limit", 1, "the chat is longer than the model's context"),
    Fault("content filter, in the reply", saying(completion("", finish_reason="content_filter")), "unreadable", 1, "the provider's content filter blocked the reply"),
    Fault("content filter, as 400", lambda e: e.fail(400, "filtered", code="content_filter"), "unreadable", 1, "the provider's content filter blocked the reply", tokens=False),
    Fault("a refusal", saying(completion(None, refusal="I will not.")), "wrong"),
)  # fmt: skip

INTRODUCTION = """\
# What servers do wrong, and what comes of it

Made by `python -m tests.faults > docs/faults.md` from the list that the tests go through; a test holds the page
against it.

A request whose failure may pass is tried again for two minutes (`--codesteer-patience`), after 0.5 s, 1 s, 2 s and so
on up to 8 s, or when the server says so (`Retry-After`). Of one that is only told to come back later, the two minutes
begin anew with every reply that the model gives to any request. An answer that is no reply is asked for again
twice. One request may take five minutes.

While a model is refused (429, 503, 529) it is asked less: what is under way is halved, and grows again with the replies.

An error is of its case, and the run goes on. *Model closed*: the error would meet every request, so the model is not
asked any more in that process; its further cases are not run, and the end of the run counts them and says why.

| What the server does | Asked | Case | What is said | Model closed |
| --- | --- | --- | --- | --- |
"""


def page() -> str:
    """Return the page."""
    return INTRODUCTION + "".join(map(_row, FAULTS))


def _row(fault: Fault) -> str:
    asked = {None: "until patience ends", 0: "in vain, until patience ends"}.get(
        fault.asked, str(fault.asked)
    )
    asked = "1, in vain" if fault.scheme == "https" else asked
    said = [fault.says] if fault.says else []
    said += [] if fault.tokens or fault.outcome == "error" else ["tokens and dollars are not known"]
    closed = "yes" if fault.closes else ""
    return f"| {fault.name} | {asked} | {fault.outcome} | {'; '.join(said)} | {closed} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
