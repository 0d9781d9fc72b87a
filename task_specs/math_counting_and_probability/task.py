"""MATH-Counting & Probability: how many ways there are, and how probable something is.

The numbers are small enough to count every case in a program, and large enough to need an idea in text.
"""

from random import Random
from typing import Any

from pytest_codesteer.task.boxed import check, draw, load, program, solve

from . import arrangements, chances, distributions, draws, expectations, integers, regions, selections, walks

__all__ = ["check", "generate", "load", "program", "solve"]

FAMILIES = {
    1: (
        arrangements.outfits, arrangements.books_on_a_shelf, selections.handshakes, selections.committee,
        integers.multiples, integers.random_integer, chances.one_marble, chances.two_dice,
        chances.coin_flips, regions.point_on_a_segment,
    ),
    2: (
        arrangements.letters_of_a_word, arrangements.round_table, selections.two_groups,
        distributions.letter_codes, selections.officers, integers.palindromes, integers.divisors,
        integers.either_multiple, chances.two_of_a_colour, walks.grid_paths, expectations.die_game,
        regions.broken_stick, regions.ring_of_a_board,
    ),
    3: (
        arrangements.neighbours, arrangements.early_letter, selections.at_least_one_of_each,
        selections.with_or_without, selections.points_on_lines, selections.coefficient,
        distributions.sharing_sweets, integers.zero_somewhere, integers.distinct_digits, chances.three_dice,
        draws.hits, draws.defective, walks.paths_and_a_point, expectations.expected_colour,
        regions.near_a_corner,
    ),
    4: (
        arrangements.no_vowels_together, arrangements.fixed_points, distributions.teams,
        distributions.no_empty_box, distributions.rising_functions, integers.none_of_three,
        integers.digit_sum, integers.rising_digits, draws.which_urn, draws.same_birthday, draws.small_deck,
        walks.staircase, walks.series, expectations.largest_of_two, regions.meeting, regions.sum_of_two,
    ),
    5: (
        arrangements.couples, arrangements.alternating_table, arrangements.necklaces,
        distributions.bounded_sums, distributions.no_two_neighbours, integers.sum_divisible_by_three,
        draws.given_at_least_one, draws.socks_in_pairs, walks.below_the_diagonal, walks.no_two_heads,
        walks.ruin, walks.returning_ant, walks.wandering_ant, expectations.until_first,
        expectations.until_a_run, expectations.draws_until_red, expectations.empty_boxes, regions.nearer_side,
    ),
}  # fmt: skip


def generate(rng: Random, *, level: int) -> dict[str, Any]:
    """Draw a problem of one of the level's families."""
    return draw(rng, FAMILIES[level])
