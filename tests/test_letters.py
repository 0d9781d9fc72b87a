"""Letters: the forms in which a count and positions are read, and what is not read into them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.judging import INDEX, MANY, levels, loaded, right, wrong

TASK = loaded("letters")
DATA = {"word": "strawberry", "letter": "r"}
NONE = {"word": "strawberry", "letter": "z"}


@pytest.mark.parametrize(
    "answer",
    [
        "Count: 3, Positions: [3, 8, 9]",
        "Count: 3, Positions: [9, 3, 8]",
        "COUNT = 3; POSITIONS = (3,8,9).",
        "Count: 3\r\nPositions: [3, 8, 9,]",
        "- **Count:** 3\n- **Positions:** [3, 8, 9]",
        "1. Count: 3\n2. Positions: 3, 8 and 9",
        "Positions: [3, 8, 9], Count: 3",
        "Count of r: 3, positions of the letter r: 3, 8, 9",
        "Count: 3 (three), Positions: ['3', '8', '9']",
        "Count\uff1a3\uff0cPositions\uff1a[3\uff0c8\uff0c9]",
        "Count: 3, Positions: [np.int64(3), np.int64(8), np.int64(9)]",
        "Count: 3, Positions: [3 8 9]",
        r"\text{Count: } 3,\ \text{Positions: } [3, 8, 9]",
        '```json\n{"count": 3,\n "positions": [3, 8, 9]}\n```',
        "{'letter': 'r', 'positions': [3, 8, 9], 'count': 3}",
        "| Count | Positions |\n|---|---|\n| 3 | [3, 8, 9] |",
        "(3, [3, 8, 9])",
        "3 [3, 8, 9]",
        "The letter 'r' occurs 3 times, at positions 3, 8, and 9.",
        "There are 3 occurrences of r in strawberry, at positions [3, 8, 9].",
        "s(1) t(2) r(3) r(8) r(9)\nCount: 3, Positions: [3, 8, 9]\n\nAs you see, 3 of 10 are r.",
        "Count: 2, Positions: [3, 8]\nWait, I missed one.\nCount: 3, Positions: [3, 8, 9]",
    ],
)
def test_other_forms_are_read(answer):
    assert right(TASK, DATA, answer)


@pytest.mark.parametrize(
    "answer",
    [
        "Count: 3, Positions: [2, 7, 8]",
        "Count: 3, Positions: [3, 8, 9, 9]",
        "Count: 3, Positions: [3, 8, 9, 99999999999999]",
        "Count: 4, Positions: [3, 8, 9]",
        "Count: 3, Positions: [3, 89]",
        "Count: 3, Positions: [3, 8, ...]",
        "Count: 3, Positions: 3, 8, 9, 10",
        "Count: 3, Positions: 3, 8, 9.5",
        "Count: 3, Positions: [3-9]",
        "Count: -3, Positions: [-3, 8, 9]",
        "Count: 3.5, Positions: [3, 8, 9]",
        "Count: 3 or 4, Positions: [3, 8, 9]",
        "Count: about 3, Positions: [3, 8, 9]",
        "Count: 3, Positions: [3, 8, 9], or [3, 8]",
        "Count: 2, Positions: [3, 8]\nCount: 3, Positions: [3, 8, 9]",
        "Not Count: 3, Positions: [3, 8, 9]",
        "Count: 3, Positions: [3, 8, 9]. No, that's incorrect.",
        "Discount: 3, Positions: [3, 8, 9]",
        "The letter 'r' occurs 3 times, at positions 3 and 8.",
        "Count: 3",
        "Positions: [3, 8, 9]",
        "3",
        "[3, 8, 9]",
    ],
)
def test_other_answers_are_wrong(answer):
    assert wrong(TASK, DATA, answer)


def test_a_letter_that_does_not_occur():
    assert right(
        TASK, NONE, "Count: 0, Positions: []", "Count: 0, Positions: none", '{"count": 0, "positions": []}'
    )
    assert wrong(TASK, NONE, "Count: 0, Positions: [0]", "Count: 0, Positions:", "Count: 0", "[]", "none")


@MANY
@levels(TASK)
@given(index=INDEX, data=st.data())
def test_exactly_the_right_positions_are_right(level, index, data):
    given_data = TASK.instance(level, 0, index).data
    truth = [at for at, letter in enumerate(given_data["word"], 1) if letter == given_data["letter"]]
    size = len(given_data["word"])
    said = data.draw(st.just(truth) | st.lists(st.integers(0, size + 1), max_size=8) | st.permutations(truth))
    count = data.draw(st.sampled_from([len(said), len(truth), len(said) + 1]))
    form = data.draw(st.sampled_from(["Count: {}, Positions: {}", "({}, {})", "count = {}\npositions = {}"]))
    judged = TASK.check(given_data, form.format(count, said))
    assert judged.correct == (count == len(truth) and sorted(said) == truth)
