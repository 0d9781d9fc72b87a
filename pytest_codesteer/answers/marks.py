"""Where the answer stands in a final text.

Every function here is pure, takes time linear in the text, and evaluates nothing.
"""

import re

MOST_CHARS = 100_000  # of an answer; the longest real one (a plan for 32 agents) has 20,000

_CORRECTION = re.compile(
    r"\b(?:wait|actually|correction|sorry|oops|scratch that)\s*[,.:;!\u2014-]", re.IGNORECASE
)


class Unreadable(ValueError):
    """The answer is not in the form that the question asked for."""


def marked(text: str) -> str | None:
    """Return what stands between the last ``<<<`` and ``>>>``, or None.

    Signs in excess (``<<<<5>>>>``) belong to the marks, not to the answer.

    >>> marked("so <<<1>>>, no: <<< 2 >>>")
    '2'
    """
    end = text.rfind(">>>")
    start = text.rfind("<<<", 0, max(end, 0))
    if end < 0 or start < 0:
        return None
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

    It is empty when the marks hold nothing: an empty plan can be right.  Raises `Unreadable` when there is
    nothing without marks, or more than `MOST_CHARS`.
    """
    answer = marked(text)
    if answer is None:
        answer = boxed(text)
        if answer is None:
            answer = text.strip()
        if not answer:
            raise Unreadable("no answer")
    if len(answer) > MOST_CHARS:
        raise Unreadable(f"the answer has {len(answer):,} characters; at most {MOST_CHARS:,} are read")
    return answer


def corrected(text: str) -> str:
    """Return what follows the last words that take back what stands before them, or all without such words.

    >>> corrected("5. Wait, no: 7")
    ' no: 7'
    """
    end = max((match.end() for match in _CORRECTION.finditer(text)), default=0)
    return text[end:]


def shown(text: object, most: int = 40) -> str:
    r"""Return model text as a message may quote it: one line of at most *most* characters.

    >>> shown("a\tb")
    "'a\\tb'"
    """
    quoted = repr(text if not isinstance(text, str) else text[: most + 1])
    return quoted if len(quoted) <= most else quoted[: most - 4] + "...'"
