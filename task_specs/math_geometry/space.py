"""Distances and volumes in space."""

from fractions import Fraction
from random import Random

from pytest_codesteer.answers import square_root as root
from pytest_codesteer.task.boxed import Problem, script, wording


def space_diagonal(rng: Random) -> Problem:
    """Of a box, or an edge from it."""
    a, b, c = (rng.randint(2, 15) for _ in range(3))
    text = wording(
        rng,
        f"What is the greatest distance between two points of a box with edges of length {a}, {b} and {c}?",
        f"A fly sits in one corner of a room that is {a} m long, {b} m wide and {c} m high. How many "
        "metres away is the corner farthest from it, in a straight line?",
    )
    reason = f"The square of the length is {a}^2 + {b}^2 + {c}^2 = {a * a + b * b + c * c}"
    program = "from math import dist\nanswer = dist((0, 0, 0), (a, b, c))"
    return Problem(text, root(a * a + b * b + c * c), reason, script(program, a=a, b=b, c=c))


def crawling_ant(rng: Random) -> Problem:
    """The shortest way over the surface of a box."""
    a, b, c = (rng.randint(2, 15) for _ in range(3))
    text = (
        f"An ant sits at a corner of a closed box with edges of length {a}, {b} and {c}. How long is "
        "its shortest way, on the surface of the box, to the opposite corner?"
    )
    square = min((a + b) ** 2 + c * c, (a + c) ** 2 + b * b, (b + c) ** 2 + a * a)
    reason = (
        "Of the three ways to unfold two faces into a rectangle the best one has a diagonal with the "
        f"square {square}"
    )
    program = """
    from math import hypot

    def way(width, first, second):  # over an edge of this width, crossed at the best place
        low, high = 0.0, float(width)
        length = lambda x: hypot(x, first) + hypot(width - x, second)
        for _ in range(200):
            left, right = (2 * low + high) / 3, (low + 2 * high) / 3
            low, high = (low, right) if length(left) < length(right) else (left, high)
        return length((low + high) / 2)

    answer = min(way(a, b, c), way(b, a, c), way(c, a, b))
    """
    return Problem(text, root(square), reason, script(program, a=a, b=b, c=c))


def plane_distance(rng: Random) -> Problem:
    """From the origin to a plane through three points on the axes."""
    a, b, c = (rng.randint(1, 12) for _ in range(3))
    text = (
        f"A plane cuts the axes of a coordinate system at ({a}, 0, 0), (0, {b}, 0) and (0, 0, {c}). "
        "How far is it from the origin?"
    )
    square = (b * c) ** 2 + (a * c) ** 2 + (a * b) ** 2
    reason = (
        f"The tetrahedron has the volume {a}*{b}*{c}/6, and its slanted face has the area sqrt({square})/2"
    )
    program = """
    from math import dist, sqrt
    p, q, r = dist((a, 0), (0, b)), dist((b, 0), (0, c)), dist((a, 0), (0, c))
    s = (p + q + r) / 2
    answer = a * b * c / 2 / sqrt(s * (s - p) * (s - q) * (s - r))
    """
    return Problem(text, a * b * c / root(square), reason, script(program, a=a, b=b, c=c))


def tetrahedron_volume(rng: Random) -> Problem:
    """From the coordinates of its corners."""
    while True:
        corners = [[rng.randint(-5, 6) for _ in range(3)] for _ in range(4)]
        u, v, w = ([x - y for x, y in zip(p, corners[0], strict=True)] for p in corners[1:])
        six = abs(
            u[0] * (v[1] * w[2] - v[2] * w[1])
            - u[1] * (v[0] * w[2] - v[2] * w[0])
            + u[2] * (v[0] * w[1] - v[1] * w[0])
        )
        if six:
            break
    named = ", ".join(str(tuple(p)) for p in corners[:-1]) + f" and {tuple(corners[-1])}"
    text = f"Find the volume of the tetrahedron with the corners {named}."
    reason = (
        f"The determinant of the three edges that leave one corner is {six} in size, six times the volume"
    )
    program = """
    from fractions import Fraction
    rows = [[Fraction(x) for x in (*p, 1)] for p in corners]
    volume = Fraction(1, 6)
    for i in range(4):  # Gauss
        pivot = next((r for r in range(i, 4) if rows[r][i]), i)
        rows[i], rows[pivot] = rows[pivot], rows[i]
        volume *= rows[i][i]
        for r in range(i + 1, 4):
            rows[r] = [x - y * rows[r][i] / rows[i][i] for x, y in zip(rows[r], rows[i])]
    answer = abs(volume)
    """
    return Problem(text, Fraction(six, 6), reason, script(program, corners=corners))
