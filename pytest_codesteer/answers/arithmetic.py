"""Expressions in + - * / and parentheses, read by our own grammar and computed in exact fractions.

    sum     = product { ("+" | "-") product }
    product = sign { ("*" | "/") sign }            two factors may stand side by side: 2(3+4)
    sign    = { "-" | "+" } atom
    atom    = number | "(" sum ")"

An expression is first read (`parse`), then looked at (`Expression.numbers`), and computed last
(`Expression.value`), so that a checker never computes with numbers it did not hand out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from pytest_codesteer.answers.marks import Unreadable, shown
from pytest_codesteer.answers.numbers import plain

MOST_TOKENS = 2_000
MOST_DIGITS = 40  # of one number

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([-+*/()]))")
_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "~": 3}  # "~" is the sign of a number
_POWER = re.compile(r"[\d)\]}]\s*\*\*\s*[\d(\[{\\+-]")  # else it is Markdown's bold
_TIMES = re.compile(r"(?<=[\d)\s])[xX](?=[\d(\s])")
_LATEX = re.compile(r"\\[cdt]?frac(?![A-Za-z])|[{}]|\s+|\d|.", re.DOTALL)
_AFTER = {"": ")", "over": ")/", "under": "))"}  # what a closing brace stands for; frac{over}{under}


@dataclass(frozen=True, slots=True)
class Expression:
    """A well-formed expression, in reverse Polish order."""

    terms: tuple[Fraction | str, ...]  # numbers, and the signs + - * / and ~ (minus before a number)

    @property
    def numbers(self) -> list[Fraction]:
        """The numbers it uses, in order of appearance."""
        return [term for term in self.terms if isinstance(term, Fraction)]

    def value(self) -> Fraction:
        """Compute it exactly; a division by zero is `Unreadable`."""
        stack: list[Fraction] = []
        for term in self.terms:
            if isinstance(term, Fraction):
                stack.append(term)
            elif term == "~":
                stack.append(-stack.pop())
            else:
                right, left = stack.pop(), stack.pop()
                if term == "/" and not right:
                    raise Unreadable("divides by zero")
                stack.append(_computed(left, term, right))
        return stack[0]


def parse(text: str) -> Expression:
    r"""Read an expression; LaTeX and Unicode signs are understood.

    >>> parse(r"(11 \times 8 + 8) / 4").value()
    Fraction(24, 1)
    """
    output: list[Fraction | str] = []
    waiting: list[str] = []  # operators and open parentheses
    operand = False  # whether what stands just before is a number or a closing parenthesis
    last = ""
    for token in _tokens(text):
        if token[0].isdigit() or token == "(":
            if operand and last[-1].isdigit() and token != "(":
                raise _fault(text)
            if operand:
                _push("*", waiting, output)  # two factors side by side
            if token == "(":
                waiting.append(token)
            else:
                output.append(Fraction(token))
            operand = token != "("
        elif token == ")":
            _close(text, waiting, output, operand=operand)
        elif operand:
            _push(token, waiting, output)
            operand = False
        elif token == "-":
            waiting.append("~")
        elif token != "+":
            raise _fault(text)
        last = token
    if not operand or "(" in waiting:
        raise _fault(text)
    return Expression((*output, *reversed(waiting)))


def _tokens(text: str) -> Iterator[str]:
    if _POWER.search(text):
        raise _fault(text)
    source = plain(_without_braces(text.replace("\\boxed", "")))
    source = _TIMES.sub("*", source.replace("\\div", "/").replace("\u2022", "*"))
    source = source.replace("[", "(").replace("]", ")").strip(".;,'\"\u3002\u2713\u2714\u2705 \n")
    at = count = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        count += 1
        if match is None or count > MOST_TOKENS or len(match[0].strip()) > MOST_DIGITS:
            raise _fault(text)
        yield match[1] or match[2]
        at = match.end()


def _without_braces(text: str) -> str:
    r"""Return *text* with parentheses for braces, and LaTeX's fractions as quotients.

    >>> _without_braces(r"8 / \frac{1}3")
    '8 / ((1)/3)'
    """
    output: list[str] = []
    opened: list[str] = []  # what each open brace holds
    awaited = ""  # the part of a fraction that comes next
    for token in _LATEX.findall(text):
        if token.startswith("\\") and len(token) > 1:
            output.append("(")
            awaited = "over"
        elif token == "{":
            output.append("(")
            opened.append(awaited)
            awaited = ""
        elif token == "}":
            closed = opened.pop() if opened else ""
            output.append(_AFTER[closed])
            awaited = "under" if closed == "over" else ""
        elif awaited and not token.isspace():  # a part of one sign needs no braces
            output.append(token + _AFTER[awaited][1:])
            awaited = "under" if awaited == "over" else ""
        else:
            output.append(token)
    return "".join(output)


def _push(operator: str, waiting: list[str], output: list[Fraction | str]) -> None:
    while waiting and waiting[-1] != "(" and _BINDING[waiting[-1]] >= _BINDING[operator]:
        output.append(waiting.pop())
    waiting.append(operator)


def _close(text: str, waiting: list[str], output: list[Fraction | str], *, operand: bool) -> None:
    while waiting and waiting[-1] != "(":
        output.append(waiting.pop())
    if not operand or not waiting:
        raise _fault(text)
    waiting.pop()


def _computed(left: Fraction, operator: str, right: Fraction) -> Fraction:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return left / right


def _fault(text: str) -> Unreadable:
    return Unreadable(f"not an expression in + - * /: {shown(text)}")
