"""Tasks: a folder with `task.toml`, `question.j2` and `task.py`, or a single TOML file.

`task.py` defines three functions over plain JSON data,

    generate(rng, **level) -> data         one instance, solvable; all randomness comes from *rng*
    solve(data) -> answer                  a right answer, in the form that the question asks for
    check(data, answer) -> Verdict         judge an answer; `Unreadable` may be raised, nothing else

and may define one more:

    program(data) -> str                   the Python program that a perfect coder would send: self-contained,
                                           works the answer out and prints it, marks included

`right`, `wrong`, `program_of` and `pytest_codesteer.answers` are all that a task file needs.  A solver that
stands in a file of its own, `solver.py`, and needs only the standard library, is the program as well.
"""

from pytest_codesteer.task.catalog import Suite, find_suite, find_tasks, listed, task_file, task_name
from pytest_codesteer.task.faults import TaskError
from pytest_codesteer.task.model import Instance, Task, TaskCrash
from pytest_codesteer.task.programs import program_of
from pytest_codesteer.task.spec import load_task
from pytest_codesteer.task.verdict import Verdict, right, unreadable, wrong

__all__ = [
    "Instance",
    "Suite",
    "Task",
    "TaskCrash",
    "TaskError",
    "Verdict",
    "find_suite",
    "find_tasks",
    "listed",
    "load_task",
    "program_of",
    "right",
    "task_file",
    "task_name",
    "unreadable",
    "wrong",
]
