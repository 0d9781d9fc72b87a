"""One part of a run that is split over machines."""

import re
from dataclasses import dataclass
from zlib import crc32

import pytest


@dataclass(frozen=True, slots=True)
class Shard:
    """One of the parts that the instances are split into, from 1."""

    part: int = 1
    of: int = 1

    def __str__(self) -> str:
        return f"{self.part}/{self.of}"

    def holds(self, task: str, level: str, index: int) -> bool:
        """Whether an instance belongs to this part; the other options of a run have no say in it.

        With which part each level begins is left to chance, lest many small levels all go to the first.
        """
        return (index + crc32(f"{task}/{level}".encode())) % self.of == self.part - 1


def read_shard(given: str | None) -> Shard:
    """Read a part as the command line names it; None is the whole.  Raises `pytest.UsageError`."""
    if given is None:
        return Shard()
    if read := re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", given):
        part, of = map(int, read.groups())
        if 1 <= part <= of:
            return Shard(part, of)
    raise pytest.UsageError(f"--codesteer-shard={given}: write which part of how many, as in 2/4")
