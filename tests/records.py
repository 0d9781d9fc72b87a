"""Records made up for tests."""

from dataclasses import replace

from pytest_codesteer.runlog import Record

BASE = Record(
    task="letters",
    level="short",
    instance="short-000",
    digest="d",
    seed=0,
    method="all_code",
    model="gpt-4o",
    outcome="correct",
)


def record(index=0, *, correct=True, level="short", **fields):
    """Return the record of the instance *index*, correct or wrong."""
    outcome = fields.pop("outcome", "correct" if correct else "wrong")
    digest = fields.pop("digest", f"{fields.get('task', 'letters')}-{level}-{index}")
    return replace(
        BASE, level=level, instance=f"{level}-{index:03}", digest=digest, outcome=outcome, **fields
    )


def records(hits, **fields):
    """Return a record for each of *hits*, true for correct, of one instance each."""
    return [record(index, correct=bool(hit), **fields) for index, hit in enumerate(hits)]
