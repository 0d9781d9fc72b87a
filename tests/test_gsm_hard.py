"""GSM-Hard: answers changed in every way, and stories that tell what their steps use."""

import re
from fractions import Fraction

import pytest
from hypothesis import given

from tests.judging import INDEX, MANY, instances, levels, loaded, right, wrong

WORDS = loaded("gsm_hard")


def changed(target):
    """Return the target, changed in ways that a slip changes numbers."""
    for value in (
        target + 1,
        target - 1,
        -target,
        target * 10,
        target / 10,
        2 * target,
        target * Fraction(1001, 1000),
    ):
        if value != target:
            yield str(value.numerator) if value.denominator == 1 else repr(float(value))


@levels(WORDS)
@MANY
@given(index=INDEX)
def test_only_the_target_is_right_in_any_form(level, index):
    data = WORDS.instance(level, index).data
    target, said = Fraction(str(data["target"])), WORDS.solve(data)
    assert Fraction(said) == target > 0
    assert right(WORDS, data, said, f"${said}", f"{said} apples", f"The answer is {said}.", f"3 * x = {said}")
    assert right(WORDS, data, f"{float(said):,.2f}" if target.denominator > 1 else f"{int(said):,}")
    assert wrong(WORDS, data, *changed(target), f"{said} or {target + 1}", f"not {said}", f"maybe {said}")


@pytest.mark.parametrize(
    ("target", "accepted", "refused"),
    [
        (12, ["12", "12.0", "12.000000000000002", "1.2e1", "24/2"], ["12.001", "12.0000001", "11.9999"]),
        (12.25, ["12.25", "12.250001", "49/4", "12 1/4"], ["12.2502", "12.2", "12.3", "12"]),
        (-0.5, ["-0.5", "-1/2", "-.5"], ["0.5", "-0.6"]),
        (5.3333333333, ["16/3", "5.3333333", "5 1/3", "5.33333333333333"], ["5.333", "5.33"]),
        (9435680550.0, ["9435680550", "9,435,680,550.00"], ["9.435681e+09", "9435680551", "9435680549.5"]),
        (2.0107e-06, ["2.0107e-06", "2.010666990518096e-06"], ["2.0117e-06", "0.00", "2.0e-06"]),
        (0.0, ["0", "0.0"], ["0.001", "1"]),
    ],
)
def test_how_near_is_near_enough(target, accepted, refused):
    data = {"input": "", "code": "", "target": target}
    assert right(WORDS, data, *accepted)
    assert wrong(WORDS, data, *refused)


def test_percent_is_a_hundredth_unless_the_question_asks_for_it():
    share = {"input": "What part is it?", "code": "", "target": 0.25}
    assert right(WORDS, share, "25%", r"25\%.", "25 percent", "0.25")
    assert wrong(WORDS, share, "25", "0.25%", "20% of it, or 0.2")
    percent = {"input": "How many per cent is it?", "code": "", "target": 25}
    assert right(WORDS, percent, "25%", "25", "25 per cent", "20% + 5% = 25%")
    assert wrong(WORDS, percent, "0.25", "25 or 26%", "0.25%")


@levels(WORDS)
def test_a_story_tells_every_number_that_its_steps_use_and_no_other(level):
    for data in instances(WORDS, level, 60):
        given_numbers = {Fraction(number) for number in re.findall(r"= Fraction\('(.*)'\)", data["code"])}
        told = {Fraction(number) for number in re.findall(r"\d+(?:\.\d+)?", data["input"])}
        assert given_numbers <= told <= given_numbers | {100}
        assert "{" not in data["input"]
        assert "Fraction" not in WORDS.question(data)


def test_there_are_at_least_forty_stories_and_targets_of_both_sorts():
    shapes, fractions = set(), 0
    for data in instances(WORDS, "any_7", 800):
        shapes.add(re.sub(r"[A-Z]\w+|[\d.]+", "", data["input"]))
        fractions += isinstance(data["target"], float)
        assert isinstance(data["target"], int) or data["target"] < 10**6
    assert len(shapes) >= 40
    assert 100 < fractions < 500


@pytest.mark.parametrize(("level", "fewest", "most"), [("short_2", 1, 2), ("long_7", 6, 7)])
def test_the_big_numbers_have_as_many_digits_as_the_level_says(level, fewest, most):
    for data in instances(WORDS, level, 40):
        digits = max(len(number) for number in re.findall(r"\d+", data["input"]))
        assert fewest <= digits <= max(most, 3)
