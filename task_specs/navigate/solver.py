"""Navigate, solved: the sentences read, and the walk taken."""

import re
from collections.abc import Iterable
from typing import NamedTuple

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
AHEAD = {"forward": 1, "right": -1j, "backward": -1, "left": 1j}  # times where one faces
COMPASS = {"north": 1j, "east": 1, "south": -1j, "west": -1}
TURNS = {"right": -1j, "around": -1, "left": 1j}

_GO = re.compile(r"(?:Take|Walk|Go|Move) (\w+) steps?(?: (?:to the )?([a-z]+))?\.")
_TURN = re.compile(r"(?:Turn|Make a) (?:to the )?(left|right|around)(?: turn)?\.")
_DEGREES = re.compile(r"Turn (\d+) degrees to the (left|right)\.")
_REPEAT = re.compile(r"Repeat the last (\w+) instructions\.")
_NO_INSTRUCTION = re.compile(r".*\?|(?:Always face|Keep facing|You start facing) .*")


class Instruction(NamedTuple):
    """One sentence of a walk."""

    kind: str  # go, turn, or repeat
    amount: int = 0  # of steps, or of instructions to repeat
    way: str = ""


def solution(text: str) -> str:
    """Return Yes or No: whether the walk ends where it starts."""
    sentences = re.split(r"(?<=[.?]) ", text.partition("\n")[0].strip())
    return "No" if end(read(each) for each in sentences if not _NO_INSTRUCTION.fullmatch(each)) else "Yes"


def read(sentence: str) -> Instruction:
    """Return the instruction that *sentence* gives."""
    if go := _GO.fullmatch(sentence):
        return Instruction("go", _number(go[1]), go[2] or "forward")
    if turn := _TURN.fullmatch(sentence):
        return Instruction("turn", way=turn[1])
    if degrees := _DEGREES.fullmatch(sentence):
        turned = TURNS[degrees[2]] ** (int(degrees[1]) // 90)
        return Instruction("turn", way=next(way for way in TURNS if TURNS[way] == turned))
    if repeat := _REPEAT.fullmatch(sentence):
        return Instruction("repeat", _number(repeat[1]))
    raise ValueError(f"not an instruction: {sentence:.60}")


def end(instructions: Iterable[Instruction]) -> complex:
    """Return where a walk ends, seen from its start: east is 1, north is 1j.  It starts facing north."""
    place, facing = 0j, 1j
    done: list[Instruction] = []
    for instruction in instructions:
        for each in done[-instruction.amount :] if instruction.kind == "repeat" else [instruction]:
            if each.kind == "turn":
                facing *= TURNS[each.way]
            elif each.way in COMPASS:
                place += each.amount * COMPASS[each.way]
            else:
                place += each.amount * AHEAD[each.way] * facing
            done.append(each)
    return place


def _number(word: str) -> int:
    return int(word) if word.isdigit() else WORDS.index(word)
