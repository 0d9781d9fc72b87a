"""Probabilities with dice, coins and marbles."""

from fractions import Fraction
from math import comb
from random import Random

from pytest_codesteer.task.boxed import Problem, script, wording

_COLOURS = ("red", "blue", "green", "yellow", "white", "black")


def one_marble(rng: Random) -> Problem:
    """A single draw."""
    numbers = [rng.randint(2, 15) for _ in range(3)]
    colours = rng.sample(_COLOURS, 3)
    listed = ", ".join(f"{n} {c}" for n, c in zip(numbers[:2], colours, strict=False))
    text = wording(
        rng,
        f"A bag holds {listed} and {numbers[2]} {colours[2]} marbles. One marble is drawn at random. "
        f"What is the probability that it is not {colours[0]}?",
        f"In a drawer there are {listed} and {numbers[2]} {colours[2]} socks. A sock is taken out "
        f"blindly. How probable is it that the sock is {colours[1]} or {colours[2]}?",
    )
    reason = f"Of {sum(numbers)} in all, {sum(numbers[1:])} are of the other colours"
    program = """
    from fractions import Fraction
    bag = [colour for colour, count in enumerate(numbers) for _ in range(count)]
    answer = Fraction(sum(colour > 0 for colour in bag), len(bag))
    """
    return Problem(text, Fraction(sum(numbers[1:]), sum(numbers)), reason, script(program, numbers=numbers))


def two_dice(rng: Random) -> Problem:
    """The sum of two dice."""
    sides = rng.choice((4, 6, 6, 8, 10))
    total = rng.randint(3, 2 * sides - 1)
    test = rng.choice(("exactly", "at least", "at most"))
    text = wording(
        rng,
        f"Two fair dice with {sides} sides, numbered from 1 to {sides}, are rolled. What is the "
        f"probability that the sum is {test} {total}?",
        f"A fair {sides}-sided die with the numbers 1 to {sides} is rolled twice. How probable is a "
        f"sum of {test} {total}?",
    )
    ways = {s: sides - abs(s - sides - 1) for s in range(2, 2 * sides + 1)}
    low, high = {"exactly": (total, total), "at least": (total, 99), "at most": (0, total)}[test]
    good = sum(count for s, count in ways.items() if low <= s <= high)
    program = """
    from fractions import Fraction
    sums = [a + b for a in range(1, sides + 1) for b in range(1, sides + 1)]
    answer = Fraction(sum(low <= s <= high for s in sums), len(sums))
    """
    reason = f"Of {sides**2} equally likely rolls {good} are such"
    return Problem(text, Fraction(good, sides**2), reason, script(program, sides=sides, low=low, high=high))


def coin_flips(rng: Random) -> Problem:
    """At least so many heads."""
    n = rng.randint(3, 8)
    k = rng.randint(1, n - 1)
    test = rng.choice(("exactly", "at least"))
    text = wording(
        rng,
        f"A fair coin is flipped {n} times. What is the probability of {test} {k} "
        f"head{'s' if k > 1 else ''}?",
        f"Each of {n} children is, independently of the others, equally likely to be a girl or a boy. What "
        "is the probability that "
        f"{test} {k} of them {'are girls' if k > 1 else 'is a girl'}?",
    )
    good = comb(n, k) if test == "exactly" else sum(comb(n, i) for i in range(k, n + 1))
    program = """
    from fractions import Fraction
    from itertools import product
    heads = [sum(flips) for flips in product((0, 1), repeat=n)]
    answer = Fraction(sum(h == k if test == "exactly" else h >= k for h in heads), len(heads))
    """
    return Problem(
        text,
        Fraction(good, 2**n),
        f"Of {2**n} equally likely results {good} are such",
        script(program, n=n, k=k, test=test),
    )


def two_of_a_colour(rng: Random) -> Problem:
    """Two draws without putting back."""
    a, b = rng.randint(3, 12), rng.randint(3, 12)
    same = rng.random() < 0.5
    first, second = rng.sample(_COLOURS, 2)
    event = "have the same colour" if same else "have different colours"
    text = wording(
        rng,
        f"A box contains {a} {first} and {b} {second} balls. Two balls are drawn at random without "
        f"being put back. What is the probability that they {event}?",
        f"From {a} {first} and {b} {second} gloves, two are taken out in the dark. What is the "
        f"probability that the two {event}?",
    )
    pairs = comb(a + b, 2)
    alike = comb(a, 2) + comb(b, 2)
    program = """
    from fractions import Fraction
    from itertools import combinations
    pairs = [x == y for x, y in combinations("a" * a + "b" * b, 2)]
    answer = Fraction(pairs.count(same), len(pairs))
    """
    reason = f"Of the {pairs} pairs {alike} are of one colour"
    return Problem(
        text, Fraction(alike if same else pairs - alike, pairs), reason, script(program, a=a, b=b, same=same)
    )


def three_dice(rng: Random) -> Problem:
    """The sum, or the largest number, of three dice."""
    sides = rng.choice((4, 6, 8, 10))
    dice = f"Three fair dice with the numbers 1 to {sides} are rolled."
    if rng.random() < 0.5:
        wanted = rng.randint(2, sides)
        text = f"{dice} What is the probability that the largest number shown is {wanted}?"
        good, rule = wanted**3 - (wanted - 1) ** 3, "max(roll) == wanted"
        reason = f"All three show at most {wanted}, but not all at most {wanted - 1}"
    else:
        wanted = rng.randint(5, 3 * sides - 2)
        text = f"{dice} What is the probability that the numbers add up to {wanted}?"
        beyond = [max(wanted - sides * i - 1, 0) for i in range(3)]
        good, rule = sum((-1) ** i * comb(3, i) * comb(beyond[i], 2) for i in range(3)), "sum(roll) == wanted"
        reason = f"Of {sides**3} equally likely rolls {good} have that sum"
    program = f"""
from fractions import Fraction
from itertools import product
rolls = list(product(range(1, sides + 1), repeat=3))
answer = Fraction(sum({rule} for roll in rolls), len(rolls))
"""
    return Problem(text, Fraction(good, sides**3), reason, script(program, wanted=wanted, sides=sides))
