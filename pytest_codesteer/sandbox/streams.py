"""What a program prints: two pipes, of each of which a limited part is kept."""

import os
from dataclasses import dataclass, field

OUTPUT_BYTES = 1 << 20  # kept of each stream; a program that prints more is stopped
_CHUNK = 1 << 16


@dataclass(slots=True)
class Stream:
    """One pipe and what has come out of it."""

    read_end: int
    write_end: int  # for the program
    kept: bytearray = field(default_factory=bytearray)
    flooded: bool = False  # more came than is kept
    ended: bool = False  # nobody holds the other end any more

    def read(self) -> bool:
        """Take what is there; return whether there was something."""
        try:
            chunk = os.read(self.read_end, _CHUNK)
        except BlockingIOError:
            return False
        self.ended = not chunk
        room = OUTPUT_BYTES - len(self.kept)
        self.flooded = self.flooded or len(chunk) > room
        self.kept += chunk[:room]
        return bool(chunk)

    def drain(self) -> None:
        """Take what is there, without waiting for more."""
        while not self.flooded and self.read():
            pass

    def close_write_end(self) -> None:
        """Leave the other end to the program."""
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1

    def close(self) -> None:
        """Close both ends."""
        self.close_write_end()
        os.close(self.read_end)

    @property
    def text(self) -> str:
        """What was kept; bytes that are no UTF-8 are replaced."""
        return self.kept.decode("utf-8", "replace")


def open_stream() -> Stream:
    """Make a pipe."""
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    return Stream(read_end, write_end)
