"""The run log: one append-only file of JSON lines, a header and then a line for each case as it ends.

The last line of a run that came to its end says what became of its gates.

Only the process that reports writes it.  Each line is handed to the operating system before the next case is
reported, so a run that is killed leaves every record that it has printed, and at worst half a line, which
reading passes over and counts.
"""

from pytest_codesteer.runlog.decision import Decision
from pytest_codesteer.runlog.earlier import Earlier, read_earlier
from pytest_codesteer.runlog.log import Run, RunLog, RunLogError, read_run
from pytest_codesteer.runlog.record import (
    OUTCOMES,
    SCORINGS,
    Outcome,
    Record,
    Scoring,
    judge,
    record_of,
    scored,
)

__all__ = [
    "OUTCOMES",
    "SCORINGS",
    "Decision",
    "Earlier",
    "Outcome",
    "Record",
    "Run",
    "RunLog",
    "RunLogError",
    "Scoring",
    "judge",
    "read_earlier",
    "read_run",
    "record_of",
    "scored",
]
