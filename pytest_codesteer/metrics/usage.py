"""Which mode answered, and was it right: the paper's four classes (arXiv:2410.03524, figures 3 and 4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_codesteer.metrics.intervals import Rate
from pytest_codesteer.metrics.summary import judged, share
from pytest_codesteer.runlog import Record


@dataclass(frozen=True, slots=True)
class Classes:
    """The judged cases by whether a program was run in them and whether they are correct."""

    code_right: int
    code_wrong: int
    text_right: int
    text_wrong: int
    usage: Rate | None  # the code usage rate

    @property
    def n(self) -> int:
        """All of them."""
        return self.code_right + self.code_wrong + self.text_right + self.text_wrong


def classes(records: Iterable[Record]) -> Classes:
    """Count the four classes of *records*."""
    known = judged(records)
    kinds = [(record.used_code, record.correct) for record in known]
    return Classes(
        code_right=kinds.count((True, True)),
        code_wrong=kinds.count((True, False)),
        text_right=kinds.count((False, True)),
        text_wrong=kinds.count((False, False)),
        usage=share(known, lambda record: record.used_code),
    )
