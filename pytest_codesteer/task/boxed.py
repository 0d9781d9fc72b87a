r"""Problems whose worked solution ends in ``\boxed{answer}``: the form of the MATH data, real or generated.

An instance holds `problem` and `solution`, as the public files do.  When generated, it also holds `family`,
the name of the function that drew it, and `program`, the text of a program that works the answer out another
way than the solution does; a question shows neither.  A task file imports `solve`, `check`, `program` and
`load` from here, and draws problems from families: functions that take a `Random` and return a `Problem`.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random
from textwrap import dedent
from typing import Any, TypeAlias

from pytest_codesteer.answers import Exact, Unreadable, boxed, exact, latex, same_mathematics, shown
from pytest_codesteer.task.verdict import Verdict, right, wrong

_FIGURE = re.compile(r"\[asy\].*?(?:\[/asy\]|\Z)", re.DOTALL)
_OPTION = re.compile(r"(?:\\(?:text|textbf|mathrm|mathbf|rm)\s*\{\s*){0,2}\(([A-H])\)(?:\s|\\ |[~}])*")
_OPTION_END = re.compile(r"(?:\\q?quad|\\\\|[\s$~])*\Z")
_CHOSEN = re.compile(
    r"(?:\W{0,9}(?:text|textbf|mathrm|option|choice|the answer is))?\W{0,9}([A-H])(?:\W*|[).:}]+[\s\\]*(.+))",
    re.DOTALL | re.IGNORECASE,
)

Value: TypeAlias = Exact | Fraction | int


@dataclass(frozen=True, slots=True)
class Problem:
    """A generated problem."""

    text: str
    answer: Value | tuple[Value, ...]
    reason: str  # how the answer is found, without a full stop
    program: str  # finds it another way; made by `script`


Family: TypeAlias = Callable[[Random], Problem]


def draw(rng: Random, families: Sequence[Family]) -> dict[str, Any]:
    """Return a problem of one of *families* as the data of an instance."""
    family = rng.choice(families)
    problem = family(rng)
    answer = problem.answer
    if isinstance(answer, tuple):
        written = f"({', '.join(latex(exact(value)) for value in answer)})"
    else:
        written = latex(exact(answer))
    return {
        "problem": problem.text,
        "solution": f"{problem.reason}. So the answer is $\\boxed{{{written}}}$.",
        "family": family.__name__,
        "program": problem.program,
    }


def wording(rng: Random, *texts: str) -> str:
    """Return one of *texts*, which say the same."""
    return rng.choice(texts)


def script(source: str, **given: object) -> str:
    """Return a program: *given* as assignments, then *source*, which sets ``answer``, then its printing."""
    values = "".join(f"{name} = {value!r}\n" for name, value in given.items())
    return f"{values}{dedent(source).strip()}\nprint(f'<<<{{answer}}>>>')\n"


def solve(data: Mapping[str, Any]) -> str:
    """Return what stands in the box of the solution."""
    answer = boxed(data["solution"])
    if not answer:
        raise ValueError("the solution ends in no \\boxed{answer}")
    return answer


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept what is equal to the boxed answer, or the letter of the option that is."""
    target = solve(data)
    letter = _right_letter(data["problem"], target)
    chosen = _CHOSEN.fullmatch(answer) if letter else None
    if chosen and chosen[1].upper() != letter:
        return wrong(f"chooses {chosen[1].upper()}, not {letter}")
    if chosen:
        answer = chosen[2] or target
    if same_mathematics(answer, target, question=data["problem"]):
        return right()
    return wrong(f"{shown(answer)} is not {shown(target)}")


def program(data: Mapping[str, Any]) -> str:
    """Return the program of a generated problem; for a real one, a program that prints its answer."""
    if "program" in data:
        return str(data["program"])
    return f"print({f'<<<{solve(data)}>>>'!r})\n"


def load(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the level and the data of each problem in a folder of the MATH data, by number.

    The levels are "1" to "5", and "?" where the data do not know.  Raises `ValueError` that names the file.
    """
    files = [file for file in Path(path).iterdir() if file.suffix == ".json"]
    for file in sorted(files, key=lambda file: (len(file.stem), file.stem)):
        try:
            found = json.loads(file.read_text("utf-8"))
            level, *texts = [str(found[key]) for key in ("level", "problem", "solution")]
            data = dict(zip(("problem", "solution"), texts, strict=True))
            solve(data)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"{file}: not a problem of the MATH data: {error!r:.100}") from error
        yield level.removeprefix("Level "), data


def _right_letter(problem: str, target: str) -> str | None:
    """Return the letter of the option that is the target, if the problem lists options by letter."""
    problem = _FIGURE.sub("", problem)
    marks = list(_OPTION.finditer(problem))
    if len(marks) < 2 or [mark[1] for mark in marks] != list("ABCDEFGH"[: len(marks)]):
        return None
    ends = [mark.start() for mark in marks[1:]] + [len(problem)]
    options = [problem[mark.end() : end] for mark, end in zip(marks, ends, strict=True)]
    fitting = [mark[1] for mark, option in zip(marks, options, strict=True) if _is(option, target)]
    return fitting[0] if len(fitting) == 1 else None


def _is(option: str, target: str) -> bool:
    option = _OPTION_END.sub("", option)
    if option.count("}") > option.count("{"):
        option = option.removesuffix("}")  # of the command around letter and text
    try:
        return same_mathematics(option, target)
    except Unreadable:
        return False
