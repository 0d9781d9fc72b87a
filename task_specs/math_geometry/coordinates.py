"""Points, lines, circles and planes in coordinates."""

from fractions import Fraction
from random import Random

from pytest_codesteer.answers import PI
from pytest_codesteer.answers import square_root as root
from pytest_codesteer.task.boxed import Problem, script, wording

Point = tuple[int, int]


def _point(rng: Random, most: int = 12) -> Point:
    return rng.randint(-most, most), rng.randint(-most, most)


def _doubled_area(*points: Point) -> int:
    return sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(points, points[1:] + points[:1], strict=True))


def _triangle(rng: Random, most: int = 9) -> tuple[Point, Point, Point]:
    """Draw three points that are not on one line."""
    while True:
        a, b, c = _point(rng, most), _point(rng, most), _point(rng, most)
        if _doubled_area(a, b, c):
            return a, b, c


def distance(rng: Random) -> Problem:
    """Between two points."""
    p, q = rng.sample([(x, y) for x in range(-9, 10) for y in range(-9, 10)], 2)
    text = wording(
        rng,
        f"What is the distance between the points {p} and {q}?",
        f"Find the length of the segment that joins {p} to {q} in the coordinate plane.",
    )
    dx, dy = q[0] - p[0], q[1] - p[1]
    reason = f"The coordinates differ by {abs(dx)} and {abs(dy)}"
    program = "from math import dist\nanswer = dist(p, q)"
    return Problem(text, root(dx * dx + dy * dy), reason, script(program, p=p, q=q))


def midpoint(rng: Random) -> Problem:
    """The middle, or the other end."""
    p, q = _point(rng), _point(rng)
    if rng.random() < 0.5:
        text = f"Find the midpoint of the segment from {p} to {q}. Give it as an ordered pair."
        middle = Fraction(p[0] + q[0], 2), Fraction(p[1] + q[1], 2)
        program = "answer = f'({p[0] + (q[0] - p[0]) / 2}, {p[1] + (q[1] - p[1]) / 2})'"
        return Problem(
            text, middle, "Its coordinates are the means of those of the ends", script(program, p=p, q=q)
        )
    text = (
        f"The midpoint of the segment AB is {q}, and A is {p}. What are the coordinates of B? Give "
        "them as an ordered pair."
    )
    answer = 2 * q[0] - p[0], 2 * q[1] - p[1]
    program = "answer = tuple(middle + (middle - end) for end, middle in zip(p, q))"
    return Problem(
        text, answer, "B is as far from the midpoint as A, on the other side", script(program, p=p, q=q)
    )


def moved_point(rng: Random) -> Problem:
    """A reflection or a quarter turn."""
    p = _point(rng)
    move = rng.choice(("x", "y", "diagonal", "turn"))
    by = {
        "x": "reflected in the x-axis",
        "y": "reflected in the y-axis",
        "diagonal": "reflected in the line y = x",
        "turn": "rotated by 90 degrees counterclockwise about the origin",
    }[move]
    text = (
        f"The point {p} is {by} and then moved 3 units to the right. Where does it end up? Give an "
        "ordered pair."
    )
    x, y = p
    x, y = {"x": (x, -y), "y": (-x, y), "diagonal": (y, x), "turn": (-y, x)}[move]
    reason = f"After the first move it is at ({x}, {y})"
    program = """
    z = complex(*p)
    z = {"x": z.conjugate(), "y": -z.conjugate(), "diagonal": 1j * z.conjugate(), "turn": 1j * z}[move] + 3
    answer = (int(z.real), int(z.imag))
    """
    return Problem(text, (x + 3, y), reason, script(program, p=p, move=move))


def polygon_area(rng: Random) -> Problem:
    """The area of a triangle or quadrilateral from its corners."""
    corners: tuple[Point, ...] = _triangle(rng)
    kind = "triangle"
    if rng.random() < 0.5:
        kind = "quadrilateral"
        (dx, dy), (right, top, left, bottom) = _point(rng, 5), (rng.randint(1, 9) for _ in range(4))
        corners = ((dx + right, dy), (dx, dy + top), (dx - left, dy), (dx, dy - bottom))
    named = ", ".join(map(str, corners[:-1])) + f" and {corners[-1]}"
    text = f"What is the area of the {kind} with its corners, in this order, at {named}?"
    reason = (
        f"The cross products of neighbouring corners add up to {abs(_doubled_area(*corners))}, twice the area"
    )
    program = """
    from fractions import Fraction
    low = min(y for x, y in corners)
    total = 0
    for (x, y), (u, v) in zip(corners, corners[1:] + corners[:1]):  # the trapezoids below the sides
        total += Fraction((u - x) * (y + v - 2 * low), 2)
    answer = abs(total)
    """
    return Problem(text, Fraction(abs(_doubled_area(*corners)), 2), reason, script(program, corners=corners))


def crossing_lines(rng: Random) -> Problem:
    """Where two lines meet."""
    a, b, c, d = rng.randint(-6, 6), rng.randint(-9, 9), rng.randint(-6, 6), rng.randint(-9, 9)
    if a == c:
        a += rng.choice((1, 2, 3))
    text = f"At which point do the lines {_line(a, b)} and {_line(c, d)} cross? Give an ordered pair."
    x = Fraction(d - b, a - c)
    reason = f"Setting both equal gives {a - c}x = {d - b}"
    program = """
    from fractions import Fraction
    # Cramer's rule for a x - y = -b and c x - y = -d
    det = -a + c
    answer = f"({Fraction(b - d, det)}, {Fraction(-a * d + b * c, det)})"
    """
    return Problem(text, (x, a * x + b), reason, script(program, a=a, b=b, c=c, d=d))


def _line(slope: int, start: int) -> str:
    x = {0: "", 1: "x", -1: "-x"}.get(slope, f"{slope}x")
    if not x or not start:
        return f"y = {x or start}"
    return f"y = {x} {'-' if start < 0 else '+'} {abs(start)}"


def centroid(rng: Random) -> Problem:
    """The point where the medians meet, or the third corner from it."""
    a, b, c = _triangle(rng)
    if rng.random() < 0.5:
        text = (
            f"The corners of a triangle are {a}, {b} and {c}. At which point do its medians cross? "
            "Give an ordered pair."
        )
        crossing = Fraction(a[0] + b[0] + c[0], 3), Fraction(a[1] + b[1] + c[1], 3)
        program = """
        from fractions import Fraction
        middle = [Fraction(x + y, 2) for x, y in zip(b, c)]
        x, y = (p + Fraction(2, 3) * (q - p) for p, q in zip(a, middle))
        answer = f"({x}, {y})"
        """
        return Problem(
            text,
            crossing,
            "Its coordinates are the means of those of the corners",
            script(program, a=a, b=b, c=c),
        )
    text = (
        f"Two corners of a triangle are {a} and {b}, and its medians cross at {c}. What is its third "
        "corner? Give an ordered pair."
    )
    answer = 3 * c[0] - a[0] - b[0], 3 * c[1] - a[1] - b[1]
    program = """
    from fractions import Fraction
    middle = [Fraction(x + y, 2) for x, y in zip(a, b)]
    answer = f"({3 * c[0] - 2 * middle[0]}, {3 * c[1] - 2 * middle[1]})"
    """
    return Problem(
        text,
        answer,
        "The coordinates of the three corners add up to three times those of the crossing",
        script(program, a=a, b=b, c=c),
    )


def line_distance(rng: Random) -> Problem:
    """From a point to a line."""
    p = _point(rng, 8)
    a, b = rng.randint(1, 8), rng.randint(1, 8)
    while True:
        c = rng.randint(-20, 20)
        if a * p[0] + b * p[1] != c:
            break
    text = f"How far is the point {p} from the line {a if a > 1 else ''}x + {b if b > 1 else ''}y = {c}?"
    value = abs(a * p[0] + b * p[1] - c)
    reason = f"The distance is {value} over the root of {a}^2 + {b}^2 = {a * a + b * b}"
    program = """
    from math import dist
    # The foot of the perpendicular, on the line through (c / a, 0) in the direction (-b, a).
    t = (-b * (p[0] - c / a) + a * p[1]) / (a * a + b * b)
    answer = dist(p, (c / a - b * t, a * t))
    """
    return Problem(text, value / root(a * a + b * b), reason, script(program, p=p, a=a, b=b, c=c))


def circle_through(rng: Random) -> Problem:
    """The area of the circle through three points."""
    a, b, c = _triangle(rng, 6)
    text = wording(
        rng,
        f"A circle passes through the points {a}, {b} and {c}. What is its area?",
        f"Find the area of the circle that is circumscribed about the triangle with the corners {a}, "
        f"{b} and {c}.",
    )
    product = 1
    for p, q in ((a, b), (b, c), (c, a)):
        product *= (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2
    square = Fraction(product, 4 * _doubled_area(a, b, c) ** 2)
    reason = f"The radius is the product of the sides over four times the area; its square is {square}"
    program = """
    from math import pi
    (x, y), (u, v) = [(p - r, q - s) for (p, q), (r, s) in ((b, a), (c, a))]
    d = 2 * (x * v - y * u)
    s, t = x * x + y * y, u * u + v * v
    answer = pi * (((v * s - y * t) / d) ** 2 + ((x * t - u * s) / d) ** 2)
    """
    return Problem(text, PI * square, reason, script(program, a=a, b=b, c=c))


def circle_equation(rng: Random) -> Problem:
    """The radius, or the area, from the equation."""
    x, y, more = rng.randint(-9, 9), rng.randint(-9, 9), rng.randint(1, 60)
    text = wording(
        rng,
        f"What is the radius of the circle x^2 + y^2 {_term(-2 * x, 'x')} {_term(-2 * y, 'y')} = "
        f"{more - x * x - y * y}?",
        f"The points with x^2 + y^2 {_term(-2 * x, 'x')} {_term(-2 * y, 'y')} = {more - x * x - y * y} "
        "form a circle. Find its radius.",
    )
    text = " ".join(text.split())
    reason = f"Completing the squares gives (x - ({x}))^2 + (y - ({y}))^2 = {more}"
    program = """
    from math import sqrt
    # x^2 + y^2 + d x + e y = f; the circle meets the line y = -e / 2 at both ends of a diameter.
    constant = -e * e / 4 - f
    answer = sqrt(d * d - 4 * constant) / 2
    """
    numbers = {"d": -2 * x, "e": -2 * y, "f": more - x * x - y * y}
    return Problem(text, root(more), reason, script(program, **numbers))


def _term(factor: int, name: str) -> str:
    return f"{'-' if factor < 0 else '+'} {abs(factor)}{name}" if factor else ""


def diamond(rng: Random) -> Problem:
    """The area of a region of absolute values."""
    a, b, c = rng.randint(1, 9), rng.randint(1, 9), rng.randint(2, 40)
    of_x, of_y = (str(factor) if factor > 1 else "" for factor in (a, b))
    text = f"What is the area of the region of all points (x, y) with {of_x}|x| + {of_y}|y| <= {c}?"
    reason = f"It is a rhombus with its corners at distances of {c}/{a} and {c}/{b} from the origin"
    program = """
    from fractions import Fraction
    triangle = Fraction(c, a) * Fraction(c, b) / 2
    answer = sum(triangle for quadrant in range(4))
    """
    return Problem(text, Fraction(2 * c * c, a * b), reason, script(program, a=a, b=b, c=c))
