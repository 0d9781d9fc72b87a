"""Areas with curved edges."""

from fractions import Fraction
from random import Random

from pytest_codesteer.answers import PI
from pytest_codesteer.answers import square_root as root
from pytest_codesteer.task.boxed import Problem, script, wording

from .figures import INTEGRAL, right_triangle


def ring(rng: Random) -> Problem:
    """The area between two circles, also from a chord of one that touches the other."""
    r = rng.randint(2, 15)
    if rng.random() < 0.5:
        wide = rng.randint(1, 12)
        text = (
            f"A round pond has a radius of {r} m. A path {wide} m wide runs around it. How many square "
            "metres does the path cover?"
        )
        reason = f"The outer radius is {r + wide}, and the area pi times {r + wide}^2 - {r}^2"
        program = "from math import pi\nanswer = pi * wide * (2 * r + wide)"
        return Problem(text, PI * ((r + wide) ** 2 - r * r), reason, script(program, r=r, wide=wide))
    text = (
        "Two circles have the same centre. A chord of the larger circle touches the smaller one and "
        f"is {r} long. What is the area between the two circles?"
    )
    reason = f"Half the chord is a leg of a right triangle: the squares of the radii differ by ({r}/2)^2"
    program = (
        "from math import pi\ninner = 1.5\nouter = abs(complex(inner, chord / 2))\nanswer = pi * "
        "(outer - inner) * (outer + inner)"
    )
    return Problem(text, PI * Fraction(r * r, 4), reason, script(program, chord=r))


def square_and_quarters(rng: Random) -> Problem:
    """What quarter circles or a circle leave of a square."""
    side = 2 * rng.randint(1, 40)
    text = wording(
        rng,
        f"A circle is inscribed in a square of side {side}. What is the area of the part of the square "
        "outside the circle?",
        f"From each corner of a square board with sides of {side} cm, a quarter circle of radius "
        f"{side // 2} cm around that corner is cut off. How many square centimetres of the board are left?",
    )
    reason = f"What is taken from {side}^2 amounts to a full circle of radius {side // 2}"
    program = (
        f"{INTEGRAL}r = side / 2\nanswer = side * side - 4 * integral(lambda t: (r * cos(t)) ** 2, 0, pi / 2)"
    )
    return Problem(text, side**2 - PI * Fraction(side**2, 4), reason, script(program, side=side))


def segment(rng: Random) -> Problem:
    """The area that a chord cuts off."""
    r, angle = rng.randint(2, 40), rng.choice((60, 90, 120))
    text = (
        f"A chord of a circle of radius {r} subtends an angle of {angle} degrees at the centre. "
        "Find the area of the smaller of the two parts into which the chord divides the circle."
    )
    triangle = {60: root(3), 90: root(4), 120: root(3)}[angle] * Fraction(r * r, 4)
    reason = f"It is a sector of {angle} degrees without the triangle that the chord forms with the centre"
    program = (
        f"{INTEGRAL}half = angle / 2 * pi / 180\nanswer = integral(lambda t: 2 * (r * sin(t)) ** 2, 0, half)"
    )
    return Problem(
        text, PI * Fraction(r * r * angle, 360) - triangle, reason, script(program, r=r, angle=angle)
    )


def right_incircle(rng: Random) -> Problem:
    """The part of a right triangle outside its inscribed circle."""
    a, b, c = right_triangle(rng, most_scale=5)
    text = (
        f"A circle is inscribed in a right triangle with the legs {a} and {b}. What is the area of the "
        "part of the triangle outside the circle?"
    )
    r = (a + b - c) // 2
    reason = f"The hypotenuse is {c}, so the radius is ({a} + {b} - {c})/2 = {r}"
    program = "from math import hypot, pi\nr = a * b / (a + b + hypot(a, b))\nanswer = a * b / 2 - pi * r * r"
    return Problem(text, Fraction(a * b, 2) - PI * r * r, reason, script(program, a=a, b=b))


def between_three(rng: Random) -> Problem:
    """The gap between circles that touch each other."""
    r, count = rng.randint(1, 40), rng.choice((3, 4))
    shape = "triangle" if count == 3 else "square"
    text = (
        f"{'Three' if count == 3 else 'Four'} equal circles of radius {r} have their centres at the "
        f"corners of {'an equilateral triangle' if count == 3 else 'a square'}, and neighbouring "
        "circles touch each other. What is the area of the gap that they enclose?"
    )
    reason = f"It is the {shape} of side {2 * r} without {'half a circle' if count == 3 else 'a full circle'}"
    answer = root(3) * r * r - PI * Fraction(r * r, 2) if count == 3 else 4 * r * r - PI * r * r
    program = f"""{INTEGRAL}
angle = pi - 2 * pi / count
answer = count * r * r / tan(pi / count) - count * angle * r * r / 2
"""
    return Problem(text, answer, reason, script(program, r=r, count=count))


def lens(rng: Random) -> Problem:
    """What two circles have in common."""
    r, angle = rng.randint(2, 40), rng.choice((90, 120))
    place = (
        "each passes through the centre of the other"
        if angle == 120
        else "at each point where they cross their radii are at right angles to each other"
    )
    text = (
        f"Two circles of radius {r} cross each other such that {place}. Find the area of the region "
        "inside both circles."
    )
    reason = f"It consists of two segments, each of them a sector of {angle} degrees without its triangle"
    answer = PI * Fraction(2 * r * r * angle, 360) - {90: root(4), 120: root(3)}[angle] * Fraction(r * r, 2)
    program = (
        f"{INTEGRAL}half = angle / 2 * pi / 180\nanswer = 2 * integral(lambda t: 2 * (r * sin(t)) ** "
        "2, 0, half)"
    )
    return Problem(text, answer, reason, script(program, r=r, angle=angle))
