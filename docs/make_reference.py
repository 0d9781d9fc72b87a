"""Write the pages of docs/reference that restate the code: options.md and record.md.

    python docs/make_reference.py

A test holds the pages against this script.
"""

import inspect
import os
import re
from pathlib import Path

import pytest

from pytest_codesteer.runlog import Record

FOLDER = Path(__file__).with_name("reference")
FIELD = re.compile(r"    (\w+): [^#\n]*?(?:  # (.*))?\n")

OPTIONS = """\
# Options

Made by `python docs/make_reference.py`. Everything is off until a model is named, or a run to judge again.

| option | meaning |
| --- | --- |
"""
INI = """
## In the ini file

| key | meaning |
| --- | --- |
"""
RECORD = """\
# The run log

Made by `python docs/make_reference.py`. The log is `.codesteer/runs/<time>.jsonl`, or what `--codesteer-log`
names. Its first line is the header: versions, options, seed, digests of the tasks. Every further line is the
record of a case, written by the one process that reports, at the moment the case ends. A line that a kill cut
off is passed over, and counted, when the log is read. Fields of later versions are passed over, too.

A run that comes to its end closes its log with one line of another kind, `{"decisions": [...]}`: of each gate
its `text`, its `verdict` (passed, failed or inconclusive), whether it `passed` for the exit status, and its
`reasons`. A log without that line says nothing of its gates, and the reports made from it say so.

## The record of a case

| field | meaning |
| --- | --- |
"""


class Asked:
    """A plugin that takes note of the options of another one."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []
        self.keys: list[tuple[str, str]] = []

    def pytest_cmdline_main(self, config: pytest.Config) -> int:
        """Read what the plugins declared, and run nothing."""
        parser = config._parser  # noqa: SLF001  (pytest has no other way to list options)
        for option in parser.getgroup("codesteer").options:
            told = option.attrs()
            choices = f"{{{','.join(told['choices'])}}}" if told.get("choices") else ""
            value = told.get("metavar") or choices  # a flag has neither
            name = f"{option.names()[0]}={value}" if value else option.names()[0]
            self.rows.append((name, " ".join(told["help"].replace("%%", "%").split())))
        declared = parser._inidict.items()  # noqa: SLF001
        self.keys = [(name, str(told[0])) for name, told in declared if name.startswith("codesteer")]
        return 0


def _table(rows: list[tuple[str, str]]) -> str:
    return "".join(f"| `{name}` | {said} |\n".replace(" | ON", " \\| ON") for name, said in rows)


def options() -> str:
    """Return the page of options, as the plugin declares them."""
    asked = Asked()
    pytest.main(["-c", os.devnull, "--rootdir", str(FOLDER)], plugins=[asked])
    return OPTIONS + _table(asked.rows) + INI + _table(asked.keys)


def record() -> str:
    """Return the page of the record, from the comments of its fields."""
    declared = inspect.getsource(Record).partition("    outcome")[0:3]
    fields = "".join(declared).split("    @property")[0].split("    def ")[0]
    return RECORD + _table(FIELD.findall(fields))


if __name__ == "__main__":
    (FOLDER / "options.md").write_text(options(), "utf-8")
    (FOLDER / "record.md").write_text(record(), "utf-8")
