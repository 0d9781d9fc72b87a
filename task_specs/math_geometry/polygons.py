"""Quadrilaterals and other polygons."""

from fractions import Fraction
from random import Random

from pytest_codesteer.answers import exact
from pytest_codesteer.answers import square_root as root
from pytest_codesteer.task.boxed import Problem, script, wording

from .figures import right_triangle

_NAMES = {
    5: "pentagon",
    6: "hexagon",
    7: "heptagon",
    8: "octagon",
    9: "nonagon",
    10: "decagon",
    12: "dodecagon",
}


def rectangle_from_perimeter(rng: Random) -> Problem:
    """One side and the perimeter given."""
    width, length = rng.randint(2, 30), rng.randint(2, 30)
    text = wording(
        rng,
        f"A rectangle has a perimeter of {2 * (width + length)} and one side of length {width}. What "
        "is its area?",
        f"To fence in a rectangular garden {width} m wide takes {2 * (width + length)} m of fence. What "
        "is the area of the garden in square metres?",
    )
    reason = f"Half the perimeter is {width + length}, so the other side is {length}"
    program = "answer = next(width * side for side in range(perimeter) if 2 * (width + side) == perimeter)"
    return Problem(text, width * length, reason, script(program, width=width, perimeter=2 * (width + length)))


def square_diagonal(rng: Random) -> Problem:
    """The diagonal from the area or the perimeter."""
    side = rng.randint(2, 40)
    given = rng.choice((f"an area of {side * side}", f"a perimeter of {4 * side}"))
    text = f"A square has {given}. How long are its diagonals?"
    reason = f"Its side is {side}, and the diagonal is sqrt(2) times as long"
    program = "from math import dist\nanswer = dist((0, 0), (side, side))"
    return Problem(text, root(2) * side, reason, script(program, side=side))


def interior_angle(rng: Random) -> Problem:
    """Of a regular polygon."""
    n = rng.choice((5, 7, 8, 9, 10, 11, 12, 14, 15, 16, 18, 20, 21, 24, 25, 28, 30, 32, 35, 36, 40, 48, 50))
    text = wording(
        rng,
        f"How many degrees is each interior angle of a regular polygon with {n} sides?",
        f"All {n} angles of a convex polygon are equal. How many degrees is each of them?",
    )
    reason = f"Each exterior angle is 360/{n} degrees, and the interior angle makes up the rest of 180"
    program = """
    from fractions import Fraction
    answer = Fraction(sum(180 for triangle in range(n - 2)), n)
    """
    return Problem(text, 180 - Fraction(360, n), reason, script(program, n=n))


def trapezoid(rng: Random) -> Problem:
    """The area, or a side from the area."""
    short, more, height = rng.randint(3, 20), rng.randint(1, 20), rng.randint(3, 25)
    area = Fraction((2 * short + more) * height, 2)
    if rng.random() < 0.5:
        text = (
            f"The parallel sides of a trapezoid are {short} and {short + more} long and lie {height} "
            "apart. Find its area."
        )
        reason = f"The area is the mean of the parallel sides, ({short} + {short + more})/2, times {height}"
        program = """
        points = [(0, 0), (short + more, 0), (short + 1, height), (1, height)]
        answer = abs(sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(points, points[1:] + points[:1]))) / 2
        """
        return Problem(text, area, reason, script(program, short=short, more=more, height=height))
    text = (
        f"A trapezoid with an area of {area} has parallel sides at a distance of {height} from each "
        f"other. One of them is {short} long. How long is the other one?"
    )
    reason = f"The parallel sides add up to twice the area over the height, that is to {2 * short + more}"
    program = f"from fractions import Fraction\nanswer = 2 * Fraction({str(area)!r}) / height - short"
    return Problem(text, short + more, reason, script(program, short=short, height=height))


def rhombus(rng: Random) -> Problem:
    """The perimeter from the diagonals, or the height."""
    p, q = rng.randint(2, 15) * 2, rng.randint(2, 15) * 2
    square = (p * p + q * q) // 4
    program = "from math import dist\nside = dist((p / 2, 0), (0, q / 2))\n"
    if rng.random() < 0.5:
        text = f"The diagonals of a rhombus are {p} and {q} long. What is its perimeter?"
        reason = f"Half the diagonals are the legs of a right triangle, so the square of the side is {square}"
        return Problem(text, 4 * root(square), reason, script(f"{program}answer = 4 * side", p=p, q=q))
    text = f"A rhombus has diagonals of length {p} and {q}. How far are two opposite sides of it apart?"
    reason = (
        f"The area is {p} * {q}/2, and the square of the side is {square}; the distance is area over side"
    )
    program += "area = sum(p / 2 * q / 2 / 2 for triangle in range(4))\nanswer = area / side"
    return Problem(text, Fraction(p * q, 2) / root(square), reason, script(program, p=p, q=q))


def sides_from_angle(rng: Random) -> Problem:
    """The number of sides, or of diagonals, of a regular polygon."""
    n = rng.choice((8, 9, 10, 12, 15, 18, 20, 24, 30, 36, 40, 45, 60, 72, 90, 120, 180))
    asked = rng.choice(("sides", "diagonals"))
    text = (
        f"Each exterior angle of a regular polygon measures {360 // n} degrees. How many {asked} does "
        "the polygon have?"
    )
    answer = n if asked == "sides" else n * (n - 3) // 2
    reason = f"The exterior angles add up to 360 degrees, so there are {n} sides"
    if asked == "diagonals":
        reason += f", and {n} * ({n} - 3)/2 diagonals"
    program = """
    from itertools import combinations
    n = next(n for n in range(3, 361) if n * angle == 360)
    pairs = [(i, j) for i, j in combinations(range(n), 2) if j - i not in (1, n - 1)]
    answer = n if asked == "sides" else len(pairs)
    """
    return Problem(text, answer, reason, script(program, angle=360 // n, asked=asked))


def regular_hexagon(rng: Random) -> Problem:
    """The area from the side or from the distance of opposite sides."""
    size = rng.randint(2, 50)
    if rng.random() < 0.5:
        text = f"A regular hexagon has sides of length {size}. Find its area."
        answer, reason = (
            root(3) * Fraction(3 * size * size, 2),
            f"It consists of six equilateral triangles of side {size}",
        )
        radius = "size"
    else:
        text = f"Opposite sides of a regular hexagon are {size} apart. What is the area of the hexagon?"
        answer = root(3) * Fraction(size * size, 2)
        reason = f"The side is {size}/sqrt(3), and the area 3 sqrt(3)/2 times the square of it"
        radius = "size / 2 / cos(pi / 6)"
    program = f"""
from math import cos, pi, sin
points = [({radius} * cos(k * pi / 3), {radius} * sin(k * pi / 3)) for k in range(6)]
answer = sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(points, points[1:] + points[:1])) / 2
"""
    return Problem(text, answer, reason, script(program, size=size))


def isosceles_trapezoid(rng: Random) -> Problem:
    """Its area or its diagonal from its sides."""
    height, half, leg = right_triangle(rng, most_scale=2)
    short = rng.randint(2, 20)
    given = (
        f"An isosceles trapezoid has parallel sides of length {short} and {short + 2 * half}, and its "
        f"other two sides are {leg} long."
    )
    if rng.random() < 0.5:
        text, answer = f"{given} What is its area?", exact((short + half) * height)
        reason = (
            f"Its height is a leg of a right triangle with the leg {half} and the hypotenuse {leg}: {height}"
        )
        program = "height = (leg * leg - half * half) ** 0.5\nanswer = height * (short + half)"
    else:
        text, answer = f"{given} How long are its diagonals?", root((short + half) ** 2 + height**2)
        reason = f"By Ptolemy's theorem the square of a diagonal is {leg}^2 + {short} * {short + 2 * half}"
        program = "height = (leg * leg - half * half) ** 0.5\nanswer = abs(complex(short + half, height))"
    return Problem(text, answer, reason, script(program, short=short, half=half, leg=leg))


def regular_octagon(rng: Random) -> Problem:
    """The area of an octagon, or of what is left of a square."""
    side = rng.randint(2, 40)
    text = wording(
        rng,
        f"What is the area of a regular octagon with sides of length {side}?",
        "Equal corners are cut off a square piece of card so that a regular octagon with sides of "
        f"{side} cm is left. How many square centimetres does the octagon cover?",
    )
    reason = (
        f"It is a square of side {side}(1 + sqrt(2)) without four corners that make up a square of "
        f"side {side}"
    )
    program = """
    from math import cos, pi, sin
    radius = side / 2 / sin(pi / 8)
    points = [(radius * cos(k * pi / 4), radius * sin(k * pi / 4)) for k in range(8)]
    answer = sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(points, points[1:] + points[:1])) / 2
    """
    return Problem(text, 2 * side**2 * (1 + root(2)), reason, script(program, side=side))


def folded_sheet(rng: Random) -> Problem:
    """The crease when opposite corners meet."""
    width = rng.randint(3, 20)
    length = width + rng.randint(1, 15)
    text = (
        f"A rectangular sheet of paper is {width} cm wide and {length} cm long. It is folded so that "
        "two opposite corners lie on each other. How many centimetres long is the crease?"
    )
    square = width**2 + length**2
    reason = (
        "The crease crosses the middle of the diagonal at a right angle; its length is "
        f"{width}/{length} times sqrt({square})"
    )
    program = """
    from math import dist
    # The crease holds the points that are as far from (0, 0) as from (length, width).
    x = (length * length + width * width) / (2 * length)
    answer = dist((x, 0), (length - x, width))
    """
    return Problem(
        text, root(square) * Fraction(width, length), reason, script(program, width=width, length=length)
    )


def inscribed_square(rng: Random) -> Problem:
    """A square in a right triangle, in one of two positions."""
    a, b, c = right_triangle(rng, most_scale=3)
    if rng.random() < 0.5:
        text = (
            f"A right triangle has legs {a} and {b}. A square is drawn inside it with one corner at "
            "the right angle and the opposite corner on the hypotenuse. What is the side length of "
            "the square?"
        )
        reason = f"The square cuts off similar triangles, so its side is {a} * {b}/({a} + {b})"
        program = "from fractions import Fraction\nanswer = 1 / (Fraction(1, a) + Fraction(1, b))"
        return Problem(text, Fraction(a * b, a + b), reason, script(program, a=a, b=b))
    text = (
        f"A right triangle has legs {a} and {b}. A square is drawn inside it with one side on the "
        "hypotenuse and one corner on each leg. What is the side length of the square?"
    )
    reason = f"The hypotenuse is {c} and its altitude {a} * {b}/{c}; the side is their product over their sum"
    program = """
    from math import hypot
    c = hypot(a, b)
    altitude = a * b / c
    low, high = 0.0, altitude
    for _ in range(100):  # the width of the triangle at the height of the side is the side
        side = (low + high) / 2
        low, high = (side, high) if c * (altitude - side) / altitude > side else (low, side)
    answer = round(low, 10)
    """
    return Problem(text, Fraction(a * b * c, c * c + a * b), reason, script(program, a=a, b=b))


def cyclic_quadrilateral(rng: Random) -> Problem:
    """The area, by Brahmagupta."""
    while True:
        lengths = [rng.randint(2, 12) for _ in range(4)]
        if 2 * max(lengths) < sum(lengths) and len(set(lengths)) > 2:
            break
    a, b, c, d = lengths
    text = (
        f"All four corners of a quadrilateral lie on one circle. Its sides are, in order, {a}, {b}, "
        f"{c} and {d} long. Find its area."
    )
    product = (-a + b + c + d) * (a - b + c + d) * (a + b - c + d) * (a + b + c - d)
    reason = f"By Brahmagupta's formula 16 times the square of the area is {product}"
    program = """
    from math import sqrt
    # Opposite angles add up to 180 degrees, so both halves say the same of the diagonal.
    cosine = (a * a + b * b - c * c - d * d) / (2 * (a * b + c * d))
    answer = (a * b + c * d) * sqrt(1 - cosine * cosine) / 2
    """
    return Problem(text, root(product) / 4, reason, script(program, a=a, b=b, c=c, d=d))
