"""Tables and other text as Markdown (GitHub's)."""

import re
from collections.abc import Iterable, Sequence

from pytest_codesteer.metrics import Undefined
from pytest_codesteer.report import Section, no_table
from pytest_codesteer.report.cells import Table
from pytest_codesteer.runlog import Decision

# An underscore between letters, as in the name of a method, is no mark.
_MARKS = re.compile(r"[\\`*\[\]|~#!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_VERDICTS = {"passed": ":white_check_mark:", "failed": ":x:", "inconclusive": ":grey_question:"}
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"})


def markdown(sections: Iterable[Section]) -> list[str]:
    """Return the lines of Markdown that show *sections*."""
    lines: list[str] = []
    for section in sections:
        lines += [f"### {escaped(section.title)}", ""] if section.title else []
        for name, made in section.tables.items():
            shown = [escaped(no_table(name, made))] if isinstance(made, Undefined) else markdown_table(made)
            lines += [*shown, ""]
    return lines


def markdown_table(table: Table) -> list[str]:
    """Return the lines of Markdown that show *table*."""
    above = [f"**{escaped(table.title)}**", ""] if table.title else []
    rules = [":--"] * table.names + ["--:"] * (len(table.columns) - table.names)
    below = ["", " ".join(map(escaped, table.notes))] if table.notes else []
    return [*above, _row([escaped(cell) for cell in table.columns]), _row(rules),
            *(_row([escaped(cell) for cell in row]) for row in table.rows), *below]  # fmt: skip


def gate_list(decisions: Iterable[Decision]) -> list[str]:
    """Return the lines of Markdown that say what became of gates."""
    lines = []
    for decision in decisions:
        lines.append(f"- {_VERDICTS[decision.verdict]} gate {escaped(decision.text)}: {decision.verdict}")
        lines += [f"  - {escaped(reason)}" for reason in decision.reasons]
    return [*lines, ""] if lines else []


def escaped(text: str) -> str:
    r"""Return text of any origin, on one line, so that Markdown and HTML in it are shown and not obeyed.

    >>> escaped("all_code: <b> *1*|2")
    'all_code: &lt;b&gt; \\*1\\*\\|2'
    """
    line = " ".join(text.split()).translate(_ENTITIES)
    return _MARKS.sub(lambda mark: f"\\{mark[0]}" if mark[0] != "#" else "&#35;", line)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
