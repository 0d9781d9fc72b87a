"""The tables: what they hold, what stands for what is not known, and that they fit."""

import re
from random import Random

import pytest

from pytest_codesteer.report import DEFAULT, TABLES, TableError, chosen_tables, outcomes, tables
from pytest_codesteer.report.cells import WIDTH, broken, table
from tests.records import record, records

TEN = (
    "only_question", "all_text", "all_code", "all_code_cot", "autogen_concat", "autogen_system", "code_interpreter",
    "code_interpreter_plus", "code_text_sum", "self_estimate_score",
)  # fmt: skip
PAPER_TASKS = (
    "number_multiply", "game24", "path_plan", "letters", "boxlift", "boxnet", "blocksworld", "date_understanding",
    "web_of_lies", "logical_deduction", "navigate", "gsm_hard", "math_geometry", "math_counting_and_probability",
)  # fmt: skip


def a_run(methods=TEN, tasks=PAPER_TASKS, models=("gpt-4o",), count=4):
    rng = Random(4)
    spent = {"prompt_tokens": 1234, "completion_tokens": 56789, "dollars": 0.12345, "model_seconds": 123.4}
    return [
        record(index, correct=rng.random() < 0.5, method=method, task=task, model=model, requests=3,
               used_code=rng.random() < 0.5, answered_by=rng.choice(("code", "text")), **spent)
        for model in models for task in tasks for index in range(count) for method in methods
    ]  # fmt: skip


def text(records, *names, titles=None):
    return "\n".join(tables(records, titles or {}, names or None))


def test_every_table_fits_with_ten_methods_and_long_names():
    run = a_run(tasks=(*PAPER_TASKS, "constrained_linear_arrangement"))
    for name in TABLES:
        lines = tables(run, {}, (name,))
        assert len(lines) > 2
        assert max(map(len, lines)) <= WIDTH, name
    six = a_run(
        count=1, models=("gpt-4o", "gpt-4o-mini", "gpt-3.5-turbo", "o1-preview", "claude-3-sonnet", "mixtral")
    )
    assert max(map(len, tables(six, {}, ("methods",)))) <= WIDTH


def test_names_are_broken_at_their_joints_and_only_then_hyphenated():
    assert broken("code_interpreter_plus", 12) == "code_\ninterpreter_\nplus"
    assert broken("all_code", 8) == "all_code"
    assert broken("all_code (2 turns)", 10) == "all_code\n(2 turns)"
    assert broken("constrained", 6) == "const-\nrained"
    for width in range(6, 20):
        for name in (*TEN, *PAPER_TASKS):
            lines = broken(name, width).split("\n")
            assert max(map(len, lines)) <= width
            assert "".join(lines).replace("-", "") == name


def test_a_table_has_a_rule_under_all_lines_of_its_heading():
    lines = table(("name", *["a_very_long_heading_of_a_column"] * 9), [["x", *"123456789"]])
    rule = next(at for at, line in enumerate(lines) if set(line) <= set("- "))
    assert rule > 1
    assert lines[rule + 1].split() == ["x", *"123456789"]


def test_unknown_is_a_question_mark_and_what_does_not_exist_a_dash():
    run = [*records([1, 0]), record(5, method="all_text", outcome="error")]
    costs = text(run, "costs")
    assert [line.split() for line in costs.splitlines() if line.startswith("all_")] == [
        ["all_code", "2", "50%", "9-91%", "0%", "?", "?", "?", "0.00", "0.000", "0.0", "0"],
        ["all_text", "1", "-", "-", "-", "?", "?", "?", "?", "?", "?", "1"],
    ]
    assert "letters       50%         -" in text(run, "tasks")
    row = next(
        line for line in text(records([1]), "solved_costs").splitlines() if line.startswith("all_code")
    )
    assert row.split() == ["all_code", "1", "?", "-", "?", "-", "0.0", "-"]


def test_the_best_of_a_row_is_marked_unless_all_are_alike():
    run = [
        *records([1, 1], method="a", task="t"), *records([1, 0], method="b", task="t"), *records([1, 1], method="c", task="t"),
        *records([1, 0], method="a", task="u"), *records([1, 0], method="b", task="u"), *records([0, 1], method="c", task="u"),
    ]  # fmt: skip
    lines = text(run, "tasks").splitlines()
    assert [line.split() for line in lines if line[:2] in ("t ", "u ")] == [
        ["t", "*100%", "50%", "*100%"],
        ["u", "50%", "50%", "50%"],
    ]
    assert "* the best of its row" in lines
    assert "*" not in text(records([1]), "tasks")


def test_table_2_shows_models_side_by_side_with_ranks():
    run = a_run(("all_text", "all_code"), ("letters", "game24"), ("m", "n"))
    lines = text(run, "methods").splitlines()
    assert lines[0].startswith("average normalised score")
    assert lines[2].split() == ["method", "m", "n", "score", "95", "%", "rank", "95", "%"]
    assert all("(1)" in line or "(2)" in line for line in lines[4:6])
    alone = text(a_run(("all_text", "all_code"), ("letters",)), "methods").splitlines()
    assert alone[2].split() == ["method", "score", "95", "%", "rank", "95", "%"]


def test_code_usage_shows_the_four_classes():
    run = [*records([1, 1, 0], used_code=True), *records([1], used_code=False, level="long")]
    row = next(line for line in text(run, "usage").splitlines() if line.startswith("all_code"))
    assert row.split() == ["all_code", "4", "75%", "30-95%", "50%", "25%", "25%", "0%"]


def test_levels_stand_in_the_order_in_which_they_were_run():
    run = [*records([1, 0], level="two"), *records([0, 0], level="four"), *records([1, 1], level="eight")]
    rows = [line.split() for line in text(run, "levels").splitlines() if line.startswith("letters")]
    assert [(row[1], row[4]) for row in rows] == [("two", "50%"), ("four", "0%"), ("eight", "100%")]


def test_turns_stand_side_by_side():
    run = [*records([1, 0, 0, 0]), *records([1, 1, 0, 0], turns=2), *records([1, 1, 1, 0], turns=4)]
    lines = text(run, "turns").splitlines()
    row = next(line.split() for line in lines if line.startswith("all_code"))
    assert row[1::2] == ["25%", "50%", "75%"]
    assert "all_code (4 turns)" in text(run, "costs")


def test_pass_k_is_shown_for_each_k_up_to_the_epochs():
    hits = ((1, 1, 1), (1, 1, 0), (1, 0, 0), (0, 0, 0))  # of four instances, epoch by epoch
    run = [
        record(index, correct=bool(hit), epoch=epoch)
        for index, mine in enumerate(hits)
        for epoch, hit in enumerate(mine, 1)
    ]
    lines = text(run).splitlines()
    rows = [line.split() for line in lines if line.startswith("all_code  ")][-3:]
    assert [(row[1], row[2], row[-1]) for row in rows] == [
        ("1", "50%", "4"),
        ("2", "33%", "4"),
        ("3", "25%", "4"),
    ]
    assert all(re.fullmatch(r"\d+-\d+%", row[3]) for row in rows)
    assert "fewer" not in text(run)
    less = text([*run[:-1], record(3, outcome="error", epoch=3)], "epochs").splitlines()
    assert [line.split()[1:] for line in less if line.startswith("all_code")][2] == ["3", "?", "-", "-"]
    assert "?: an instance has fewer judged epochs than k" in less
    assert "no table of epochs: each instance was asked once" in text(records([1, 0]), "epochs")
    assert "no table of epochs" in text(records([1, 0], epoch=10**9), "epochs")  # a number says nothing
    assert "pass^k" not in text(records([1, 0]))


def test_steering_is_shown_where_both_modes_were_run():
    rows = [line.split() for line in text(a_run(("all_text", "all_code", "mine")), "steering").splitlines()]
    assert [row[0] for row in rows if row and row[0] in ("all_text", "all_code", "mine")] == [
        "all_text",
        "all_code",
        "mine",
    ]
    assert "no table of steering: all_text was not run" in text(a_run(("all_code",)), "steering")
    assert "steering" not in text(a_run(("all_code",)))


def test_a_table_that_was_not_asked_for_by_name_is_passed_over_in_silence():
    one = a_run(("all_code",))
    assert "no table" not in text(one)
    assert text(one, *TABLES).count("no table of") == 4  # steering, turns, epochs, methods


def test_the_tables_of_a_model_stand_under_its_name():
    run = [*records([1], model="local"), *records([1], model="gpt-4o")]
    lines = tables(run, {"local": " = SmolLM2"}, ("costs",))
    assert [line for line in lines if "cases" in line and ":" in line and "mean" not in line] == [
        "local = SmolLM2: 1 cases",
        "gpt-4o: 1 cases",
    ]
    assert tables([], {}) == []


def test_tables_are_chosen_by_name():
    assert chosen_tables(None) is None
    assert chosen_tables(" costs, tasks,costs") == ("costs", "tasks")
    assert chosen_tables("levels,all") == TABLES
    assert set(DEFAULT) < set(TABLES)
    with pytest.raises(TableError, match="unknown table 'cost'; did you mean 'costs'?"):
        chosen_tables("cost")
    with pytest.raises(TableError, match="no table is named; known: all, costs"):
        chosen_tables(",")


def test_outcomes_count_what_kept_cases_from_being_right():
    run = [
        *(record(index, outcome="limit", reason="cut") for index in range(3)),
        record(7, outcome="error", error="no server"),
        *records([1, 0]),
    ]
    assert outcomes(run) == "3 limit: cut; 1 error: no server"
    assert outcomes(records([1])) == ""
