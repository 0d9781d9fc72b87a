"""Tasks with options, and Logical Deduction against a solver written a second time."""

import re
from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.judging import INDEX, MANY, instances, levels, loaded, options, right, wrong

ORDER, DATE = loaded("logical_deduction"), loaded("date_understanding")


@pytest.mark.parametrize("task", [ORDER, DATE], ids=["logical_deduction", "date_understanding"])
@MANY
@given(index=INDEX, data=st.data())
def test_only_the_right_option_is_right_and_no_hedge(task, index, data):
    problem = task.instance(task.paper_levels[0], index).data
    texts = options(problem)
    letter = problem["target"].strip("()")
    other = data.draw(st.sampled_from([each for each in texts if each != letter]))
    assert task.solve(problem) == f"({letter})"
    assert len(set(texts.values())) == len(texts)
    assert right(task, problem, letter, letter.lower(), f"Option {letter}", f"({letter}) {texts[letter]}")
    assert right(task, problem, texts[letter], f"The answer is ({letter}), because of ({other})")
    assert wrong(task, problem, f"({other})", other, texts[other], f"({other}) {texts[other]}", "(Z)")
    assert wrong(task, problem, f"({other}) {texts[letter]}", f"({letter}) {texts[other]}", f"not ({letter})")
    assert wrong(task, problem, f"({letter}) or ({other})", f"maybe ({letter})", f"({letter}), not sure")


@pytest.mark.parametrize("task", [ORDER, DATE], ids=["logical_deduction", "date_understanding"])
def test_every_letter_is_right_about_as_often(task):
    found = Counter(data["target"] for data in instances(task, task.paper_levels[0], 420))
    expected = 420 / len(options(task.instance(task.paper_levels[0], 0).data))
    assert all(0.5 * expected < found[f"({letter})"] < 1.6 * expected for letter in "ABCDEF")


BEFORE = re.compile(
    r"\b(?:to the left of|ahead of|above"
    r"|(?:older|cheaper|less expensive|taller|longer|heavier|warmer|faster) than)"
)
FIRST = "leftmost left first oldest cheapest tallest longest heaviest warmest fastest".split()
COUNTS = "zero one two three four five six seven eight".split()
ORDINALS = "none first second third fourth fifth sixth seventh".split()


def fits(sentence, places, count):
    """Whether a clue or an option is true; *places* are those of the things, from 0."""
    x, *others = sorted((name for name in places if name in sentence), key=sentence.index)
    if "come between" in sentence or "comes between" in sentence:
        return abs(places[x] - places[others[0]]) == COUNTS.index(sentence.split()[1]) + 1
    if "somewhere between" in sentence:
        low, high = sorted(places[name] for name in others)
        return low < places[x] < high
    if others:
        distance = places[others[0]] - places[x]
        distance = distance if BEFORE.search(sentence) else -distance
        return distance == 1 if "in between" in sentence else distance > 0
    words = re.findall(r"\w+", sentence.partition(x)[2])
    at = next((ORDINALS.index(word) for word in words if word in ORDINALS), 1)
    place = at - 1 if words[-1] in FIRST or words[-1] in ORDINALS else count - at
    return (places[x] == place) != ("not" in words)


@levels(ORDER, "10", "10_indirect", "15_indirect")
def test_the_clues_leave_one_order_and_one_option_and_none_can_be_spared(level):
    for data in instances(ORDER, level, 6):
        text = data["input"].replace("The ", "the ")
        _, told, *clues = [
            sentence.rstrip(".") for sentence in re.split(r"(?<=\.) |\n", text.partition("\nO")[0])
        ]
        names = re.split(r", and |, ", told.partition(": ")[2])
        orders = [dict(zip(names, order, strict=True)) for order in permutations(range(len(names)))]
        true = [{at for at, order in enumerate(orders) if fits(clue, order, len(names))} for clue in clues]
        (left,) = set.intersection(*true)
        holding = [
            each for each, said in options({"input": text}).items() if fits(said, orders[left], len(names))
        ]
        assert [f"({each})" for each in holding] == [data["target"]]
        for spared in range(len(clues)):
            assert len(set.intersection(*true[:spared], *true[spared + 1 :])) > 1
