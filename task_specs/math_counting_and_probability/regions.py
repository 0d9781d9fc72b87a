"""Geometric probability: random points, times and lengths."""

from fractions import Fraction
from random import Random

from pytest_codesteer.answers import PI
from pytest_codesteer.task.boxed import Problem, script, wording

#: Source text for the integral of a function that is smooth between the *corners* (Simpson's rule).
_INTEGRAL = """
def integral(f, corners, steps=1000):
    total = 0
    for start, end in zip(corners, corners[1:]):
        h = (end - start) / steps
        inner = sum(f(start + i * h) * (4 if i % 2 else 2) for i in range(1, steps))
        total += h / 3 * (f(start) + inner + f(end))
    return total

"""


def point_on_a_segment(rng: Random) -> Problem:
    """One random number."""
    length, place = rng.randint(6, 30), rng.randint(1, 6)
    near = rng.randint(1, 5)
    text = (
        f"A point is chosen at random on a segment of length {length}. What is the probability that it "
        f"is at most {near} away from the point that lies {place} from the left end?"
    )
    good = min(length, place + near) - max(0, place - near)
    reason = f"The favourable part of the segment is {good} long"
    program = """
    from fractions import Fraction
    cells = [x for x in range(length) if abs(2 * x + 1 - 2 * place) <= 2 * near]
    answer = Fraction(len(cells), length)
    """
    return Problem(
        text, Fraction(good, length), reason, script(program, length=length, place=place, near=near)
    )


def meeting(rng: Random) -> Problem:
    """Two people who wait for each other."""
    whole, wait = 60, rng.choice((5, 6, 8, 10, 12, 15, 18, 20, 24, 25, 30, 36, 40))
    other = rng.choice((wait, 5, 10, 12, 15, 20, 30))
    text = (
        "Rosa and Sven each arrive at a cafe at a random moment between 5 and 6 o'clock. Rosa stays "
        f"for {wait} minutes and Sven for {other} minutes. What is the probability that they meet?"
    )
    answer = 1 - Fraction((whole - wait) ** 2 + (whole - other) ** 2, 2 * whole**2)
    reason = (
        f"In the square of their times, two triangles with legs of {whole - wait} and {whole - other} "
        "minutes are unfavourable"
    )
    program = f"""{_INTEGRAL}
def span(x):  # the times at which Sven may come, when Rosa comes at x
    return min(60, x + wait) - max(0, x - other)

answer = round(integral(span, sorted([0, other, 60 - wait, 60])) / 3600, 12)
"""
    return Problem(text, answer, reason, script(program, wait=wait, other=other))


def near_a_corner(rng: Random) -> Problem:
    """A random point in a square, and a circle."""
    side = rng.randint(2, 20)
    r = rng.randint(1, side // 2)
    at_corner = rng.random() < 0.5
    where = f"{'a given corner' if at_corner else 'the centre'} of the square"
    text = (
        f"A point is chosen at random in a square with sides of length {side}. What is the probability "
        f"that its distance from {where} is at most {r}?"
    )
    answer = PI * Fraction(r * r, (4 if at_corner else 1) * side * side)
    reason = f"The favourable points form a {'quarter of a ' if at_corner else ''}circle of radius {r}"
    program = f"""from math import cos, pi
{_INTEGRAL}quarter = integral(lambda t: (r * cos(t)) ** 2, [0, pi / 2])
answer = (quarter if at_corner else 4 * quarter) / side**2
"""
    return Problem(text, answer, reason, script(program, side=side, r=r, at_corner=at_corner))


def sum_of_two(rng: Random) -> Problem:
    """Two random numbers and their sum."""
    a, b = rng.randint(1, 6), rng.randint(1, 6)
    limit = rng.randint(1, a + b - 1) if a + b > 2 else 1
    text = (
        f"The number x is chosen at random between 0 and {a}, and y independently between 0 and {b}. "
        f"What is the probability that x + y is less than {limit}?"
    )
    area = Fraction(limit**2 - max(0, limit - a) ** 2 - max(0, limit - b) ** 2, 2)
    reason = f"In the rectangle of area {a * b} the favourable region has the area {area}"
    program = f"""{_INTEGRAL}
corners = sorted({{0, a, *(x for x in (limit, limit - b) if 0 < x < a)}})
answer = round(integral(lambda x: min(b, max(0, limit - x)), corners) / (a * b), 12)
"""
    return Problem(text, area / (a * b), reason, script(program, a=a, b=b, limit=limit))


def nearer_side(rng: Random) -> Problem:
    """A random point in a rectangle that is nearer to one side."""
    a, b = rng.randint(1, 25), rng.randint(1, 25)
    text = (
        f"A point is chosen at random in the rectangle with the corners (0, 0), ({a}, 0), ({a}, {b}) "
        f"and (0, {b}). What is the probability that it is closer to the side on the x-axis than to "
        "the side on the y-axis?"
    )
    answer = Fraction(a, 2 * b) if a <= b else 1 - Fraction(b, 2 * a)
    reason = "The favourable points lie below the line y = x"
    program = f"""{_INTEGRAL}
answer = round(integral(lambda x: min(x, b), sorted({{0, min(a, b), a}})) / (a * b), 12)
"""
    return Problem(text, answer, reason, script(program, a=a, b=b))


def broken_stick(rng: Random) -> Problem:
    """The longer part of a stick."""
    p = rng.randint(2, 25)
    text = wording(
        rng,
        "A stick is broken at a random point. What is the probability that the longer part is at "
        f"least {p} times as long as the shorter one?",
        f"A rope is cut in two at a random place. How probable is it that one piece is at least {p} "
        "times as long as the other?",
    )
    reason = f"The cut must be within 1/{p + 1} of the length from one of the ends"
    program = """
    from fractions import Fraction
    cells = 2 * (p + 1) * 10
    middle = [Fraction(2 * i + 1, 2 * cells) for i in range(cells)]
    answer = Fraction(sum(max(x, 1 - x) >= p * min(x, 1 - x) for x in middle), cells)
    """
    return Problem(text, Fraction(2, p + 1), reason, script(program, p=p))


def ring_of_a_board(rng: Random) -> Problem:
    """A random point in a disc."""
    r, inner, outer = rng.randint(4, 20), rng.randint(1, 2), rng.randint(3, 4)
    text = (
        f"A dart lands at a random point of a round board of radius {r}. What is the probability that "
        f"its distance from the centre is between {inner} and {outer}?"
    )
    reason = f"The ring is {outer**2 - inner**2} of {r**2} parts of the area"
    program = f"""from math import pi
{_INTEGRAL}ring = integral(lambda s: 2 * pi * s, [inner, outer])
answer = round(ring / integral(lambda s: 2 * pi * s, [0, r]), 12)
"""
    return Problem(
        text, Fraction(outer**2 - inner**2, r**2), reason, script(program, r=r, inner=inner, outer=outer)
    )
