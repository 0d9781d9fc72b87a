"""Triangles of any shape: areas, and lines and circles that belong to them."""

from fractions import Fraction
from random import Random

from pytest_codesteer.answers import PI
from pytest_codesteer.answers import square_root as root
from pytest_codesteer.task.boxed import Problem, script, wording

from .figures import PLACED, sides, sixteen_area_squared


def three_sides(rng: Random) -> Problem:
    """The area, by Heron."""
    a, b, c = sides(rng, most=17)
    text = wording(
        rng,
        f"Find the area of a triangle with sides of length {a}, {b} and {c}.",
        f"A field is bounded by three straight fences of {a}, {b} and {c} metres. What is its "
        "area in square metres?",
    )
    product = sixteen_area_squared(a, b, c)
    reason = f"By Heron's formula 16 times the square of the area is {product}"
    return Problem(text, root(product) / 4, reason, script(f"{PLACED}answer = c * C[1] / 2", a=a, b=b, c=c))


def median(rng: Random) -> Problem:
    """The length of a median."""
    a, b, c = sides(rng, most=16)
    text = (
        f"In triangle ABC we have BC = {a}, CA = {b} and AB = {c}. Let M be the midpoint of BC. Find "
        "the length of AM."
    )
    square = 2 * b * b + 2 * c * c - a * a
    reason = f"By the theorem of Apollonius 4 AM^2 = 2*{b}^2 + 2*{c}^2 - {a}^2 = {square}"
    program = f"{PLACED}answer = dist(A, ((B[0] + C[0]) / 2, (B[1] + C[1]) / 2))"
    return Problem(text, root(square) / 2, reason, script(program, a=a, b=b, c=c))


def bisected_side(rng: Random) -> Problem:
    """The parts that the bisector of an angle makes."""
    a, b, c = sides(rng, most=20)
    text = (
        f"A triangle ABC has the sides AB = {c}, BC = {a} and CA = {b}. The bisector of angle A meets "
        "BC at D. What is the length of BD?"
    )
    reason = f"The bisector divides BC in the ratio of the sides, so BD is {c}/({b} + {c}) of {a}"
    program = f"""{PLACED}
from math import atan2
low, high = 0.0, 1.0
for _ in range(100):
    part = (low + high) / 2
    D = (B[0] + part * (C[0] - B[0]), B[1] + part * (C[1] - B[1]))
    low, high = (part, high) if atan2(D[1], D[0]) < atan2(C[1], C[0]) / 2 else (low, part)
answer = low * a
"""
    return Problem(text, Fraction(a * c, b + c), reason, script(program, a=a, b=b, c=c))


def opposite_side(rng: Random) -> Problem:
    """The law of cosines for 60 and 120 degrees."""
    b, c, angle = rng.randint(3, 15), rng.randint(3, 15), rng.choice((60, 120))
    text = wording(
        rng,
        f"Two sides of a triangle are {b} and {c}, and the angle between them is {angle} degrees. Find "
        "the length of the third side.",
        f"Two straight roads leave a village at an angle of {angle} degrees. One hiker has gone {b} km "
        f"along the first, another {c} km along the second. How many kilometres are they apart?",
    )
    square = b * b + c * c + (b * c if angle == 120 else -b * c)
    reason = f"By the law of cosines the square of the length is {square}"
    program = """
    from math import cos, dist, radians, sin
    answer = dist((b, 0), (c * cos(radians(angle)), c * sin(radians(angle))))
    """
    return Problem(text, root(square), reason, script(program, b=b, c=c, angle=angle))


def included_angle(rng: Random) -> Problem:
    """The area from two sides and the angle between them."""
    b, c, angle = rng.randint(3, 20), rng.randint(3, 20), rng.choice((30, 45, 60, 120, 135, 150))
    text = (
        f"In triangle KLM the sides KL and KM are {b} and {c} long, and angle K measures {angle} "
        "degrees. What is the area of the triangle?"
    )
    doubled = {30: root(1), 45: root(2), 60: root(3)}[min(angle, 180 - angle)]
    reason = f"The area is half the product of {b}, {c} and the sine of {angle} degrees"
    program = """
    from math import radians, sin
    answer = b * (c * sin(radians(angle))) / 2
    """
    return Problem(text, doubled * Fraction(b * c, 4), reason, script(program, b=b, c=c, angle=angle))


def cevian(rng: Random) -> Problem:
    """A line from a corner to a point of the opposite side, by Stewart."""
    a, b, c = sides(rng, most=16)
    part = rng.randint(1, a - 1)
    text = (
        f"In triangle ABC we have AB = {c}, AC = {b} and BC = {a}. The point D lies on BC with BD = "
        f"{part}. Find AD."
    )
    square = Fraction(b * b * part + c * c * (a - part), a) - part * (a - part)
    reason = (
        f"By Stewart's theorem AD^2 = ({b}^2*{part} + {c}^2*{a - part})/{a} - {part}*{a - part} = {square}"
    )
    program = f"{PLACED}D = tuple(p + (q - p) * part / a for p, q in zip(B, C))\nanswer = dist(A, D)"
    return Problem(text, root(square), reason, script(program, a=a, b=b, c=c, part=part))


def from_medians(rng: Random) -> Problem:
    """The area of a triangle whose medians are known."""
    a, b, c = sides(rng, most=16)
    text = f"The three medians of a triangle are {a}, {b} and {c} long. What is the area of the triangle?"
    product = sixteen_area_squared(a, b, c)
    reason = (
        f"The medians form a triangle with 3/4 of the area, and 16 times the square of its area is {product}"
    )
    program = f"""{PLACED}
# Two thirds of the medians are the distances of the centroid from the corners.
G, P = (0.0, 0.0), (2 * a / 3, 0.0)
cosine = (4 * c * c - 4 * a * a - 4 * b * b) / (8 * a * b)
Q = (2 * b / 3 * cosine, 2 * b / 3 * sqrt(1 - cosine * cosine))
answer = 3 * P[0] * Q[1] / 2
"""
    return Problem(text, root(product) / 3, reason, script(program, a=a, b=b, c=c))


def inner_triangle(rng: Random) -> Problem:
    """Three lines from the corners cut out a triangle, by Routh."""
    n, area = rng.randint(2, 9), rng.randint(1, 60)
    text = (
        f"A triangle ABC has area {area}. The points D, E and F lie on the sides BC, CA and AB such "
        f"that BD = {n} DC, CE = {n} EA and AF = {n} FB. What is the area of the triangle that the "
        "lines AD, BE and CF enclose?"
    )
    reason = f"By Routh's theorem the part is ({n} - 1)^2/({n}^2 + {n} + 1) of the whole"
    program = """
    from fractions import Fraction

    def between(p, q):  # n times as far from p as from q
        return [(x + n * y) / Fraction(n + 1) for x, y in zip(p, q)]

    def crossing(p, q, r, s):
        def cross(u, v):
            return u[0] * v[1] - u[1] * v[0]
        d, e = [y - x for x, y in zip(p, q)], [y - x for x, y in zip(r, s)]
        t = Fraction(cross([y - x for x, y in zip(p, r)], e)) / cross(d, e)
        return [x + t * y for x, y in zip(p, d)]

    A, B, C = (0, 0), (2 * area, 0), (0, 1)
    D, E, F = between(B, C), between(C, A), between(A, B)
    corners = [crossing(A, D, B, E), crossing(B, E, C, F), crossing(C, F, A, D)]
    answer = abs(sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(corners, corners[1:] + corners[:1]))) / 2
    """
    answer = Fraction((n - 1) ** 2 * area, n * n + n + 1)
    return Problem(text, answer, reason, script(program, n=n, area=area))


def inscribed_circle(rng: Random) -> Problem:
    """The radius or the area of the circle in a triangle."""
    a, b, c = sides(rng, most=17)
    product, whole = sixteen_area_squared(a, b, c), a + b + c
    asked = rng.choice(("radius", "area"))
    text = f"A triangle has sides of length {a}, {b} and {c}. Find the {asked} of its inscribed circle."
    reason = f"The radius is twice the area of the triangle, sqrt({product})/4, over its perimeter, {whole}"
    answer = root(product) / (2 * whole) if asked == "radius" else PI * Fraction(product, 4 * whole**2)
    program = f"""{PLACED}
from math import atan2, pi, tan
# The centre is on the bisectors of the angles at A and B.
s, t = tan(atan2(C[1], C[0]) / 2), tan(atan2(C[1], B[0] - C[0]) / 2)
radius = c * s * t / (s + t)
answer = radius if asked == "radius" else pi * radius * radius
"""
    return Problem(text, answer, reason, script(program, a=a, b=b, c=c, asked=asked))


def circumscribed_circle(rng: Random) -> Problem:
    """The radius of the circle around a triangle."""
    a, b, c = sides(rng, most=17)
    text = wording(
        rng,
        f"What is the radius of the circle through the corners of a triangle with sides {a}, {b} and {c}?",
        f"The sides of a triangle are {a}, {b} and {c} long. Which radius does its circumscribed "
        "circle have?",
    )
    product = sixteen_area_squared(a, b, c)
    reason = f"The radius is the product of the sides over four times the area, which is sqrt({product})"
    program = f"""{PLACED}
x = c / 2
y = (C[0] * C[0] + C[1] * C[1] - c * C[0]) / (2 * C[1])
answer = dist((x, y), A)
"""
    return Problem(text, a * b * c / root(product), reason, script(program, a=a, b=b, c=c))
