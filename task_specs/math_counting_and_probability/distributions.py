"""Sharing out, grouping, and sequences under a rule."""

from math import comb, factorial, prod
from random import Random

from pytest_codesteer.task.boxed import Problem, script, wording


def sharing_sweets(rng: Random) -> Problem:
    """Equal things to different people."""
    n, k = rng.randint(6, 20), rng.randint(3, 5)
    each = rng.random() < 0.5
    if each:
        rule, other = "so that each of them gets at least one", "and no box stays empty"
    else:
        rule, other = "where some of them may get none", "and boxes may stay empty"
    text = wording(
        rng,
        f"In how many ways can {n} equal sweets be shared out among {k} children, {rule}?",
        f"{n} identical coins are put into {k} different boxes, {other}. How many ways are there to do so?",
    )
    answer = comb(n - 1, k - 1) if each else comb(n + k - 1, k - 1)
    reason = f"The {n} things in a row are parted by {k - 1} bars"
    program = """
    ways = {0: 1}
    for child in range(k):
        after = {}
        for given, count in ways.items():
            for more in range(1 if each else 0, n - given + 1):
                after[given + more] = after.get(given + more, 0) + count
        ways = after
    answer = ways[n]
    """
    return Problem(text, answer, reason, script(program, n=n, k=k, each=each))


def bounded_sums(rng: Random) -> Problem:
    """Whole numbers with a sum and an upper bound."""
    k, most = rng.randint(3, 4), rng.randint(4, 9)
    total = rng.randint(most + 1, k * most - 2)
    names = ("a", "b", "c", "d")[:k]
    text = (
        f"How many solutions in whole numbers from 0 to {most} does the equation {' + '.join(names)} = "
        f"{total} have?"
    )
    answer = sum(
        (-1) ** i * comb(k, i) * comb(total - i * (most + 1) + k - 1, k - 1)
        for i in range(k + 1)
        if total - i * (most + 1) >= 0
    )
    reason = f"From all solutions those with a number above {most} are taken away, by inclusion and exclusion"
    program = """
    from itertools import product
    answer = sum(sum(numbers) == total for numbers in product(range(most + 1), repeat=k))
    """
    return Problem(text, answer, reason, script(program, k=k, most=most, total=total))


def no_empty_box(rng: Random) -> Problem:
    """Different things into different boxes, none empty."""
    k = rng.randint(2, 4)
    n = rng.randint(k + 1, 8 if k < 4 else 7)
    text = wording(
        rng,
        f"In how many ways can {n} different books be given to {k} children so that every child gets "
        "at least one?",
        f"{n} tourists check in at {k} hotels. In how many ways can they do so if no hotel stays empty?",
    )
    answer = sum((-1) ** i * comb(k, i) * (k - i) ** n for i in range(k + 1))
    reason = f"From {k}^{n} ways those that leave out some are taken away, by inclusion and exclusion"
    program = """
    from itertools import product
    answer = sum(len(set(given)) == k for given in product(range(k), repeat=n))
    """
    return Problem(text, answer, reason, script(program, n=n, k=k))


def teams(rng: Random) -> Problem:
    """Equal groups without names."""
    size, groups = rng.choice(
        ((2, 3), (2, 4), (2, 5), (3, 2), (3, 3), (3, 4), (4, 2), (4, 3), (5, 2), (6, 2))
    )
    n = size * groups
    text = wording(
        rng,
        f"In how many ways can {n} players be divided into {groups} teams of {size}, if the teams have "
        "no names?",
        f"{n} pupils work in {groups} groups of {size} each. In how many ways can the groups be formed?",
    )
    answer = factorial(n) // (factorial(size) ** groups * factorial(groups))
    reason = f"Of {n}! orders those are the same that differ inside the teams or in the order of the teams"
    program = """
    from itertools import combinations

    def ways(left):
        if not left:
            return 1
        first, *others = left
        return sum(ways([x for x in others if x not in mates]) for mates in combinations(others, size - 1))

    answer = ways(list(range(n)))
    """
    return Problem(text, answer, reason, script(program, n=n, size=size))


def no_two_neighbours(rng: Random) -> Problem:
    """Chosen places with gaps between them."""
    n = rng.randint(8, 15)
    k = rng.randint(2, 4)
    ring = rng.random() < 0.5
    place = "around a round table" if ring else "in a row"
    text = (
        f"{n} chairs stand {place}. In how many ways can {k} of the chairs be chosen so that no two of "
        "them are next to each other?"
    )
    answer = comb(n - k + 1, k) if not ring else comb(n - k, k) * n // (n - k)
    reason = f"Taken out, the other {n - k} chairs leave gaps, of which {k} different ones are used"
    program = """
    from itertools import combinations
    answer = 0
    for chosen in combinations(range(n), k):
        near = any(b - a == 1 or (ring and b - a == n - 1) for a, b in combinations(chosen, 2))
        answer += not near
    """
    return Problem(text, answer, reason, script(program, n=n, k=k, ring=ring))


def rising_functions(rng: Random) -> Problem:
    """Sequences that never fall."""
    length, most = rng.randint(3, 5), rng.randint(4, 8)
    strict = rng.random() < 0.5 and most >= length
    rule = "each larger than the one before" if strict else "none smaller than the one before"
    text = f"How many sequences of {length} numbers from 1 to {most} are there, {rule}?"
    answer = comb(most, length) if strict else comb(most + length - 1, length)
    reason = "Such a sequence is determined by the numbers that it holds"
    program = """
    from itertools import pairwise, product
    answer = sum(
        all(a < b if strict else a <= b for a, b in pairwise(numbers))
        for numbers in product(range(1, most + 1), repeat=length)
    )
    """
    return Problem(text, answer, reason, script(program, length=length, most=most, strict=strict))


def letter_codes(rng: Random) -> Problem:
    """Codes with and without repetition."""
    letters, digits, m = rng.randint(1, 3), rng.randint(1, 3), rng.randint(5, 26)
    repeat = rng.random() < 0.5
    rule = "may be repeated" if repeat else "are not repeated"
    text = (
        f"A code consists of {letters} of the {m} letters A to {chr(64 + m)} followed by {digits} of the 10 "
        f"digits, where letters and digits {rule}. How many codes are there?"
    )
    if letters + digits < 3:
        text = text.replace(f", where letters and digits {rule}", "")
    first, second = (prod(n if repeat else n - i for i in range(k)) for n, k in ((m, letters), (10, digits)))
    reason = f"There are {m} choices for the first letter and 10 for the first digit, and so on"
    program = """
    from itertools import permutations, product

    def count(signs, places):
        codes = product(range(signs), repeat=places) if repeat else permutations(range(signs), places)
        return sum(1 for code in codes)

    answer = count(m, letters) * count(10, digits)
    """
    return Problem(
        text, first * second, reason, script(program, m=m, letters=letters, digits=digits, repeat=repeat)
    )
