"""`codesteer schema`: the JSON Schemas of task and suite files, for editors."""

from argparse import Namespace
from pathlib import Path

import pytest_codesteer.task
from pytest_codesteer.command.output import NewCommand, say

FOLDER = Path(pytest_codesteer.task.__file__).with_name("schemas")

_KINDS = ("task", "file", "suite")


def add(new: NewCommand) -> None:
    """Add the command."""
    parser = new(
        "schema",
        help="the JSON Schema of task and suite files",
        description="Print the JSON Schema (draft 7) that editors complete and check files by: task for the "
        "task.toml of a folder, file for a task in a single file, suite for a suite.",
    )
    parser.add_argument("kind", choices=_KINDS, nargs="?", default="task", help="of what (default: task)")
    parser.add_argument("--path", action="store_true", help="print where the schema is installed instead")
    parser.set_defaults(perform=schema)


def schema(options: Namespace) -> None:
    """Print a schema, or its path."""
    path = FOLDER / f"{options.kind}.schema.json"
    say([str(path)] if options.path else path.read_text("utf-8").splitlines())
