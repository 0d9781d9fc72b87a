"""Triangles with a right angle or equal sides, and similar ones."""

from fractions import Fraction
from random import Random

from pytest_codesteer.answers import square_root as root
from pytest_codesteer.task.boxed import Problem, script, wording

from .figures import PLACED, right_triangle


def missing_angle(rng: Random) -> Problem:
    """Two angles given."""
    a, b = rng.randint(15, 80), rng.randint(15, 80)
    text = wording(
        rng,
        f"In triangle PQR, angle P measures {a} degrees and angle Q measures {b} degrees. How many "
        "degrees does angle R measure?",
        f"A triangular flower bed has angles of {a} and {b} degrees at two of its corners. What is the "
        "angle at the third corner, in degrees?",
    )
    reason = f"The angles of a triangle add up to 180 degrees, and 180 - {a} - {b} = {180 - a - b}"
    program = "answer = next(c for c in range(1, 180) if a + b + c == 180)"
    return Problem(text, 180 - a - b, reason, script(program, a=a, b=b))


def hypotenuse(rng: Random) -> Problem:
    """Both legs given."""
    a, b = rng.randint(2, 14), rng.randint(2, 14)
    text = wording(
        rng,
        f"The legs of a right triangle are {a} and {b} long. How long is its hypotenuse?",
        f"A boat sails {a} km due north and then {b} km due east. How many kilometres is it from its "
        "starting point?",
    )
    reason = f"By the theorem of Pythagoras the square of the length is {a}^2 + {b}^2 = {a * a + b * b}"
    program = "from math import hypot\nanswer = hypot(a, b)"
    return Problem(text, root(a * a + b * b), reason, script(program, a=a, b=b))


def missing_leg(rng: Random) -> Problem:
    """The hypotenuse and a leg given."""
    leg = rng.randint(3, 15)
    long = leg + rng.randint(1, 12)
    text = wording(
        rng,
        f"A right triangle has a hypotenuse of length {long} and a leg of length {leg}. Find the "
        "length of the other leg.",
        f"A straight wire {long} m long runs from the top of a vertical mast to a point on level "
        f"ground {leg} m from its foot. How many metres tall is the mast?",
    )
    reason = f"The square of the length is {long}^2 - {leg}^2 = {long**2 - leg**2}"
    program = """
    from math import acos, sin
    answer = long * sin(acos(leg / long))
    """
    return Problem(text, root(long**2 - leg**2), reason, script(program, leg=leg, long=long))


def base_and_height(rng: Random) -> Problem:
    """The plain area."""
    base, height = rng.randint(3, 40), rng.randint(3, 40)
    text = wording(
        rng,
        f"A triangle has a base of {base} cm, and the height on that base is {height} cm. What is its "
        "area in square centimetres?",
        f"A sail has the shape of a triangle. One edge is {base} m long, and the opposite corner is "
        f"{height} m away from the line of that edge. How many square metres does the sail cover?",
    )
    reason = f"The area is half of {base} times {height}"
    program = """
    points = [(0, 0), (base, 0), (base * 2, height)]
    answer = abs(sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(points, points[1:] + points[:1]))) / 2
    """
    return Problem(text, Fraction(base * height, 2), reason, script(program, base=base, height=height))


def isosceles_angle(rng: Random) -> Problem:
    """The angle at the base from the one at the top."""
    top = rng.randint(12, 150)
    text = wording(
        rng,
        f"In triangle ABC the sides AB and AC are equal, and angle A measures {top} degrees. Find the "
        "measure of angle B in degrees.",
        f"The two equal sides of an isosceles triangle form an angle of {top} degrees. How many "
        "degrees is each of the other two angles?",
    )
    reason = (
        f"The two angles at the base are equal, so each of them is half of 180 - {top} = {180 - top} degrees"
    )
    program = """
    from math import atan2, cos, degrees, radians, sin
    x, y = cos(radians(top)), sin(radians(top))
    answer = round(degrees(atan2(y, 1 - x)), 9)
    """
    return Problem(text, Fraction(180 - top, 2), reason, script(program, top=top))


def sliding_ladder(rng: Random) -> Problem:
    """How far the top comes down when the foot moves out."""
    foot, top, ladder = right_triangle(rng, most_scale=2)
    while ladder - foot < 2:
        foot, top, ladder = right_triangle(rng, most_scale=2)
    out = rng.randint(1, min(8, ladder - foot - 1))
    text = (
        f"A ladder {ladder} dm long leans against a vertical wall, its foot on level ground {foot} dm "
        f"away from the wall. The foot is then pulled {out} dm further out. By how many decimetres "
        "does the top of the ladder come down?"
    )
    left = ladder**2 - (foot + out) ** 2
    reason = (
        f"The top was {top} dm high; now the square of its height is {ladder}^2 - {foot + out}^2 = {left}"
    )
    program = """
    from math import acos, sin
    answer = ladder * (sin(acos(foot / ladder)) - sin(acos((foot + out) / ladder)))
    """
    return Problem(text, top - root(left), reason, script(program, ladder=ladder, foot=foot, out=out))


def equilateral_area(rng: Random) -> Problem:
    """From the perimeter or from the height."""
    size = rng.randint(2, 30)
    if rng.random() < 0.5:
        text = f"The perimeter of an equilateral triangle is {3 * size}. What is its area?"
        reason = f"Each side is {size}, and the area is sqrt(3)/4 times the square of it"
        program = f"a = b = c = side\n{PLACED}answer = c * C[1] / 2"
        return Problem(text, root(3) * Fraction(size**2, 4), reason, script(program, side=size))
    text = f"Each altitude of an equilateral triangle is {size} long. Find the area of the triangle."
    reason = f"The side is 2/sqrt(3) times the altitude, so the area is {size}^2/sqrt(3)"
    program = "from math import radians, tan\nanswer = height * height * tan(radians(30))"
    return Problem(text, root(3) * Fraction(size**2, 3), reason, script(program, height=size))


def shadow(rng: Random) -> Problem:
    """Similar triangles in the sun."""
    child, cast, tree = rng.randint(9, 19), rng.randint(7, 30), rng.randint(31, 150)
    text = wording(
        rng,
        f"A child {child} dm tall casts a shadow of {cast} dm on level ground. At the same moment a "
        f"tree casts a shadow of {tree} dm. How many decimetres tall is the tree?",
        f"A post that stands {child} dm out of the ground has a shadow {cast} dm long, while the "
        f"shadow of a tower nearby is {tree} dm long. Find the height of the tower in decimetres.",
    )
    reason = f"The triangles are similar, so the height is {tree} times {child}/{cast}"
    program = "from math import atan2, tan\nanswer = tree * tan(atan2(child, cast))"
    return Problem(
        text, Fraction(tree * child, cast), reason, script(program, child=child, cast=cast, tree=tree)
    )


def scaled_area(rng: Random) -> Problem:
    """The area of a similar triangle."""
    short, more, area = rng.randint(2, 9), rng.randint(1, 9), rng.randint(5, 60)
    text = (
        f"Two triangles are similar. The shortest side of the first is {short}, that of the second is "
        f"{short + more}. The first has an area of {area}. What is the area of the second?"
    )
    reason = f"Areas grow with the square of the scale, which is {short + more}/{short}"
    program = """
    height = 2 * area / short
    scale = (short + more) / short
    answer = (short * scale) * (height * scale) / 2
    """
    answer = Fraction(area * (short + more) ** 2, short**2)
    return Problem(text, answer, reason, script(program, short=short, more=more, area=area))


def altitude_to_hypotenuse(rng: Random) -> Problem:
    """The height of a right triangle."""
    a, b, c = right_triangle(rng, most_scale=4)
    text = wording(
        rng,
        f"A right triangle has legs {a} and {b}. How long is the altitude to its hypotenuse?",
        f"In triangle ABC the angle at C is a right angle, CA = {a} and CB = {b}. How far is C from "
        "the line AB?",
    )
    reason = f"The hypotenuse is {c}, and twice the area is both {a} * {b} and {c} times the altitude"
    program = "from math import atan2, sin\nanswer = a * sin(atan2(b, a))"
    return Problem(text, Fraction(a * b, c), reason, script(program, a=a, b=b))
