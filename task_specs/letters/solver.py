"""Letters, solved: where one letter stands in a word."""


def positions(word: str, letter: str) -> list[int]:
    """Return the positions of the letter, from 1."""
    return [at for at, other in enumerate(word, start=1) if other == letter]


def counted(word: str, letter: str) -> str:
    """Return count and positions as the question wants them."""
    found = positions(word, letter)
    return f"Count: {len(found)}, Positions: {found}"
