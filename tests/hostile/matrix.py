"""The table tier x hostile program of docs/sandbox.md.  Takes some minutes; needs root to become others.

python -m tests.hostile.matrix docs/sandbox.md
"""

import argparse
import os
import sys
from pathlib import Path
from typing import NamedTuple

from tests.hostile import KINDS
from tests.hostile.siege import THE_HARNESS, Finding, besiege

BEGIN, END = "<!-- made by python -m tests.hostile.matrix -->", "<!-- end of what it made -->"
HOLDS, FAILS = "holds", "**no**"
USER = 54321  # any ordinary one
OPTIONS = ("--seconds", "0.4", "--memory", "160")


class Column(NamedTuple):
    """One tier as one user."""

    title: str
    tier: str
    place: tuple[str, ...] = ()
    contained: bool = False


COLUMNS = (
    Column("namespaces, user", "namespaces", ("--user", str(USER))),
    Column("namespaces, root", "namespaces"),
    Column("landlock, user", "landlock", ("--user", str(USER))),
    Column("landlock, root", "landlock"),
    # Never as root, and never where it could do harm: this tier stops little.
    Column("process, user", "process", ("--user", str(USER)), contained=True),
)
NAMES = [program.name for programs in KINDS.values() for program in programs]


def attack(column: Column) -> dict[str, Finding]:
    """Run all programs in one tier, several at a time; one by one if that is needed to tell who did it."""
    if not column.contained:
        tier, *findings = besiege(*OPTIONS, "--jobs", "4", "--tier", column.tier, place=column.place)
        if findings and not findings.pop().faults:  # the world afterwards, or the end of the harness
            found = {finding.name: finding for finding in findings}
            return found | again(column, findings)
        sys.stderr.write(f"{column.title}: {tier.status} {tier.faults}; once more, one by one\n")
    return one_by_one(column)


def one_by_one(column: Column) -> dict[str, Finding]:
    """Run all programs in one tier; a harness that a program ended is followed by another one."""
    found: dict[str, Finding] = {}
    while left := [name for name in NAMES if name not in found]:
        options = (*OPTIONS, "--tier", column.tier, "--only", *left)
        tier, *findings = besiege(*options, place=column.place, contained=column.contained)
        if findings and findings[-1].name == THE_HARNESS:
            end = findings.pop()
            findings.append(Finding(left[len(findings)], "", ("the harness ended", *end.faults), 0.0))
        if not findings:
            raise SystemExit(f"{column.title}: {tier.status} {tier.faults}")
        found |= {finding.name: finding for finding in findings}
    return found


def again(column: Column, findings: list[Finding]) -> dict[str, Finding]:
    """Run alone, with more time, what may have gone wrong for the load of the machine."""
    names = [finding.name for finding in findings if finding.in_doubt]
    if not names:
        return {}
    options = ("--seconds", "1", "--memory", "160", "--tier", column.tier, "--only", *names)
    return {finding.name: finding for finding in besiege(*options, place=column.place)[1:]}


def table(results: dict[str, dict[str, Finding]]) -> str:
    """Return the table, and below it by name what the last column does not stop."""
    lines = [f"| program | {' | '.join(results)} |", f"| --- |{' --- |' * len(results)}"]
    for kind, programs in KINDS.items():
        for program in programs:
            cells = [FAILS if found[program.name].faults else HOLDS for found in results.values()]
            lines.append(f"| {kind}: {program.name} | {' | '.join(cells)} |")
    weakest = list(results.values())[-1]
    names = [name for name in NAMES if weakest[name].faults]
    withstood = ", ".join(
        f"{title} {sum(not finding.faults for finding in found.values())}" for title, found in results.items()
    )
    return "\n".join(
        [
            f"Withstood, of {len(NAMES)}: {withstood}.",
            "",
            "What the portable tier does not stop: " + ", ".join(f"`{name}`" for name in names) + ".",
            "",
            *lines,
        ]
    )


def main() -> None:
    """Write the table into the file that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("page", type=Path)
    page: Path = parser.parse_args().page
    if os.geteuid() != 0:
        raise SystemExit("the matrix needs root: it runs programs as root and as another user")
    results = {}
    for column in COLUMNS:
        results[column.title] = attack(column)
        for finding in results[column.title].values():
            if finding.faults:
                sys.stderr.write(f"{column.title}: {finding.name}: {finding.faults}\n")
    put(page, results)


def put(page: Path, results: dict[str, dict[str, Finding]]) -> None:
    """Put the table where the page has the one before."""
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n\n{table(results)}\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
