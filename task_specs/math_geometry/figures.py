"""Figures that several families of problems start from."""

from random import Random

_RIGHT = ((3, 4, 5), (5, 12, 13), (8, 15, 17), (7, 24, 25), (20, 21, 29), (9, 40, 41), (12, 35, 37))

#: Source text that puts the triangle with sides a = BC, b = CA and c = AB on the plane.
PLACED = """from math import dist, sqrt
A, B = (0.0, 0.0), (float(c), 0.0)
x = (b * b + c * c - a * a) / (2 * c)
C = (x, sqrt(b * b - x * x))
"""

#: Source text for the integral of a smooth function (Simpson's rule).
INTEGRAL = """from math import asin, atan2, cos, pi, sin, sqrt, tan

def integral(f, start, end, steps=2000):
    h = (end - start) / steps
    inner = sum(f(start + i * h) * (4 if i % 2 else 2) for i in range(1, steps))
    return h / 3 * (f(start) + inner + f(end))

"""


def sides(rng: Random, *, most: int) -> tuple[int, int, int]:
    """Draw three different sides of a triangle without a right angle, in whole numbers below *most*."""
    while True:
        a, b, c = rng.sample(range(4, most), 3)
        longest = max(a, b, c)
        if a + b + c > 2 * longest and a * a + b * b + c * c != 2 * longest**2:
            return a, b, c


def right_triangle(rng: Random, *, most_scale: int) -> tuple[int, int, int]:
    """Draw the sides of a right triangle in whole numbers, the hypotenuse last."""
    a, b, c = rng.choice(_RIGHT)
    scale = rng.randint(1, most_scale)
    return (a * scale, b * scale, c * scale) if rng.random() < 0.5 else (b * scale, a * scale, c * scale)


def sixteen_area_squared(a: int, b: int, c: int) -> int:
    """Return 16 times the square of the area of a triangle (Heron)."""
    return (a + b + c) * (-a + b + c) * (a - b + c) * (a + b - c)
