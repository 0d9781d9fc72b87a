"""Word problems: a text with slots, what is drawn for the slots, and the steps to the answer.

A slot is ``name:kind``, the kind being "big" (as many digits as the level says), a range "2-9", a list
"250|500", "money" (dollars and cents) or "percent".  A step is an assignment; the last one is the answer.
Every step comes out above zero and whole, those of *fine* with at most two decimals; so do *needs*.
{name}, {other} and {third} are people.
"""

from typing import NamedTuple


class Story(NamedTuple):
    """One word problem."""

    text: str
    slots: str
    steps: str
    fine: str = ""
    needs: str = ""
