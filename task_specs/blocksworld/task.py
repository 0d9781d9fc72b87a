"""Blocksworld: move top blocks between stacks until they stand as wanted.

The question is where a plan fails first: at a block that is not on top any more.
"""

import re
from collections.abc import Mapping
from random import Random
from string import ascii_uppercase
from typing import Any, NamedTuple

from pytest_codesteer import Verdict, program_of, right, wrong
from pytest_codesteer.answers import Unreadable, is_correction, refuse_doubt, shown

from .solver import plan, rebuilt

_DRESS = dict.fromkeys(map(ord, "*`\"'[]|\\\u201c\u201d\u2018\u2019"))
_LIST = r"[->+\u2022\u2013\u2014 ]*"  # a bullet, or the sign of a quotation
_NUMBER = r"\(?\d{1,4} ?[.):-]* ?"
_STACK = r"(?:the )?(?:top of )?(?:the )?(?:stack[ _#-]*)?"
_MOVE = re.compile(
    rf"{_LIST}(?:(?:(?:step )?{_NUMBER})?move|move {_NUMBER}(?:move)?) (?:the )?(?:block )?(\w{{1,20}})"
    rf" from {_STACK}(\w{{1,20}}) (?:on)?to {_STACK}(\w{{1,20}}) ?[.,;]*"
    r"(?: (?:\((?!.*\b(?:or|from|stack)\b)[^()]*\)|#.*))?"  # a comment
)
_NO_MOVES = re.compile(
    r"(?:.{0,80}: ?)?\W{0,5}(?:text\{)?no(?:ne| moves?)\W{0,5}"
    r"|.*\bno moves? (?:(?:is|are) )?(?:needed|necessary|required)\b.*"
)
_ACT = re.compile(  # how a line begins that tells of another move
    rf"{_LIST}(?:(?:step |move )?{_NUMBER})?(?:(?:or|then|next|now|first|and|finally) ?,? )*"
    r"(?:move|put|take|pick|lift|swap|unstack|stack)\b(?! ?[\d_]*(?: ?[:=]|$))(?!.*:$)"
)
_WAY = re.compile(r"\bfrom (?!(?:the )?(?:bottom|lowest|left)\b).{0,80}?\b(?:on)?to\b")


class Move(NamedTuple):
    """One line of a plan, in lower case; the stacks without the word."""

    block: str
    source: str
    target: str


def generate(rng: Random, *, blocks: int, stacks: int, goal_stacks: int) -> dict[str, Any]:
    """Put the blocks on stacks in two random ways that differ."""
    names = [ascii_uppercase[at % 26] + str(at // 26 or "") for at in range(blocks)]
    while True:
        initial, goal = _placed(rng, names, stacks), _placed(rng, names, goal_stacks)
        padded = list(goal.values()) + [[]] * (stacks - goal_stacks)
        if rebuilt(list(initial.values()), padded):
            return {"initial": initial, "goal": goal}


def solve(data: Mapping[str, Any]) -> str:
    """Search for the moves, or rebuild the stacks where they are many."""
    return plan(data["initial"], data["goal"])


def program(data: Mapping[str, Any]) -> str:
    """Return the solver as a program for these stacks."""
    return program_of(plan, initial=data["initial"], goal=data["goal"])


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept moves that are all possible and leave every stack as the goal has it.

    A stack that the goal does not name has to be empty.
    """
    stacks = {_bare(name): [block.lower() for block in blocks] for name, blocks in data["initial"].items()}
    for number, move in enumerate(_moves(answer), 1):
        source = stacks.get(move.source)
        if source is None or move.target not in stacks:
            return wrong(f"move {number}: no such stack")
        if move.source == move.target:
            return wrong(f"move {number}: the block stays where it is")
        if source[-1:] != [move.block]:
            return wrong(f"move {number}: {shown(move.block)} is not on top of stack {shown(move.source)}")
        stacks[move.target].append(source.pop())
    wanted = {_bare(name): [block.lower() for block in blocks] for name, blocks in data["goal"].items()}
    for name, blocks in stacks.items():
        if blocks != wanted.get(name, []):
            return wrong(f"stack {shown(name)} is not as wanted in the end")
    return right()


def _moves(answer: str) -> list[Move]:
    """Return the moves, one from each line, from the last correction on; remarks are passed over."""
    lines = [" ".join(line.lower().translate(_DRESS).split()) for line in answer.split("\n")]
    moves: list[Move] = []
    starts_anew = says_none = False
    last = 0
    for at, line in enumerate(lines):
        if match := _MOVE.fullmatch(line):
            if starts_anew:
                moves.clear()
            moves.append(Move(*match.groups()))
            starts_anew, last = False, at
        elif _NO_MOVES.fullmatch(line):
            says_none = True
        elif _ACT.match(line) or _WAY.search(line):
            raise Unreadable(f"not a move: {shown(line)}")
        else:
            starts_anew = starts_anew or is_correction(line)
    if bool(moves) == says_none and any(lines):
        raise Unreadable(f"not a line of the form 'Move A from stack1 to stack2': {shown(answer)}")
    refuse_doubt("\n".join(lines[last:]), 0, len(lines[last]))
    return moves


def _bare(stack: str) -> str:
    return re.sub(r"^stack[ _]?", "", stack.lower())


def _placed(rng: Random, names: list[str], stacks: int) -> dict[str, list[str]]:
    """Put the blocks in random order on random stacks."""
    placed: dict[str, list[str]] = {f"stack{at}": [] for at in range(1, stacks + 1)}
    for name in rng.sample(names, len(names)):
        placed[rng.choice(list(placed))].append(name)
    return placed
