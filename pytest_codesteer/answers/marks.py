"""Where the answer stands in a final text.

Every function here is pure, takes time linear in the text, and evaluates nothing.
"""

import re

MOST_CHARS = 100_000  # of an answer; the longest real one (a plan for 32 agents) has 20,000

_UNSEEN = dict.fromkeys([0x200B, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_FENCED = re.compile(r"```[ \t]*\w*[ \t]*\r?\n(?P<inside>(?:(?!```).)*)```", re.DOTALL)
_TAGGED = re.compile(r"<(?P<tag>[A-Za-z]{1,20})>(?P<inside>[^<>]*)</(?P=tag)>")


class Unreadable(ValueError):
    """The answer is not in the form that the question asked for."""


def marked(text: str) -> str | None:
    """Return what stands between the last ``<<<`` and ``>>>``, or None.

    Signs in excess (``<<<<5>>>>``) belong to the marks, not to the answer.  Marks that are nowhere closed, or
    with too few signs (``<<<5>>``), hold all that follows.

    >>> marked("so <<<1>>>, no: <<< 2 >>>")
    '2'
    """
    end = text.rfind(">>>")
    start = text.rfind("<<<", 0, max(end, 0))
    if start < 0:
        _, opened, rest = text.rpartition("<<<")
        return (opened and rest.strip().strip("<>").strip()) or None
    return text[start + 3 : end].strip().strip("<>").strip()


def boxed(text: str) -> str | None:
    r"""Return what stands in the last ``\boxed{...}``, braces balanced, or None.

    >>> boxed(r"hence \boxed{\frac{1}{2}}.")
    '\\frac{1}{2}'
    """
    start = text.rfind("\\boxed{")
    if start < 0:
        return None
    depth = 0
    for at in range(start + len("\\boxed"), len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return text[start + len("\\boxed{") : at].strip()
    return None


def final_answer(text: str) -> str:
    r"""Return the answer in a final text: the last ``<<<...>>>``, else the last ``\boxed{}``, else all.

    Signs that nobody sees, and a code fence, a tag or a box around all of it, are no part of it.  It is
    empty when the marks hold nothing: an empty plan can be right.  Raises `Unreadable` when there is nothing
    without marks, or more than `MOST_CHARS`.
    """
    text = text.translate(_UNSEEN)
    answer = marked(text)
    if answer is None:
        answer = boxed(text)
        if answer is None:
            answer = text.strip()
        if not answer:
            raise Unreadable("no answer")
    if len(answer) > MOST_CHARS:
        raise Unreadable(f"the answer has {len(answer):,} characters; at most {MOST_CHARS:,} are read")
    if dressed := _TAGGED.fullmatch(answer) or _FENCED.fullmatch(answer):
        answer = dressed["inside"].strip()
    inside = boxed(answer)
    if inside is not None and answer.split() == f"\\boxed{{{inside}}}".split():
        return inside
    return answer


def shown(text: object, most: int = 40) -> str:
    r"""Return model text as a message may quote it: one line of at most *most* characters.

    >>> shown("a\tb")
    "'a\\tb'"
    """
    quoted = repr(text if not isinstance(text, str) else text[: most + 1])
    return quoted if len(quoted) <= most else quoted[: most - 4] + "...'"
