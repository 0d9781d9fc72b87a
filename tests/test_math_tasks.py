"""The two MATH tasks: every family's answer is found a second way, by the program that comes with it."""

import contextlib
import io
import json
import random
import sys
from pathlib import Path

import pytest

from pytest_codesteer.answers import boxed, marked, same_mathematics
from pytest_codesteer.answers.decimals import computed
from pytest_codesteer.answers.statements import Listing, statement
from pytest_codesteer.task import load_task
from pytest_codesteer.task.boxed import draw, load
from tests.judging import processor_time

ROOT = Path(__file__).parents[1]
SEEDS = 12
TASKS = {
    name: load_task(ROOT / "task_specs" / name) for name in ("math_geometry", "math_counting_and_probability")
}
FAMILIES = {name: sys.modules[task.generate.__module__].FAMILIES for name, task in TASKS.items()}
EACH = pytest.mark.parametrize("name", TASKS)
EACH_FAMILY = pytest.mark.parametrize(
    ("name", "family"),
    [
        pytest.param(name, family, id=f"{name[5:]}-{level}-{family.__name__}")
        for name, levels in FAMILIES.items()
        for level, families in levels.items()
        for family in families
    ],
)


def drawn(family):
    return [draw(random.Random(f"{family.__name__}/{seed}"), (family,)) for seed in range(SEEDS)]


def printed(program):
    """Run one of our own programs here: a process for each of them would take minutes."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(program, "program", "exec"), {"__name__": "__main__"})  # noqa: S102  (the project's own text)
    return output.getvalue()


def numbers(text):
    term = statement(text).sides[-1].term
    values = [item.sides[-1].term.value for item in term.items] if isinstance(term, Listing) else [term.value]
    return [float(computed(value)) for value in values]


@EACH_FAMILY
def test_the_program_of_a_family_finds_the_answer_another_way(name, family):
    for data in drawn(family):
        output = printed(TASKS[name].program(data))
        assert TASKS[name].check(data, output).correct, (data["problem"], output)
        assert numbers(marked(output)) == pytest.approx(numbers(boxed(data["solution"])), rel=1e-9, abs=1e-9)


@EACH_FAMILY
def test_a_family_varies_and_a_changed_answer_is_wrong(name, family):
    instances = drawn(family)
    assert len({data["problem"] for data in instances}) >= 4
    for data in instances:
        answer = TASKS[name].solve(data)
        changed = answer.replace("(", "(1 + ") if answer.startswith("(") else f"{answer} + 1"
        assert TASKS[name].check(data, f"<<<{answer}>>>").correct
        assert not TASKS[name].check(data, f"<<<{changed}>>>").correct
        assert not TASKS[name].check(data, f"<<<{answer} or {changed}>>>").correct


@EACH
def test_there_are_forty_families_over_five_levels(name):
    levels = FAMILIES[name]
    families = [family for level in levels.values() for family in level]
    assert list(TASKS[name].levels) == ["1", "2", "3", "4", "5"] == list(TASKS[name].paper_levels)
    assert len(set(families)) == len(families) >= 40
    assert min(map(len, levels.values())) >= 8


@EACH
def test_answers_are_exact_and_of_several_kinds(name):
    answers = [TASKS[name].solve(i.data) for level in "12345" for i in TASKS[name].instances(level, 60)]
    assert not any("." in answer for answer in answers)
    for kind in (r"\frac", r"\pi", *((r"\sqrt", "(") if name == "math_geometry" else ())):
        assert sum(kind in answer for answer in answers) >= 5
    assert sum(answer.isdecimal() for answer in answers) >= 20
    assert len(set(answers)) > 100


@EACH
def test_a_thousand_instances_take_less_than_ten_seconds(name):
    for level in TASKS[name].levels:
        with processor_time(10):
            instances = TASKS[name].instances(level, 1000)
        assert len({instance.data["problem"] for instance in instances}) > 400


@EACH
def test_the_question_shows_the_problem_alone(name):
    data = TASKS[name].instances("3", 1)[0].data
    question = TASKS[name].question(data)
    assert question.startswith(data["problem"])
    assert question == TASKS[name].question({"problem": data["problem"], "solution": ""})
    assert question.count("<<<") == 2  # the form and one example


@EACH
def test_a_real_problem_gets_a_program_that_prints_its_answer(name):
    data = {"problem": "How long?", "solution": r"It is $\boxed{\frac{5\sqrt{2}}{3}}$."}
    program = TASKS[name].program(data)
    assert printed(program) == "<<<\\frac{5\\sqrt{2}}{3}>>>\n"
    assert TASKS[name].check(data, printed(program)).correct


OPTIONS = (
    r"The ratio? $\textbf{(A)}\ 1:3 \qquad\textbf{(B)}\ 3:4 \qquad\textbf{(C)}\ 4:3 \qquad\textbf{(D)}\ 3:1$",
    r"[asy] label('(A)'); [/asy] $\text{(A) }\frac13\quad\text{(B) } 4\quad\text{(C) }2\quad\text{(D) }3$",
    r"$\mathrm{(A) \ }0 \qquad \mathrm{(B) \ }1 \qquad \mathrm{(C) \ }2 \qquad \mathrm{(D) \frac{6}{2} }$",
    "Which is it? (A) 1:3 (B) 3:4 (C) 4:3 (D) 3:1",
)


@EACH
@pytest.mark.parametrize("problem", OPTIONS)
def test_the_letter_of_the_right_option_is_an_answer(name, problem):
    data = {"problem": problem, "solution": r"\boxed{3}"}
    right = ("D", "(D)", "d", r"\textbf{(D)}", "(D) 3", "D. 3", "D) 3", "Option D", "The answer is D.", "3")
    wrong = ("C", "(A)", "(C) 3", "(D) 4", "CD", "C or D", "E")
    assert [answer for answer in right if not TASKS[name].check(data, f"<<<{answer}>>>").correct] == []
    assert [answer for answer in wrong if TASKS[name].check(data, f"<<<{answer}>>>").correct] == []


# Real data ---------------------------------------------------------------------------------------------


def folder(path, **problems):
    for name, data in problems.items():
        path.joinpath(f"{name[1:]}.json").write_text(data if isinstance(data, str) else json.dumps(data))
    return path


def problem(number, level):
    return {"problem": f"p{number}", "level": level, "type": "Geometry", "solution": rf"\boxed{{{number}}}"}


def test_problems_are_loaded_by_number_with_their_levels(tmp_path):
    data = {f"n{n}": problem(n, level) for n, level in ((10, "Level 2"), (9, "Level 5"), (1, "Level ?"))}
    path = folder(tmp_path, **data)
    path.joinpath("readme.txt").write_text("no problem")
    assert list(load(path)) == [
        ("?", {"problem": "p1", "solution": r"\boxed{1}"}),
        ("5", {"problem": "p9", "solution": r"\boxed{9}"}),
        ("2", {"problem": "p10", "solution": r"\boxed{10}"}),
    ]


@pytest.mark.parametrize(
    "text", ["{", "[]", "null", '{"problem": "p"}', json.dumps(problem(1, "Level 1"))[:-4]]
)
def test_a_malformed_problem_is_named(tmp_path, text):
    with pytest.raises(ValueError, match=r"2\.json: not a problem of the MATH data"):
        list(load(folder(tmp_path, n1=problem(1, "Level 1"), n2=text)))


def test_a_problem_without_a_boxed_answer_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"3\.json: .*boxed"):
        list(load(folder(tmp_path, n3={**problem(3, "Level 1"), "solution": "It is 3."})))


SHARED = ROOT.parent / "shared"


@EACH
def test_every_real_answer_is_read_in_many_settings(name):
    """The public targets hold lists, equations, ratios, letters and all kinds of units."""
    path = SHARED / "data" / "symbench" / f"{name}.jsonl"
    if not path.is_file():
        pytest.skip(f"there is no {path}: it is not part of the project")
    for line in path.read_text("utf-8").splitlines():
        data = json.loads(line)["instance"]
        target = TASKS[name].solve(data)
        for form in ("{}", "${}$", "x = {}", "The answer is {}.", "**{}**", "\\[\n{}\n\\]"):
            answer = form.replace("{}", target)
            assert same_mathematics(answer, target, question=data["problem"]), (answer, target)


@EACH
def test_the_public_folder_is_loaded(name):
    path = SHARED / "data" / "raw" / "MATH" / "train" / name.removeprefix("math_")
    if not path.is_dir():
        pytest.skip(f"there is no {path}: it is not part of the project")
    problems = list(TASKS[name].generate.__globals__["load"](path))
    assert len(problems) == len(list(path.glob("*.json")))
    assert {level for level, _ in problems} <= set("12345?")
    assert all(TASKS[name].check(data, TASKS[name].solve(data)).correct for _, data in problems)
