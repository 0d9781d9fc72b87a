"""`codesteer new-task`: a folder that works at once, to be changed step by step."""

import re
from argparse import Namespace
from pathlib import Path
from shlex import quote

from pytest_codesteer.command.files import TASK_DIR, CommandError, need_folder, task_files, write
from pytest_codesteer.command.output import NewCommand, say

STARTER = Path(__file__).with_name("starter")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_FILES = ("task.toml", "question.j2", "task.py")


def add(new: NewCommand) -> None:
    """Add the command."""
    parser = new(
        "new-task",
        help="a new task, with its test",
        description="Write the folder of a new task, task_specs/NAME, and tests/test_NAME.py. It adds up "
        "numbers and works at once: change its generator, solver, checker and question to yours.",
    )
    parser.add_argument("name", metavar="NAME", help="lower-case letters, digits and _")
    parser.add_argument(
        "--project", metavar="DIR", type=Path, default=Path(), help="root of the project (default: here)"
    )
    parser.set_defaults(perform=new_task)


def new_task(options: Namespace) -> None:
    """Write the files of a new task."""
    name, project = options.name, options.project
    if not _NAME.fullmatch(name):
        raise CommandError(
            f"{name!r} is no name of a task: write lower-case letters, digits and _, as in my_task"
        )
    need_folder(project, "--project")
    own = project / TASK_DIR
    known = task_files([own] if own.is_dir() else [])
    if name in known:
        raise CommandError(f"the task name {name!r} is taken by {known[name]}: choose another")
    test = project / "tests" / f"test_{name}.py"
    pairs = [*((STARTER / file, own / name / file) for file in _FILES), (STARTER / "test_starter.py", test)]
    for _, target in pairs:
        if target.exists():
            raise CommandError(f"{target}: is there already; choose another name")
    for source, target in pairs:
        write(target, source.read_text("utf-8").replace("starter", name), "--project")
    enter = [] if project == Path() else [f"  cd {quote(str(project))}"]
    say([
        *(str(target) for _, target in pairs), "", "next:", *enter,
        f"  pytest {test.relative_to(project)}", f"  pytest --codesteer-model=oracle --codesteer-task={name}",
        f"  pytest --codesteer-model=local --codesteer-task={name}",
    ])  # fmt: skip
