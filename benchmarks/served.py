"""A chat completions server that takes a fixed time for each reply and next to no processor time.

    python benchmarks/served.py SECONDS [TEXT]

TEXT is what it says, <<<7>>> if it is not given.  Prints its address, and serves until its standard input is
closed.  Then it prints, as JSON, how many requests there were, how many at once, and the seconds from the
first request to the last reply.
"""

import asyncio
import json
import sys
import time


def completion(text: str) -> bytes:
    """Return the whole answer to a request."""
    message = {"role": "assistant", "content": text}
    reply = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "served",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25},
    }
    body = json.dumps(reply).encode()
    return (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    )


class Served:
    """The server, and what it has seen."""

    def __init__(self, seconds: float, text: str) -> None:
        self.seconds = seconds
        self.answer = completion(text)
        self.requests = self.within = self.most = 0
        self.first = self.last = 0.0

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r")[0]))
                self.requests += 1
                self.within += 1
                self.first = self.first or time.monotonic()
                self.most = max(self.most, self.within)
                await asyncio.sleep(self.seconds)
                self.within -= 1
                writer.write(self.answer)
                await writer.drain()
                self.last = time.monotonic()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def serve(seconds: float, text: str = "<<<7>>>") -> None:
    """Serve until standard input ends."""
    served = Served(seconds, text)
    server = await asyncio.start_server(served.connection, "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    seen = {"requests": served.requests, "most": served.most, "seconds": served.last - served.first}
    print(json.dumps(seen), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), *sys.argv[2:]))
