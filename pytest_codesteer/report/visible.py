"""Text of any origin, made fit to be looked at."""

import re

# What moves the cursor, sets colours or titles, turns the direction of writing, or is no character at all.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)


def visible(text: str) -> str:
    r"""Return text in which control characters are written out; line ends and tabs stay.

    >>> visible("\x1b[31mred\x07")
    '\\x1b[31mred\\x07'
    """
    return _UNSAFE.sub(lambda sign: sign[0].encode("unicode_escape").decode("ascii"), text)
