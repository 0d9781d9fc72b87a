"""Reading answers out of model text.  Pure, bounded, total: no text makes a reader do anything but
return a value or raise `Unreadable`, in time linear in the text, and none evaluates model text.
"""

from pytest_codesteer.answers.arithmetic import Expression, parse
from pytest_codesteer.answers.choices import choice, yes_no
from pytest_codesteer.answers.marks import Unreadable, boxed, final_answer, marked, shown
from pytest_codesteer.answers.numbers import number, plain
from pytest_codesteer.answers.programs import called_program, program, without_programs
from pytest_codesteer.answers.structures import Value, structure

__all__ = [
    "Expression",
    "Unreadable",
    "Value",
    "boxed",
    "called_program",
    "choice",
    "final_answer",
    "marked",
    "number",
    "parse",
    "plain",
    "program",
    "shown",
    "structure",
    "without_programs",
    "yes_no",
]
