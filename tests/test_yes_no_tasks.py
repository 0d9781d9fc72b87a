"""Web of Lies and Navigate, against solvers written a second time, and answers changed in every way."""

import re
from collections import Counter
from itertools import product

import pytest
from hypothesis import given

from tests.judging import INDEX, MANY, instances, levels, loaded, right, wrong

LIES, WALK = loaded("web_of_lies"), loaded("navigate")


@pytest.mark.parametrize(("task", "level"), [(task, level) for task in (LIES, WALK) for level in task.levels])
def test_yes_and_no_are_about_as_frequent(task, level):
    share = Counter(data["target"] for data in instances(task, level, 300))["Yes"] / 300
    assert 0.4 < share < 0.6


@pytest.mark.parametrize("task", [LIES, WALK], ids=["web_of_lies", "navigate"])
@MANY
@given(index=INDEX)
def test_only_the_target_is_right_and_no_hedge(task, index):
    data = task.instance(task.paper_levels[0], index).data
    yes, no = ("Yes", "No") if data["target"] == "Yes" else ("No", "Yes")
    truth, falsehood = ("True", "False") if yes == "Yes" else ("False", "True")
    assert task.solve(data) == yes
    assert right(
        task, data, yes, yes.lower(), f"- {yes}", f"The answer is **{yes}**.", truth, f"not {falsehood}"
    )
    assert wrong(
        task, data, no, falsehood, f"not {truth}", f"{no}, because it says so", f"The answer is {no}"
    )
    assert wrong(
        task, data, f"{yes} and {no}", f"{yes} or {no}", f"{yes}. {no}.", f"maybe {yes}", f"{yes}, perhaps"
    )


def test_a_plain_statement_about_the_person_asked_about_answers():
    data = {"input": "Question: Bob lies. Ann says Bob lies. Does Ann tell the truth?", "target": "Yes"}
    assert right(
        LIES, data, "Ann tells the truth.", "So Ann is honest", "Ann is not lying", "Ann does not lie"
    )
    assert wrong(
        LIES, data, "Ann lies.", "Ann is a liar", "Ann does not tell the truth", "Bob tells the truth"
    )
    assert right(
        LIES,
        data,
        "Truth",
        "Tells the truth.",
        "Bob: lies\nAnn: truth",
        "Ann -> truth",
        "The person tells the truth",
    )
    assert wrong(LIES, data, "Liar", "Lies.", "Ann: liar", "Bob: truth", "Ann: truth, Bob: lies, Ann: lies")
    assert wrong(LIES, data, "Bob says Ann tells the truth", "Ann may be honest", "Yes, Ann lies", "Ann")


def test_a_plain_statement_about_the_walk_answers():
    data = {"input": "Do you return? Take 1 step. Turn around. Take 1 step.", "target": "Yes"}
    assert right(WALK, data, "You return to the starting point.", "So you end up back at the start")
    assert right(
        WALK, data, "You'll return to the start.", "East 0, north 0, so yes, you return to the start."
    )
    assert wrong(
        WALK, data, "You do not return to the starting point.", "You're not back", "You end 3 steps away"
    )
    assert right(WALK, data, "If you follow these instructions, you return to the start.", "(0, 0) Yes")
    assert wrong(WALK, data, "Yes, if you turn left first", "(3, 0) No", "Following it, no")
    assert wrong(WALK, data, "You won't return to the start.", "You never return to the start", "No, you do")


def consistent(text):
    """Return every way in which the people of a web of lies may be honest, by trying them all."""
    body, question = re.fullmatch(r"Question: (.*\.) (\w+ \w+ .*\?)", text).groups()
    claims = []
    for sentence in body.rstrip(".").split(". "):
        names = [word for word in re.findall(r"[A-Z]\w+", sentence) if word != "According"]
        if ", " in sentence and not sentence.startswith("According"):
            names.reverse()
        lying = re.search(r"lies|lying|liar|not honest|not tell", sentence) is not None
        claims.append((names, not lying))
    people = sorted({name for names, _ in claims for name in names})
    for values in product((True, False), repeat=len(people)):
        honest = dict(zip(people, values, strict=True))
        if all(
            (honest[names[-1]] == claim) == (len(names) == 1 or honest[names[0]]) for names, claim in claims
        ):
            yield honest[question.split()[1]]


@levels(LIES, "15", "40", "15_shuffled", "40_shuffled")
def test_a_web_of_lies_has_one_reading(level):
    for data in instances(LIES, level, 25):
        assert [*consistent(data["input"])] == [data["target"] == "Yes"]


def walked(text):
    """Return where a walk ends, kept as east, north and a compass point."""
    sentences = re.split(r"(?<=[.?]) ", text.partition("\n")[0])
    words = "zero one two three four five six seven eight nine ten".split()
    east = north = facing = 0  # 0 is north, 1 east
    done = []
    for sentence in sentences:
        repeat = re.match(r"Repeat the last (\w+)", sentence)
        for each in done[-words.index(repeat[1]) :] if repeat else [sentence]:
            done.append(each)
            go = re.search(r" (\w+) steps?(.*)\.", each)
            if go:
                count = int(go[1]) if go[1].isdigit() else words.index(go[1])
                ways = ("north", "east", "south", "west", "forward", "right", "backward", "left")
                way = next((at for at, name in enumerate(ways) if name in go[2]), 4)
                way = way if way < 4 else (way + facing) % 4
                east += count * (0, 1, 0, -1)[way]
                north += count * (1, 0, -1, 0)[way]
            elif each.startswith(("Turn", "Make")):
                degrees = 180 if "around" in each else int((re.findall(r"\d+", each) or ["90"])[0])
                facing += degrees // 90 * (-1 if "left" in each else 1)
    return east, north


@levels(WALK)
def test_a_walk_returns_when_the_target_says_so(level):
    for data in instances(WALK, level, 40):
        assert (walked(data["input"]) == (0, 0)) == (data["target"] == "Yes")


def test_a_walk_that_misses_the_start_looks_like_one_that_returns():
    """Neither the number of instructions nor the last of them gives the answer away."""
    sizes = {"Yes": [], "No": []}
    for data in instances(WALK, "3_10", 400):
        sizes[data["target"]].append(data["input"].count(". "))
    means = {target: sum(values) / len(values) for target, values in sizes.items()}
    assert abs(means["Yes"] - means["No"]) < 0.6
