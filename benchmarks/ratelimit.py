"""How close a run comes to the rate limit of a server, and whether it loses a case on the way.

    python benchmarks/ratelimit.py [SECONDS]

The server on loopback answers after 0.2 s, at most so many requests a second, with room for one second's
worth at once (a token bucket), and refuses the others with 429, with and without Retry-After.  With 64
cases in flight it is sent as many requests as it admits in SECONDS (default 30).
"""

import asyncio
import json
import math
import sys
import time
from dataclasses import dataclass

from pytest_codesteer.conversation import Ask, Reply, user
from pytest_codesteer.models import ChatModel, ModelName, Settings

LATENCY = 0.2
AT_ONCE = 64  # cases in flight
BODY = json.dumps(
    {
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "1"}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
).encode()


@dataclass
class Limited:
    """A server that admits *rate* requests a second."""

    rate: float
    tells: bool  # when to come back
    level: float = 0.0
    at: float = 0.0
    refused: int = 0

    def admits(self) -> bool:
        """Take a request in, or not."""
        now = time.monotonic()
        self.level = min(self.rate, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1:
            self.refused += 1
            return False
        self.level -= 1
        return True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                fields = head.decode("latin-1").lower().split("\r\n")
                await reader.readexactly(int(next(f[15:] for f in fields if f.startswith("content-length:"))))
                if self.admits():
                    await asyncio.sleep(LATENCY)
                    writer.write(_response("200 OK", BODY))
                else:
                    wait = math.ceil((1 - self.level) / self.rate)
                    writer.write(
                        _response("429 Busy", b"{}", f"retry-after: {wait}\r\n" if self.tells else "")
                    )
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()


def _response(status: str, body: bytes, fields: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n{fields}\r\n"
    )
    return head.encode() + body


async def measured(rate: float, count: int, *, tells: bool) -> tuple[float, int, int]:
    """Return seconds, replies and refusals of *count* requests at once."""
    limited = Limited(rate, tells, at=time.monotonic())
    server = await asyncio.start_server(limited.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    model = ChatModel(ModelName("m", "vllm", "m", url, "m"), Settings())
    started = time.monotonic()
    places = asyncio.Semaphore(AT_ONCE)

    async def case(at: int) -> Reply:
        async with places:
            return await model.reply(Ask((user(str(at)),)))

    replies = await asyncio.gather(*map(case, range(count)), return_exceptions=True)
    seconds = time.monotonic() - started
    server.close()
    await asyncio.sleep(0)
    return seconds, sum(isinstance(reply, Reply) for reply in replies), limited.refused


def main(seconds: float) -> None:
    """Print the table."""
    import openai  # noqa: F401  (takes a second or more, which is not to count as waiting for the server)

    print(" limit/s  429 tells  requests  answered  refused  of the limit")
    for rate in (20.0, 50.0):
        for tells in (True, False):
            count = round(rate * seconds)
            took, answered, refused = asyncio.run(measured(rate, count, tells=tells))
            share = f"{answered / (took * rate):.1%}"
            print(f"{rate:8.0f} {tells!s:>10} {count:9} {answered:9} {refused:8} {share:>13}")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 30)
