"""What GitHub Actions shows of a run: a summary of the job, and an annotation for each gate that failed."""

from collections.abc import Iterable, Iterator, Sequence

from pytest_codesteer.report import Section, outcomes
from pytest_codesteer.report.markdown import escaped, gate_list, markdown
from pytest_codesteer.runlog import Decision, Record

MOST_BYTES = 1_000_000  # GitHub takes a MiB of each step, and shows nothing of a longer summary


def job_summary(records: Sequence[Record], sections: Iterable[Section], decisions: Sequence[Decision]) -> str:
    """Return the Markdown for the file that ``GITHUB_STEP_SUMMARY`` names."""
    lines = [f"## codesteer: {len(records)} cases", "", *gate_list(decisions), *markdown(sections)]
    if said := outcomes(records):
        lines += [escaped(said), ""]
    text = "\n".join(lines) + "\n"
    if len(text.encode()) <= MOST_BYTES:
        return text
    return "\n".join([*lines[:2], *gate_list(decisions)[:100], "The tables are too long for this page.", ""])


def annotations(decisions: Iterable[Decision]) -> Iterator[str]:
    """Yield a workflow command for each gate that did not pass."""
    for decision in decisions:
        if not decision.passed:
            message = "\n".join(decision.lines)
            yield f"::error title={_property(f'gate {decision.text}')}::{_message(message)}"


def _message(text: str) -> str:
    """Return text as a workflow command holds it: on one line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
