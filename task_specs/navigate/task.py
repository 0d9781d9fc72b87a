"""Navigate: does a walk, told step by step, end where it starts?

Bookkeeping: a program that reads the sentences is sure, text loses count as the walk grows.  Half of the
walks return; the others miss the start by one changed number or turn, so that nothing but the walk tells.
"""

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from pytest_codesteer import Verdict, program_of, right, wrong
from pytest_codesteer.answers import yes_no

from .solver import AHEAD, COMPASS, TURNS, WORDS, Instruction, end, solution

_QUESTIONS = (
    "Do these instructions lead back to the place where you start?",
    "Do you end at the starting point when you do the following?",
    "After this walk, are you back at the point where you began?",
    "Do the steps below take you back to where you set out?",
)
_STARTS = {
    "facing": (
        "Always face the same way.",
        "Keep facing in one direction.",
        "Keep facing forward all the time.",
    ),
    "turning": ("",),
    "mixed": ("You start facing north, and only a turn changes which way you face.",),
}

# Plain statements that answer the question.
_BACK = (
    r"(?:return|end|get|come|came|arrive|finish|are|be|back)(?:s|ed)?(?: up)?(?: right| exactly)?(?: back)?"
    r"(?: (?:to|at|in|where))*(?: the)?(?: same)? ?"
    r"(?:(?:start(?:ing)?|initial|original) (?:point|place|position|location|spot)|start|origin"
    r"|(?:you|we|i) (?:started|start|began|begin|set out))\b"
)
_IF = re.compile(  # the question, said again, is no condition
    r"\b(?:(?:if|when|after) (?:you|we|i) (?:follow|take|do)(?:ed)?|(?:by |after )?following)"
    r" (?:all )?(?:of )?(?:these|those|the) (?:instructions|steps|directions),?\s*",
    re.IGNORECASE,
)
_YES = rf"(?:you|we|i)(?:'ll|'re)? (?:(?:do|did|will|would|indeed|exactly) )*{_BACK}"
_NO = rf"(?:you|we|i)(?: (?:(?:do|did|will|would|are)(?:n't| not)|won't|never)|'(?:re|ll) not) {_BACK}"


def generate(rng: Random, *, instructions: list[int], steps: int, ways: list[str]) -> dict[str, Any]:
    """Draw a walk that returns, or that misses the start by one number or turn; half of them each.

    *ways*: "facing" one direction all the time, "turning", or "mixed" with compass directions and repeats.
    """
    fewest, most = instructions
    returns, way = rng.choice((True, False)), rng.choice(ways)
    walk: list[Instruction] = []
    while not fewest <= len(walk) <= most or (not end(walk)) != returns:
        walk = _round_trip(rng, rng.randint(max(1, fewest - 4), most), steps, way)
        if not returns:
            _spoil(rng, walk)
    sentences = (rng.choice(_QUESTIONS), rng.choice(_STARTS[way]), *(_told(rng, each) for each in walk))
    text = " ".join(filter(None, sentences))
    return {"input": f"{text}\nOptions:\n- Yes\n- No", "target": "Yes" if returns else "No"}


def solve(data: Mapping[str, Any]) -> str:
    """Walk."""
    return solution(data["input"])


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept the yes or no that is the target, or a statement that says so ("you return to the start")."""
    said = yes_no(_IF.sub("", answer), yes=_YES, no=_NO)
    if said == (data["target"] == "Yes"):
        return right()
    return wrong(f"says {'Yes' if said else 'No'}")


def program(data: Mapping[str, Any]) -> str:
    """Return the program that reads the sentences and walks."""
    return program_of(solution, text=data["input"])


def _round_trip(rng: Random, count: int, steps: int, way: str) -> list[Instruction]:
    """Return *count* instructions and those that lead back to the start."""
    ahead = ["forward"] if way == "turning" else list(AHEAD)
    walk: list[Instruction] = []
    for _ in range(count):
        last = rng.choice((2, 3))
        if way == "mixed" and len(walk) >= last and rng.random() < 0.1 and not _repeats(walk[-last:]):
            walk.append(Instruction("repeat", last))
        elif way == "facing" or rng.random() < 0.6:
            ways = [*ahead, *COMPASS] if way == "mixed" else ahead
            walk.append(Instruction("go", rng.randint(1, steps), rng.choice(ways)))
        else:
            walk.append(Instruction("turn", way=rng.choice(list(TURNS))))
    if way == "turning":
        return walk + _way_back(rng, walk)
    place = end(walk)
    by_direction = dict(zip(COMPASS.values(), AHEAD if way == "facing" else COMPASS, strict=True))
    for leg in (place.real, 1j * place.imag):
        if leg:
            free = [at for at in range(len(walk) + 1) if not _repeats(walk[at : at + 3])]
            back = Instruction("go", round(abs(leg)), by_direction[-leg / abs(leg)])
            walk.insert(rng.choice(free), back)
    return walk


def _way_back(rng: Random, walk: list[Instruction]) -> list[Instruction]:
    """Return the turns and steps that lead from the end of *walk* to its start."""
    place, back = end(walk), list[Instruction]()
    for leg in rng.sample((place.real, 1j * place.imag), 2):
        facing = end([*walk, *back, Instruction("go", 1, "forward")]) - end([*walk, *back])
        for turn in TURNS if leg else ():
            if facing * TURNS[turn] == -leg / abs(leg):
                back.append(Instruction("turn", way=turn))
        if leg:
            back.append(Instruction("go", round(abs(leg)), "forward"))
    return back


def _spoil(rng: Random, walk: list[Instruction]) -> None:
    """Change one number or one turn of *walk*, so little that it looks the same."""
    at = rng.randrange(len(walk))
    if walk[at].kind == "go":
        near = [amount for amount in range(walk[at].amount - 2, walk[at].amount + 3) if amount > 0]
        walk[at] = walk[at]._replace(amount=rng.choice(near))
    elif walk[at].kind == "turn":
        walk[at] = walk[at]._replace(way=rng.choice(list(TURNS)))


def _told(rng: Random, instruction: Instruction) -> str:
    """Return the sentence of an instruction."""
    if instruction.kind == "repeat":
        return f"Repeat the last {WORDS[instruction.amount]} instructions."
    if instruction.kind == "turn":
        return f"{rng.choice(_turn(instruction.way))}."
    amount, way = instruction.amount, instruction.way
    number = WORDS[amount] if amount < len(WORDS) and rng.random() < 0.2 else amount
    unit = "step" if amount == 1 else "steps"
    to = "to the " if way in ("left", "right") and rng.random() < 0.5 else ""
    said = f"{rng.choice(('Take', 'Walk', 'Go', 'Move'))} {number} {unit} {to}{way}"
    return f"{said.removesuffix(' forward') if rng.random() < 0.5 else said}."


def _turn(way: str) -> tuple[str, ...]:
    """Return the ways to tell a turn."""
    if way == "around":
        return "Turn around", "Turn 180 degrees to the left", "Turn 180 degrees to the right"
    other = "right" if way == "left" else "left"
    return (
        f"Turn {way}",
        f"Turn to the {way}",
        f"Make a {way} turn",
        f"Turn 90 degrees to the {way}",
        f"Turn 270 degrees to the {other}",
    )


def _repeats(walk: list[Instruction]) -> bool:
    return any(instruction.kind == "repeat" for instruction in walk)
