"""Reading answers out of model text.  Pure, bounded, total: no text makes a reader do anything but
return a value or raise `Unreadable`, in time linear in the text, and none evaluates model text.
"""

from pytest_codesteer.answers.arithmetic import Expression, parse
from pytest_codesteer.answers.candidates import Candidate, between, is_correction, refuse_doubt, standing
from pytest_codesteer.answers.choices import choice, yes_no
from pytest_codesteer.answers.latex import latex
from pytest_codesteer.answers.marks import Unreadable, boxed, final_answer, marked, shown
from pytest_codesteer.answers.mathematics import same_mathematics
from pytest_codesteer.answers.numbers import number, plain
from pytest_codesteer.answers.programs import called_program, program, without_programs
from pytest_codesteer.answers.structures import Value, structure, structures
from pytest_codesteer.answers.surds import PI, Exact, exact, square_root

__all__ = [
    "PI",
    "Candidate",
    "Exact",
    "Expression",
    "Unreadable",
    "Value",
    "between",
    "boxed",
    "called_program",
    "choice",
    "exact",
    "final_answer",
    "is_correction",
    "latex",
    "marked",
    "number",
    "parse",
    "plain",
    "program",
    "refuse_doubt",
    "same_mathematics",
    "shown",
    "square_root",
    "standing",
    "structure",
    "structures",
    "without_programs",
    "yes_no",
]
