"""Boxes, cylinders, cones, spheres and pyramids."""

from fractions import Fraction
from random import Random

from pytest_codesteer.answers import PI
from pytest_codesteer.answers import square_root as root
from pytest_codesteer.task.boxed import Problem, script, wording

from .figures import INTEGRAL, right_triangle


def box_surface(rng: Random) -> Problem:
    """The surface, or what paint it takes without the lid."""
    a, b, c = (rng.randint(2, 20) for _ in range(3))
    lid = rng.random() < 0.5
    kind = "closed box" if lid else "box without a lid"
    text = (
        f"A {kind} is {a} cm long, {b} cm wide and {c} cm high. What is the area of "
        "its outer surface in square centimetres?"
    )
    answer = (2 if lid else 1) * a * b + 2 * a * c + 2 * b * c
    reason = (
        f"The bottom has {a * b} square centimetres, and the four sides have {2 * a * c + 2 * b * c} together"
    )
    program = """
    from itertools import combinations
    faces = [x * y for x, y in combinations((a, b, c), 2) for _ in range(2)]
    answer = sum(faces) - (0 if lid else a * b)
    """
    return Problem(text, answer, reason, script(program, a=a, b=b, c=c, lid=lid))


def cylinder(rng: Random) -> Problem:
    """Volume or surface."""
    r, h = rng.randint(2, 15), rng.randint(2, 25)
    if rng.random() < 0.5:
        text = f"A cylinder has a diameter of {2 * r} and a height of {h}. Find its volume."
        program = f"{INTEGRAL}answer = integral(lambda z: pi * r * r, 0, h)"
        return Problem(text, PI * r * r * h, f"The volume is pi * {r}^2 * {h}", script(program, r=r, h=h))
    text = (
        f"A closed cylindrical can has a radius of {r} cm and a height of {h} cm. How many square "
        "centimetres of tin form its surface?"
    )
    reason = f"The two lids have pi * {r}^2 each, and the side is 2 pi * {r} wide and {h} high"
    program = "from math import pi\nanswer = 2 * pi * r * (r + h)"
    return Problem(text, PI * (2 * r * r + 2 * r * h), reason, script(program, r=r, h=h))


def sphere(rng: Random) -> Problem:
    """Volume from surface, or surface from volume."""
    r = rng.randint(1, 40)
    if rng.random() < 0.5:
        text = (
            f"The surface of a ball measures {4 * r * r} pi square centimetres. What is its volume in "
            "cubic centimetres?"
        )
        answer, reason = (
            PI * Fraction(4 * r**3, 3),
            f"The radius is {r} cm, and the volume 4/3 pi times the cube of it",
        )
        program = (
            f"{INTEGRAL}r = sqrt(surface / 4 / pi)\nanswer = integral(lambda z: pi * (r * r - z * z), -r, r)"
        )
        return Problem(
            text, answer, reason, script(f"from math import pi\nsurface = {4 * r * r} * pi\n{program}")
        )
    text = (
        f"A ball has a radius of {r} cm. A second ball has a surface that is twice as large. What is "
        "the volume of the second ball in cubic centimetres?"
    )
    answer = PI * root(2) * Fraction(8 * r**3, 3)
    reason = f"The radius of the second ball is {r} sqrt(2) cm"
    program = f"{INTEGRAL}R = r * sqrt(2)\nanswer = integral(lambda z: pi * (R * R - z * z), -R, R)"
    return Problem(text, answer, reason, script(program, r=r))


def cone(rng: Random) -> Problem:
    """The volume from the slant height, or the side surface from the height."""
    r, more = rng.randint(2, 12), rng.randint(1, 10)
    if rng.random() < 0.5:
        text = (
            f"A cone has a base of radius {r}, and the distance from its tip to the edge of the base "
            f"is {r + more}. What is its volume?"
        )
        answer = root((r + more) ** 2 - r * r) * PI * Fraction(r * r, 3)
        reason = f"The square of its height is {r + more}^2 - {r}^2 = {(r + more) ** 2 - r * r}"
        program = (
            f"{INTEGRAL}h = sqrt(more * (2 * r + more))\nanswer = integral(lambda z: pi * (r * z / h) "
            "** 2, 0, h)"
        )
        return Problem(text, answer, reason, script(program, r=r, more=more))
    text = (
        f"The roof of a round tower is a cone {more} m high whose base has a radius of {r} m. How many "
        "square metres of roof are to be tiled?"
    )
    answer = PI * r * root(r * r + more * more)
    reason = (
        f"The slant height is sqrt({r}^2 + {more}^2), and the side of a cone is pi times radius times "
        "slant height"
    )
    program = (
        f"{INTEGRAL}slant = sqrt(r * r + h * h)\nanswer = integral(lambda s: 2 * pi * r * s / slant, "
        "0, slant)"
    )
    return Problem(text, answer, reason, script(program, r=r, h=more))


def ball_and_cube(rng: Random) -> Problem:
    """A ball around a cube, or a cube in a ball."""
    size = rng.randint(2, 40)
    if rng.random() < 0.5:
        text = (
            f"All corners of a cube with edges of length {size} lie on a sphere. What is the volume of "
            "the ball?"
        )
        answer, reason = (
            PI * root(3) * Fraction(size**3, 2),
            f"The diameter of the ball is the diagonal of the cube, {size} sqrt(3)",
        )
        program = (
            f"{INTEGRAL}r = sqrt(3 * size * size) / 2\nanswer = integral(lambda z: pi * (r * r - z * "
            "z), -r, r)"
        )
        return Problem(text, answer, reason, script(program, size=size))
    text = f"The largest possible cube is cut out of a ball of radius {size}. What is the volume of the cube?"
    answer, reason = (
        root(3) * Fraction(8 * size**3, 9),
        f"The diagonal of the cube is {2 * size}, so its edge is {2 * size}/sqrt(3)",
    )
    program = "from math import dist\nedge = 2 * size / dist((0, 0, 0), (1, 1, 1))\nanswer = edge**3"
    return Problem(text, answer, reason, script(program, size=size))


def frustum(rng: Random) -> Problem:
    """A cone without its tip."""
    r, more, h = rng.randint(1, 9), rng.randint(1, 9), rng.randint(2, 18)
    large = r + more
    text = wording(
        rng,
        f"A bucket is {h} cm deep; its round bottom has a radius of {r} cm and its round opening one "
        f"of {large} cm. How many cubic centimetres does it hold?",
        f"A cone is cut parallel to its base. The lower part is {h} high, and its two circular faces "
        f"have the radii {large} and {r}. Find the volume of that part.",
    )
    reason = f"The volume is pi * {h}/3 times {r}^2 + {r} * {large} + {large}^2"
    program = f"{INTEGRAL}answer = integral(lambda z: pi * (r + more * z / h) ** 2, 0, h)"
    answer = PI * Fraction(h * (r * r + r * large + large * large), 3)
    return Problem(text, answer, reason, script(program, r=r, more=more, h=h))


def tetrahedron(rng: Random) -> Problem:
    """The height or volume of a regular tetrahedron."""
    edge = rng.randint(2, 50)
    asked = rng.choice(("volume", "height"))
    text = f"Every edge of a tetrahedron is {edge} long. What is its {asked}?"
    answer = root(2) * Fraction(edge**3, 12) if asked == "volume" else root(6) * Fraction(edge, 3)
    reason = f"The height is sqrt(2/3) times the edge {edge}, and the base is an equilateral triangle"
    program = """
    scale = edge / 8**0.5  # four corners of a cube of edge 2
    volume = (8 - 4 * 8 / 6) * scale**3
    base = 3**0.5 / 4 * edge * edge
    answer = volume if asked == "volume" else 3 * volume / base
    """
    return Problem(text, answer, reason, script(program, edge=edge, asked=asked))


def pyramid(rng: Random) -> Problem:
    """The surface or the volume of a square pyramid."""
    half, h = rng.randint(1, 12), rng.randint(2, 20)
    if rng.random() < 0.5:
        text = (
            f"A pyramid has a square base with sides of length {2 * half}, and its tip is {h} above "
            "the middle of the base. What is its total surface?"
        )
        answer = 4 * half**2 + 4 * half * root(half**2 + h**2)
        reason = f"The altitude of each side face is sqrt({half}^2 + {h}^2)"
        program = (
            "slant = abs(complex(half, h))\nanswer = 4 * half * half + sum(2 * half * slant / 2 for "
            "face in range(4))"
        )
        return Problem(text, answer, reason, script(program, half=half, h=h))
    edge = 2 * half + h
    text = (
        f"The base of a pyramid is a square with sides of length {2 * half}. The other four edges are "
        f"{edge} long. Find the volume of the pyramid."
    )
    answer = root(edge**2 - 2 * half**2) * Fraction(4 * half**2, 3)
    reason = f"The square of its height is {edge}^2 - 2 * {half}^2 = {edge**2 - 2 * half**2}"
    program = (
        f"{INTEGRAL}height = sqrt(edge**2 - 2 * half**2)\nanswer = integral(lambda z: (2 * half * z / "
        "height) ** 2, 0, height)"
    )
    return Problem(text, answer, reason, script(program, half=half, edge=edge))


def ball_in_cone(rng: Random) -> Problem:
    """The largest ball that fits in."""
    r, h, slant = right_triangle(rng, most_scale=3)
    asked = rng.choice(("radius", "volume"))
    text = (
        f"A cone has a base of radius {r} and a height of {h}. What is the {asked} of the largest ball "
        "that fits into it?"
    )
    size = Fraction(r * h, r + slant)
    answer = size if asked == "radius" else PI * size**3 * Fraction(4, 3)
    reason = f"The slant height is {slant}, and the radius of the ball is {r} * {h}/({r} + {slant})"
    program = """
    from math import atan2, pi, tan
    radius = r * tan(atan2(h, r) / 2)
    answer = radius if asked == "radius" else 4 / 3 * pi * radius**3
    """
    return Problem(text, answer, reason, script(program, r=r, h=h, asked=asked))


def turned_triangle(rng: Random) -> Problem:
    """A right triangle turned about its longest side."""
    a, b, c = right_triangle(rng, most_scale=5)
    text = (
        f"A right triangle with the legs {a} and {b} is rotated about its hypotenuse. What is the "
        "volume of the solid that it sweeps out?"
    )
    answer = PI * Fraction(a * a * b * b, 3 * c)
    reason = f"The solid consists of two cones with the radius {a} * {b}/{c} and the total height {c}"
    program = f"""{INTEGRAL}
c = sqrt(a * a + b * b)
foot = a * a / c
answer = integral(lambda x: pi * (x * b / a) ** 2, 0, foot)
answer += integral(lambda x: pi * (x * a / b) ** 2, 0, c - foot)
"""
    return Problem(text, answer, reason, script(program, a=a, b=b))
