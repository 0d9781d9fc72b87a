"""MATH-Geometry: plane figures, solids and coordinates, with exact answers.

Most need one idea and then a short computation.  A program has the computation for free, but must find the
idea just as text must, and is tempted to print decimals.
"""

from random import Random
from typing import Any

from pytest_codesteer.task.boxed import check, draw, load, program, solve

from . import circles, coordinates, oblique, polygons, regions, solids, space, triangles

__all__ = ["check", "generate", "load", "program", "solve"]

FAMILIES = {
    1: (
        triangles.missing_angle, triangles.hypotenuse, triangles.missing_leg, triangles.base_and_height,
        polygons.rectangle_from_perimeter, polygons.square_diagonal, circles.circle_area, solids.box_surface,
        coordinates.distance, coordinates.midpoint, coordinates.moved_point,
    ),
    2: (
        triangles.isosceles_angle, triangles.equilateral_area, triangles.shadow, triangles.scaled_area,
        polygons.interior_angle, polygons.trapezoid, polygons.rhombus, polygons.sides_from_angle,
        circles.arc_length, circles.sector, regions.ring, solids.cylinder, coordinates.crossing_lines,
    ),
    3: (
        triangles.sliding_ladder, triangles.altitude_to_hypotenuse, oblique.bisected_side,
        oblique.opposite_side, oblique.included_angle, polygons.regular_hexagon,
        polygons.isosceles_trapezoid, regions.square_and_quarters, circles.chord_length,
        circles.tangent_length, solids.sphere, solids.cone, space.space_diagonal, coordinates.polygon_area,
        coordinates.centroid, coordinates.circle_equation, coordinates.diamond,
    ),
    4: (
        oblique.three_sides, oblique.median, polygons.regular_octagon, polygons.folded_sheet,
        circles.crossing_chords, oblique.inscribed_circle, regions.segment, circles.common_tangent,
        regions.right_incircle, circles.square_in_semicircle, solids.ball_and_cube, solids.frustum,
        solids.pyramid, coordinates.line_distance,
    ),
    5: (
        oblique.cevian, oblique.from_medians, oblique.inner_triangle, polygons.inscribed_square,
        polygons.cyclic_quadrilateral, oblique.circumscribed_circle, regions.between_three, regions.lens,
        circles.belt, solids.tetrahedron, solids.ball_in_cone, solids.turned_triangle, space.crawling_ant,
        coordinates.circle_through, space.plane_distance, space.tetrahedron_volume,
    ),
}  # fmt: skip


def generate(rng: Random, *, level: int) -> dict[str, Any]:
    """Draw a problem of one of the level's families."""
    return draw(rng, FAMILIES[level])
