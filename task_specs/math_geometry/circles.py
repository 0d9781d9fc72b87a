"""Circles: their parts, chords and tangents."""

from fractions import Fraction
from random import Random

from pytest_codesteer.answers import PI
from pytest_codesteer.answers import square_root as root
from pytest_codesteer.task.boxed import Problem, script, wording

from .figures import INTEGRAL


def circle_area(rng: Random) -> Problem:
    """From the diameter or the circumference."""
    d = rng.randint(3, 40)
    given = rng.choice((f"a diameter of {d}", f"a circumference of {d}\\pi".replace("\\pi", " pi")))
    text = f"A circle has {given}. What is its area?"
    reason = f"Its radius is {d}/2"
    program = f"{INTEGRAL}answer = 4 * integral(lambda t: (d / 2 * sin(t)) ** 2, 0, pi / 2)"
    return Problem(text, PI * Fraction(d * d, 4), reason, script(program, d=d))


def arc_length(rng: Random) -> Problem:
    """Of a given angle."""
    r, angle = (
        rng.randint(2, 30),
        rng.choice((20, 24, 30, 36, 40, 45, 50, 72, 75, 80, 100, 120, 135, 150, 210, 300)),
    )
    text = wording(
        rng,
        f"On a circle of radius {r}, an arc spans an angle of {angle} degrees at the centre. How long "
        "is the arc?",
        f"The tip of a clock hand {r} cm long turns through {angle} degrees. How many centimetres does "
        "it travel?",
    )
    reason = f"The arc is {angle}/360 of the circumference, which is 2 pi times {r}"
    program = "from math import radians\nanswer = r * radians(angle)"
    return Problem(text, PI * Fraction(r * angle, 180), reason, script(program, r=r, angle=angle))


def sector(rng: Random) -> Problem:
    """The area of a sector."""
    r, angle = (
        rng.randint(2, 24),
        rng.choice((20, 24, 30, 36, 40, 45, 50, 72, 75, 80, 100, 120, 135, 150, 210, 300)),
    )
    text = wording(
        rng,
        f"Find the area of a sector of a circle of radius {r} whose central angle is {angle} degrees.",
        f"A lawn sprinkler reaches {r} m far and turns through {angle} degrees. How many square metres "
        "does it water?",
    )
    reason = f"The sector is {angle}/360 of the circle, whose area is pi times {r}^2"
    program = "from math import radians\nanswer = r * (r * radians(angle)) / 2"
    return Problem(text, PI * Fraction(r * r * angle, 360), reason, script(program, r=r, angle=angle))


def chord_length(rng: Random) -> Problem:
    """From the distance to the centre."""
    d = rng.randint(1, 15)
    r = d + rng.randint(1, 12)
    text = (
        f"A chord of a circle with radius {r} is at a distance of {d} from the centre. How long is the chord?"
    )
    reason = f"Half the chord is a leg of a right triangle with the hypotenuse {r} and the leg {d}"
    program = "from math import acos, sin\nanswer = 2 * r * sin(acos(d / r))"
    return Problem(text, 2 * root(r * r - d * d), reason, script(program, r=r, d=d))


def tangent_length(rng: Random) -> Problem:
    """From a point outside."""
    r, away = rng.randint(2, 15), rng.randint(1, 20)
    text = (
        f"The point P lies outside a circle of radius {r}, and the point of the circle nearest to P is "
        f"{away} away from it. A line through P touches the circle at T. Find PT."
    )
    reason = f"P is {r + away} away from the centre, and PT is at a right angle to the radius"
    program = "from math import sqrt\nanswer = sqrt(away * (away + 2 * r))  # the power of the point"
    return Problem(text, root((r + away) ** 2 - r * r), reason, script(program, r=r, away=away))


def crossing_chords(rng: Random) -> Problem:
    """The power of a point inside, or outside."""
    a, b, c = rng.randint(2, 18), rng.randint(2, 18), rng.randint(2, 18)
    if rng.random() < 0.5:
        text = (
            f"Two chords AB and CD of a circle cross at P. It is known that AP = {a}, PB = {b} and CP "
            f"= {c}. How long is PD?"
        )
        answer, reason = Fraction(a * b, c), f"By the power of the point P, {a} * {b} = {c} * PD"
        given: dict[str, object] = {"first": (-a, b), "second": c}
    else:
        text = (
            "Two lines through a point P outside a circle meet it, the first at A and then at B, the "
            f"second at C and then at D. It is known that PA = {a}, AB = {b} and PC = {a + c}. Find PD."
        )
        answer = Fraction(a * (a + b), a + c)
        reason = f"By the power of the point P, {a} * {a + b} = {a + c} * PD"
        given = {"first": (a, a + b), "second": a + c}
    program = """
    from fractions import Fraction
    # P is the origin, one line the x-axis, the other the y-axis; the centre is as far from all four points.
    p, q = first
    x = Fraction(p + q, 2)
    y = (second**2 + x**2 - (p - x) ** 2) / (2 * second)
    answer = abs(2 * y - second)
    """
    return Problem(text, answer, reason, script(program, **given))


def common_tangent(rng: Random) -> Problem:
    """Between the points where a line touches two circles."""
    small = rng.randint(1, 10)
    large = small + rng.randint(1, 10)
    gap = rng.randint(0, 8)
    distance = small + large + gap
    place = "touch each other from outside" if not gap else f"have centres at a distance of {distance}"
    text = (
        f"Two circles with the radii {small} and {large} {place}. A line touches both of them, on the "
        "same side of the line through their centres. How far are the two points of contact apart?"
    )
    reason = (
        f"The distance is a leg of a right triangle with the hypotenuse {distance} and the leg "
        f"{large - small}"
    )
    program = "from math import asin, cos\nanswer = distance * cos(asin((large - small) / distance))"
    answer = root(distance**2 - (large - small) ** 2)
    return Problem(text, answer, reason, script(program, small=small, large=large, distance=distance))


def belt(rng: Random) -> Problem:
    """A tight belt around wheels."""
    r = rng.randint(1, 12)
    if rng.random() < 0.5:
        n = rng.randint(3, 7)
        text = (
            f"{n} round logs of radius {r} lie side by side on the ground, each touching the next. A "
            "rope is wound tightly around all of them once, at a right angle to the logs. How long is "
            "the rope?"
        )
        reason = f"It has two straight parts of {2 * r * (n - 1)} and two half circles of radius {r}"
        program = "from math import pi\nanswer = sum((2 * r if i < n - 1 else pi * r) * 2 for i in range(n))"
        return Problem(text, 4 * r * (n - 1) + 2 * PI * r, reason, script(program, r=r, n=n))
    r = rng.randint(1, 5)
    more = rng.randint(2 * r, 2 * r + 9)  # so that the wheels do not overlap
    text = (
        f"Two wheels of radius {r} and {r + more} turn about axles {2 * more} apart, joined by a tight "
        "belt that does not cross itself. How long is the belt?"
    )
    reason = (
        f"The straight parts are sqrt(3) * {more} long each; the belt holds 240 degrees of the large "
        "wheel and 120 of the small one"
    )
    answer = 2 * more * root(3) + PI * Fraction(4 * (r + more) + 2 * r, 3)
    program = """
    from math import asin, cos, pi
    tilt = asin(more / (2 * more))
    answer = 2 * (2 * more * cos(tilt)) + (r + more) * (pi + 2 * tilt) + r * (pi - 2 * tilt)
    """
    return Problem(text, answer, reason, script(program, r=r, more=more))


def square_in_semicircle(rng: Random) -> Problem:
    """A square with a side on the diameter."""
    r = rng.randint(2, 30)
    asked = rng.choice(("area", "perimeter"))
    text = (
        f"A square lies inside a semicircle of radius {r}, with one side on the diameter and two "
        f"corners on the arc. Find the {asked} of the square."
    )
    answer = Fraction(4 * r * r, 5) if asked == "area" else 8 * r * root(5) / 5
    reason = f"With the side s, the corner on the arc gives (s/2)^2 + s^2 = {r}^2"
    program = """
    from math import atan2, sin
    side = r * sin(atan2(2, 1))
    answer = side * side if asked == "area" else 4 * side
    """
    return Problem(text, answer, reason, script(program, r=r, asked=asked))
