"""Tasks: a folder with `task.toml`, `question.j2` and `task.py`, or a single TOML file.

`task.py` defines three functions over plain JSON data,

    generate(rng, **level) -> data         one instance, solvable; all randomness comes from *rng*
    solve(data) -> answer                  a right answer, in the form that the question asks for: a text or a
                                           number
    check(data, answer) -> Verdict         judge an answer; `Unreadable` may be raised, nothing else

and may define two more:

    program(data) -> str                   the Python program that a perfect coder would send: self-contained,
                                           works the answer out and prints it, marks included
    load(path) -> (level, data) pairs      the instances of a public data set in its own layout

The instances of a task can be given (`load_task(path, data=...)`, ``--codesteer-data``, ``[data]`` in
`task.toml`) instead of made by `generate`; question, checker and solution stay the same.  JSON lines and
BIG-bench's JSON are read without help: see `pytest_codesteer.task.data`.  `load` is called for all else, a
folder or a file that is not ``.jsonl``, with its path, which exists.  It yields pairs, in an order that rests
on the names and contents of the files alone: the name of the level as the data set has it ("Level 5"; "" for
none), and the data of the instance, with at least the keys that generated instances hold, but for those that
`task.own_keys` lists as theirs alone.  For what it cannot
read it raises `ValueError` with a message that starts with the file, and the line if known, as `read_json`
does.

`right`, `wrong`, `program_of` and `pytest_codesteer.answers` are all that a task file needs.  A solver that
stands in a file of its own, `solver.py`, and needs only the standard library, is the program as well.
"""

from pytest_codesteer.task.catalog import Suite, find_suite, find_tasks, listed, task_file, task_name
from pytest_codesteer.task.data import read_json
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
    "read_json",
    "right",
    "task_file",
    "task_name",
    "unreadable",
    "wrong",
]
