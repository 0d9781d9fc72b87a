"""`codesteer tasks`."""

from argparse import Namespace
from typing import Any

from pytest_codesteer.command.files import CommandError, add_task_dirs, load, task_files
from pytest_codesteer.command.output import NewCommand, add_formats, section, show, show_sections, warn
from pytest_codesteer.report.cells import table_of
from pytest_codesteer.report.markdown import escaped
from pytest_codesteer.suggest import unknown
from pytest_codesteer.task import Task, TaskError


def add(new: NewCommand) -> None:
    """Add the command."""
    parser = new(
        "tasks",
        help="the tasks there are, or one of them with a question",
        description="List the tasks, bundled and of the project, with their levels; with a NAME: its levels, "
        "limits and gates, an example question, and a right answer to it.",
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="a task")
    parser.add_argument("--level", metavar="NAME", help="level of the example (default: the first)")
    parser.add_argument("--index", metavar="N", type=int, help="which instance (default: 0)")
    parser.add_argument("--seed", metavar="N", type=int, help="seed of the example (default: 0)")
    add_task_dirs(parser)
    add_formats(parser)
    parser.set_defaults(perform=show_tasks)


def show_tasks(options: Namespace) -> None:
    """List the tasks, or show one."""
    if options.name is None:
        _refuse_example(options)
        _list(options)
    else:
        _show(load(options.name, task_files(options.task_dirs)), options)


def _refuse_example(options: Namespace) -> None:
    """Refuse options that only the example of a task heeds."""
    for option in ("level", "index", "seed"):
        if getattr(options, option) is not None:
            raise CommandError(f"--{option}: chooses the example of one task; name the task, too")


def _list(options: Namespace) -> None:
    files, tasks = task_files(options.task_dirs), []
    for name in files:
        try:
            tasks.append(load(name, files))
        except TaskError as error:  # the others are worth listing
            for line in str(error).splitlines():
                warn(line)
    rows = [(task.name, ", ".join(task.levels), str(task.samples), task.title) for task in tasks]
    table = table_of(("task", "levels", "samples", "title"), rows, names=4, prose=True)
    values = [_values(task) for task in tasks]
    show_sections(options.format, [section("", tasks=table)], lambda: values)


def _show(task: Task, options: Namespace) -> None:
    level = next(iter(task.levels)) if options.level is None else options.level
    index, seed = options.index or 0, options.seed or 0
    if level not in task.levels:
        raise CommandError(f"--level: {unknown('level', level, task.levels)}")
    if index < 0 or index >= task.count(level, index + 1):
        raise CommandError(f"--index={index}: {level} has instances 0 to {task.count(level, 10**9) - 1}")
    instance = task.instance(level, index, seed)
    question, answer = task.question(instance.data), task.solve(instance.data)
    example = {"instance": instance.id, "seed": seed, "question": question, "answer": answer}
    facts = _facts(task)
    show(
        options.format,
        lambda: [
            f"{task.name}: {task.title}", *(f"{name}: {text}" for name, text in facts), "",
            f"question of {instance.id}:", *_indented(question), "", "a right answer:", *_indented(answer),
        ],
        lambda: [
            f"### {escaped(task.name)}: {escaped(task.title)}", "",
            *(f"- {escaped(name)}: {escaped(text)}" for name, text in facts), "",
            f"Question of {escaped(instance.id)}:", "",
            *(f"> {escaped(line)}  " for line in question.split("\n")),
            "", f"A right answer: {escaped(answer)}",
        ],
        lambda: {**_values(task), "example": example},
    )  # fmt: skip


def _facts(task: Task) -> list[tuple[str, str]]:
    levels = [f"{name} {dict(arguments) or ''}".strip() for name, arguments in task.levels.items()]
    limits = task.limits
    facts = [
        ("file", str(task.path)),
        ("source", task.source),
        ("levels", "; ".join(levels)),
        ("levels of the paper", ", ".join(task.paper_levels)),
        ("instances of each level", str(task.samples)),
        ("limits", f"{limits.requests} requests, {limits.seconds:g} s"),
        ("limits of a program", f"{limits.code_seconds:g} s, {limits.memory_mb} MB"),
        ("gates", "; ".join(task.gates)),
    ]
    return [(name, text) for name, text in facts if text]


def _values(task: Task) -> dict[str, Any]:
    return {
        "name": task.name, "title": task.title, "source": task.source, "path": str(task.path),
        "version": task.version, "samples": task.samples, "paper_levels": list(task.paper_levels),
        "levels": {name: dict(arguments) for name, arguments in task.levels.items()},
        "gates": list(task.gates), "digest": task.digest,
    }  # fmt: skip


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.split("\n")]
