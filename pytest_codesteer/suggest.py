"""What a user may have meant: one sentence for every unknown name."""

from collections.abc import Iterable
from difflib import get_close_matches


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the message for a *name* that is not among the *known* ones.

    >>> unknown("method", "all_cod", ["all_code", "all_text"])
    "unknown method 'all_cod'; did you mean 'all_code'?"
    """
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(names) or 'none'}"
    return f"unknown {kind} {name!r}; {hint}"
