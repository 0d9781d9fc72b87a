"""Numbers that are relative to the best of several methods: their bias, and what their intervals hold."""

import math
from random import Random
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_codesteer.metrics import centred, normalised_scores, placed, published_of, relative, standings
from tests.records import record


def rows_of(rng, count, chances):
    """Return rows of so many instances, which each cell solves with its chance."""
    return [tuple(x for chance in chances for x in (float(rng.random() < chance), 1.0)) for _ in range(count)]


def best(shares):
    """Return the best share of each stratum, as a mean."""
    return [fmean(max(row) for row in shares)]


def shares_of_the_best(shares):
    return [fmean(row[at] / max(row) for row in shares) for at in range(len(shares[0]))]


def test_the_best_of_two_that_are_alike_is_too_good_by_what_theory_says():
    """The greater of two independent normal values is above their mean by a deviation over the root of pi."""
    found = [relative([rows_of(Random(at), 100, (0.5, 0.5))], [(0, 1)], best)[0] for at in range(12)]
    bias = fmean(fmean(each.levelled) for each in found)
    assert bias == pytest.approx(0.05 / math.sqrt(math.pi), rel=0.1)
    assert 0 < fmean(fmean(each.scattered) for each in found) < bias


def test_the_best_by_far_is_not_too_good():
    (found,) = relative([rows_of(Random(1), 100, (0.9, 0.3))], [(0, 1)], best)
    for off in (found.scattered, found.levelled):
        assert abs(fmean(off)) < 0.005
        assert pstdev(off) == pytest.approx(0.03, rel=0.35)


def test_an_interval_spans_from_less_bias_to_more_whichever_way_it_goes():
    rows = rows_of(Random(2), 60, (0.6, 0.6))
    too_good, too_bad = relative([rows], [(0, 1)], lambda shares: [max(shares[0]), -max(shares[0])])
    one, other = centred(too_good), centred(too_bad)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert one.low < one.value - fmean(too_good.levelled)
    assert one.high > one.value - fmean(too_good.scattered)


def test_ends_are_cut_where_a_number_cannot_go():
    (found, _) = relative([rows_of(Random(3), 10, (0.9, 0.8))], [(0, 1)], shares_of_the_best)
    assert centred(found, 0.0, 1.0).high == 1.0
    assert centred(found).high > 1.0


def test_one_instance_of_each_task_bounds_nothing():
    strata = [[(1.0, 1.0, 0.0, 1.0)], [(1.0, 1.0, 1.0, 1.0)]]
    found = relative(strata, [(0, 1)], shares_of_the_best)
    assert centred(found[1], 0.0, 1.0).low == -math.inf
    assert placed(found, 0) == (1, 2)


def test_what_is_not_defined_is_none_and_the_same_records_give_the_same_intervals():
    rows = rows_of(Random(4), 20, (0.5, 0.7))
    first, again = (relative([rows], [(0, 1)], lambda shares: [shares[0][0], None]) for _ in range(2))
    assert first == again
    assert first[1] is None


def test_ranks_are_sure_where_methods_are_apart_and_open_where_they_are_alike():
    apart = relative([rows_of(Random(5), 400, (0.2, 0.5, 0.8))], [(0, 1, 2)], shares_of_the_best)
    assert [placed(apart, at) for at in range(3)] == [(3, 3), (2, 2), (1, 1)]
    rows = [(*row, *row[:2]) for row in rows_of(Random(6), 40, (0.5, 0.5))]
    alike = relative([rows], [(0, 1, 2)], shares_of_the_best)
    assert [placed(alike, at) for at in range(3)] == [(1, 3)] * 3, "the third is the first again"
    assert placed(apart[:1], 0) == (1, 1)


def test_shares_that_are_the_same_in_every_case_are_told_apart_for_sure_only_by_many():
    few, many = (
        relative([[(1.0, 1.0, 0.0, 1.0)] * count], [(0, 1)], shares_of_the_best) for count in (2, 50)
    )
    assert placed(few, 0) == (1, 2)
    assert placed(many, 0) == (1, 1)
    assert centred(few[1], 0.0, 1.0).high > 0.8
    assert centred(many[1], 0.0, 1.0).high < 0.2


@given(st.data())
def test_no_table_of_cases_is_an_error(data):
    cells = data.draw(st.integers(1, 4))
    case = st.sampled_from([(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.25, 1.0), (2.0, 3.0)])
    row = st.lists(case, min_size=cells, max_size=cells).map(lambda cases: tuple(x for c in cases for x in c))
    strata = data.draw(st.lists(st.lists(row, min_size=1, max_size=6), min_size=1, max_size=3))

    def figures(shares):
        table = {str(at): dict(enumerate(row)) for at, row in enumerate(shares)}
        return [normalised_scores(table)[at] for at in range(cells)]

    found = relative(strata, [range(cells)], figures, replicates=20)
    known = [number for number in found if number]
    for at, number in enumerate(known):
        ends, (first, last) = centred(number, 0.0, 1.0), placed(known, at)
        assert ends.low <= ends.value <= ends.high
        assert 1 <= first <= last <= len(known)


def test_intervals_of_the_papers_methods_hold_what_is_true_of_them():
    """Ten methods on fourteen tasks, with the chances that were published of a model."""
    table = published_of("gpt-4o").tasks
    truth = normalised_scores(table)
    rng, held, low, wide, runs = Random(8), 0, 0, [], 12
    for _ in range(runs):
        run = [
            record(index, correct=rng.random() < chance / 100, method=name, task=task)
            for task, row in table.items()
            for name, chance in row.items()
            for index in range(20)
        ]
        for each in standings(run, replicates=100):
            held += each.score.low <= truth[each.way] <= each.score.high
            low += truth[each.way] < each.score.low
            wide.append(each.score.high - each.score.low)
    assert 0.92 <= held / (10 * runs) <= 0.995
    assert low / (10 * runs) <= 0.06, "not all on one side"
    assert fmean(wide) < 0.19, "and they say something"


def test_of_two_methods_that_may_change_places_by_chance_neither_looks_too_sure():
    rng, held, runs = Random(9), 0, 100
    for _ in range(runs):
        run = [
            record(index, correct=rng.random() < chance, method=name)
            for name, chance in (("a", 0.55), ("b", 0.65))
            for index in range(50)
        ]
        score = standings(run, replicates=100)[0].score
        held += score.low <= 0.55 / 0.65 <= score.high
    assert held / runs >= 0.93


def test_a_score_lies_within_its_interval_though_bias_may_be_greater_than_chance():
    rng = Random(10)
    strata = [rows_of(rng, 10, (0.5,) * 6) for _ in range(40)]
    for number in relative(strata, [range(6)], shares_of_the_best, replicates=100):
        found = centred(number, 0.0, 1.0)
        assert found.low == found.value < number.value - fmean(number.levelled)
