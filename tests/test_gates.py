"""Gates as functions of records: the grammar, what is measured, verdicts, and deciding early."""

import re
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pytest_codesteer.gate import (
    METRICS,
    Baseline,
    GateError,
    Place,
    Watch,
    decide,
    decide_against,
    parse_drop,
    parse_gate,
)
from pytest_codesteer.gate.decision import judge
from pytest_codesteer.gate.sequential import ERROR, hits_in_all
from pytest_codesteer.metrics import Rate, wilson
from tests.records import record, records

PLACE = Place("gpt-4o", "all_code", 1, "letters")


# Grammar -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            "all_code: solved >= 70%",
            {"method": "all_code", "task": "", "model": "*", "value": 0.7, "op": ">="},
        ),
        ("all_code@game24:solved>=.7", {"task": "game24", "value": 0.7}),
        (
            "all_*@game*: solved.low > 7.3 %",
            {"method": "all_*", "task": "game*", "bound": "low", "value": 73 / 1000},
        ),
        (
            "my.steering:debate@game24: errors == 0",
            {"method": "my.steering:debate", "task": "game24", "value": 0},
        ),
        ("* on local:smol: solved < 5%", {"model": "local:smol", "op": "<"}),
        (
            "x@y on openrouter/a/b-*: pass^3.low >= 50%",
            {"model": "openrouter/a/b-*", "metric": "pass^k", "k": 3},
        ),
        (
            "*: dollars_per_solved.high <= 0.01",
            {"metric": "dollars_per_solved", "bound": "high", "value": 0.01},
        ),
        ("*: steering_regret <= -5%", {"metric": "steering_regret", "value": -0.05}),
    ],
)
def test_gates_are_read(text, fields):
    gate = parse_gate(f"  {text} ")
    assert {name: getattr(gate, name) for name in fields} == fields
    assert gate.text == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' is not a gate; write METHOD[@TASK]: METRIC OP VALUE, as in 'all_code: solved >= 70%'"),
        ("all_code>=70%", "is not a gate"),
        ("all_code: solved >= 70%%", "is not a gate"),
        ("all_code: solved >= 1e2", "is not a gate"),
        ("all_code: solved => 70%", "is not a gate"),
        ("all_code: solved 70%", "is not a gate"),
        (": solved >= 70%", "is not a gate"),
        ("all_code@: solved >= 70%", "is not a gate"),
        ("all_code on: solved >= 70%", "is not a gate"),
        ("all_code: solvd >= 70%", "unknown metric 'solvd'; did you mean 'solved'?"),
        ("all_code: pass^0 >= 70%", "unknown metric 'pass^k'"),
        ("all_code: pass >= 70%", "unknown metric 'pass'"),
        ("all_code: solved^2 >= 70%", "unknown metric 'solved^k'"),
        (
            "all_code: solved.middle >= 70%",
            ".low and .high are the ends of an interval, which solved does not have",
        ),
        (
            "all_code: errors.low >= 7",
            ".low and .high are the ends of an interval, which errors does not have",
        ),
        ("all_code: solved >= 70", "solved is a rate; write a bound of 0% to 100%"),
        ("all_code: score >= 101%", "score is a rate; write a bound of 0% to 100%"),
        ("all_code: requests <= 5%", "requests is not a rate; write the bound without %"),
    ],
)
def test_what_is_no_gate_is_refused_with_the_remedy(text, said):
    with pytest.raises(GateError) as caught:
        parse_gate(text)
    assert said in str(caught.value)
    assert repr(text) in str(caught.value)


@given(st.text(max_size=60))
def test_no_text_but_a_gate_is_read_as_one(text):
    with suppress(GateError):
        assert parse_gate(text).metric in METRICS


def test_a_drop_is_a_share():
    assert (parse_drop("3%"), parse_drop("0.03"), parse_drop(" 2.5 %")) == (0.03, 0.03, 0.025)
    for text in ("", "3", "-3%", "101%", "3 percent", "nan", "1e-2"):
        with pytest.raises(GateError, match="is no drop of a share; write 3% or 0.03"):
            parse_drop(text)


# What a gate measures ----------------------------------------------------------------------------


def full(hits, **fields):
    known = {"prompt_tokens": 10, "completion_tokens": 5, "dollars": 0.01, "model_seconds": 2.0}
    return records(hits, **{**known, **fields})


def run_of_three():
    """Return a run in which every metric is defined."""
    mine = [
        record(index, correct=hit, method="mine", epoch=epoch, answered_by="code", used_code=True, score=float(hit),
               prompt_tokens=10 + index, completion_tokens=5, dollars=0.01, model_seconds=2.0, requests=1)
        for index, hit in enumerate([1, 1, 0, 1, 0, 1])
        for epoch in (1, 2)
    ]  # fmt: skip
    code = [
        record(i, correct=i < 4, method="all_code", epoch=e, answered_by="code")
        for i in range(6)
        for e in (1, 2)
    ]
    text = [
        record(i, correct=i > 4, method="all_text", epoch=e, answered_by="text")
        for i in range(6)
        for e in (1, 2)
    ]
    return [*mine, *code, *text]


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("solved", 4 / 6), ("by_code", 1.0), ("used_code", 1.0), ("unreadable", 0.0), ("limit", 0.0),
        ("error_rate", 0.0), ("steering_accuracy", 4 / 5), ("steering_regret", 0.0), ("pass^2", 4 / 6), ("score", 4 / 6),
        ("normalised_score", 1.0), ("rank", 1.0), ("prompt_tokens", 12.5), ("completion_tokens", 5.0),
        ("dollars", 0.01), ("model_seconds", 2.0), ("code_seconds", 0.0), ("requests", 1.0),
        ("tokens_per_solved", 12 * 17.5 / 8), ("dollars_per_solved", 0.015), ("seconds_per_solved", 3.0),
        ("errors", 0), ("cases", 12),
    ],
)  # fmt: skip
def test_every_metric_is_measured(metric, value):
    run, tried = run_of_three(), 0
    for bound, verdict in ((value - 0.001, "passed"), (value + 0.001, "failed")):
        with suppress(GateError):  # a share beyond 0% to 100%
            found = decide(parse_gate(f"mine: {metric} >= {bound:.9f}"), run)
            assert (found.verdict, len(found.reasons)) == (verdict, 1), found.lines
            tried += 1
    assert tried


def test_all_metrics_are_tried_above():
    tried = {
        mark.args[1][at][0]
        for mark in test_every_metric_is_measured.pytestmark
        for at in range(len(mark.args[1]))
    }
    assert {"pass^k" if name == "pass^2" else name for name in tried} == set(METRICS)


@pytest.mark.parametrize(
    ("gate", "run", "said"),
    [
        ("*: solved >= 0%", [], "no such case was run"),
        ("all_text: solved >= 0%", records([1]), "no such case was run"),
        ("all_code@game24: solved >= 0%", records([1]), "no such case was run"),
        ("all_code on gpt-3*: solved >= 0%", records([1]), "no such case was run"),
        ("*: solved >= 0%", [record(outcome="error")], "no case was judged; solved is not known (of 1 cases, 1 errors)"),
        ("*: dollars <= 9", records([1, 1]), "dollars is not known for 2 of 2 judged cases"),
        ("*: dollars_per_solved <= 9", [*full([1]), record(5, prompt_tokens=3)], "the dollars of 1 of 2 cases are not known"),
        ("*: tokens_per_solved <= 9", full([0, 0]), "no case is solved"),
        ("*: pass^2 >= 0%", records([1, 1]), "pass^2 needs 2 judged epochs of each instance; 2 of 2 have less"),
        ("*: steering_accuracy >= 0%", records([1]), "all_text was not run"),
        ("*: steering_regret <= 100%", records([1]), "all_text was not run"),
        ("*: normalised_score >= 0%", records([1]), "no other method was run to compare it with"),
        ("*: rank <= 1", [*records([0]), *records([0], method="all_text")], "no method solves anything"),
        ("*: errors == 0", [*records([1]), record(3, outcome="error")], "errors 1, of 2 cases"),
        ("*: error_rate <= 49%", [*records([1]), record(3, outcome="error")], "error_rate 50.0% of 2"),
    ],
)  # fmt: skip
def test_whatever_keeps_a_gate_from_being_decided_makes_it_fail(gate, run, said):
    found = decide(parse_gate(gate), run, inconclusive_passes=True)
    assert (found.verdict, found.passed) == ("failed", False)
    assert said in "\n".join(found.lines)


def test_a_missing_case_fails_a_gate_that_would_pass_or_be_inconclusive():
    for gate in ("*: solved >= 50%", "*: solved.low >= 50%"):
        found = decide(parse_gate(gate), records([1, 1]), missing=3, inconclusive_passes=True)
        assert (found.verdict, found.passed) == ("failed", False)
        assert found.reasons[-1] == "3 planned cases left no record"


def test_a_gate_holds_for_each_model_method_and_number_of_turns_one_by_one():
    run = [
        *records([1, 1], model="m"), *records([1, 0], model="n"), *records([1, 1], model="m", turns=2),
        *records([1, 1], model="m", task="game24"),
    ]  # fmt: skip
    found = decide(parse_gate("all_*: solved >= 60%"), run)
    assert found.verdict == "failed"
    assert [reason.partition(":")[0] for reason in found.reasons] == [
        "m, all_code", "n, all_code", "m, all_code (2 turns)",
    ]  # fmt: skip
    assert "solved 100.0% of 4" in found.reasons[0], "all tasks together"
    assert decide(parse_gate("* on m: solved >= 60%"), run).passed


def test_a_gate_that_names_tasks_holds_for_each_of_them():
    run = [*records([1, 1, 1]), *records([1, 0, 0], task="game24"), *records([0], task="other")]
    assert decide(parse_gate("*: solved >= 50%"), run).passed
    found = decide(parse_gate("*@[gl]*: solved >= 50%"), run)
    assert not found.passed
    assert [reason.partition(":")[0] for reason in found.reasons] == [
        "gpt-4o, all_code, letters", "gpt-4o, all_code, game24",
    ]  # fmt: skip


def test_epochs_do_not_make_an_interval_narrower_than_instances_allow():
    alike = [record(index, correct=index < 9, epoch=epoch) for index in range(10) for epoch in range(1, 11)]
    found = decide(parse_gate("*: solved.low >= 80%"), alike)
    assert found.verdict == "inconclusive"
    assert "of 100" in found.reasons[0]
    single = decide(parse_gate("*: solved.low >= 80%"), [each for each in alike if each.epoch == 1])
    needed = [int(re.search(r"about (\d+) instances", each.reasons[0])[1]) for each in (found, single)]
    assert needed[1] <= needed[0] <= 1.5 * needed[1], "epochs that are alike are no instances"


# Verdicts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gate", "hits", "n", "verdict"),
    [
        ("solved >= 80%", 8, 10, "passed"),
        ("solved > 80%", 8, 10, "failed"),
        ("solved <= 80%", 8, 10, "passed"),
        ("solved < 80%", 8, 10, "failed"),
        ("solved == 80%", 8, 10, "passed"),
        ("solved >= 7.3%", 73, 1000, "passed"),
        ("solved.low >= 80%", 100, 100, "passed"),
        ("solved.low >= 80%", 85, 100, "inconclusive"),
        ("solved.low >= 80%", 75, 100, "inconclusive"),
        ("solved.low >= 80%", 60, 100, "failed"),
        ("solved.high <= 20%", 0, 100, "passed"),
        ("solved.high <= 20%", 15, 100, "inconclusive"),
        ("solved.high < 20%", 50, 100, "failed"),
        ("solved.high >= 80%", 75, 100, "passed"),
        ("solved.high >= 80%", 60, 100, "failed"),
        ("solved.low <= 20%", 25, 100, "passed"),
        ("solved.low <= 20%", 60, 100, "failed"),
    ],
)
def test_verdicts(gate, hits, n, verdict):
    found = decide(parse_gate(f"*: {gate}"), records([1] * hits + [0] * (n - hits)))
    assert (found.verdict, found.passed) == (verdict, verdict == "passed")
    word = {"passed": "passed", "failed": "FAILED", "inconclusive": "INCONCLUSIVE"}[verdict]
    assert found.lines[0] == f"gate {word}: *: {gate}"


def test_an_inconclusive_gate_names_the_instances_it_needs_and_passes_on_request():
    run = records([1] * 85 + [0] * 15)
    gate = parse_gate("*: solved.low >= 80%")
    assert decide(gate, run).reasons == (
        "gpt-4o, all_code: solved 85.0% of 100, 95 % interval 76.7% to 90.7%, about 481 instances would decide",
    )
    found = decide(gate, run, inconclusive_passes=True)
    assert (found.verdict, found.passed) == ("inconclusive", True)
    assert found.lines[0] == "gate INCONCLUSIVE (passes): *: solved.low >= 80%"
    on_it = decide(gate, records([1] * 80 + [0] * 20))
    assert "how many instances would decide cannot be said" in on_it.reasons[0]
    costly = decide(parse_gate("*: tokens_per_solved.high <= 30"), full([1, 0] * 10, prompt_tokens=9))
    assert costly.verdict == "inconclusive"
    assert "instances would decide" in costly.reasons[0]


def test_gates_on_ends_of_intervals_raise_false_alarms_as_rarely_as_they_say():
    """At the bound, one in forty passes without cause, and one in forty fails; exact binomial chances."""
    passed, failed = [], []
    for n in (50, 150, 400):
        for percent in (50, 60, 70, 80, 90):
            proof, no_harm = (parse_gate(f"*: solved.{end} >= {percent}%") for end in ("low", "high"))
            chances = stats.binom.pmf(range(n + 1), n, percent / 100)
            rates = [Rate(hits, n, *wilson(hits, n), n, n) for hits in range(n + 1)]
            passed.append(sum(chances[at] for at in range(n + 1) if judge(proof, rates[at]) == "passed"))
            failed.append(sum(chances[at] for at in range(n + 1) if judge(no_harm, rates[at]) == "failed"))
    for alarms in (passed, failed):
        assert max(alarms) <= 0.045
        assert 0.018 <= sum(alarms) / len(alarms) <= 0.032


# Baseline ----------------------------------------------------------------------------------------


def against(before, after, drop=0.03, **options):
    return decide_against(Baseline("run.jsonl", tuple(before), drop), after, **options)


def test_a_run_that_is_no_worse_passes_and_one_that_is_much_worse_fails():
    same = records([1] * 180 + [0] * 20)
    found = against(same, same)
    assert (found.verdict, found.text) == ("passed", "*: solved drops by 3% at most from run.jsonl")
    assert found.reasons[0].startswith(
        "gpt-4o, all_code: solved 90.0% then, 90.0% now, on 200 cases of both, "
    )
    assert found.reasons[0].endswith("change +0.0%, 95 % interval -1.9% to +1.9%")
    assert against(same, records([1] * 140 + [0] * 60)).verdict == "failed"


def test_a_run_too_small_to_tell_is_inconclusive_and_names_what_it_needs():
    found = against(records([1] * 20), records([1] * 20))
    assert (found.verdict, found.passed) == ("inconclusive", False)
    assert found.reasons[0].endswith("about 125 instances would decide")
    assert against(records([1] * 20), records([1] * 20), inconclusive_passes=True).passed
    enough = records([1] * 125)
    assert against(enough, enough).verdict == "passed"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([], records([1]), "no case that the baseline has judged, too"),
        (records([1]), [], "no such case was run"),
        (records([1], digest="other"), records([1]), "no case that the baseline has judged, too"),
        (
            records([1], model="other"),
            records([1]),
            "gpt-4o, all_code: no case that the baseline has judged, too",
        ),
        ([record(outcome="error")], records([1]), "no case that the baseline has judged, too"),
        (records([1] * 200), [*records([1] * 200), *records([1], method="new")], "gpt-4o, new: no case that"),
    ],
)
def test_a_baseline_without_common_cases_fails(before, after, said):
    found = against(before, after, inconclusive_passes=True)
    assert (found.verdict, found.passed) == ("failed", False)
    assert said in "\n".join(found.reasons)


def test_a_comparison_says_what_of_the_baseline_it_left_out():
    before = [*records([1] * 200), *records([1] * 3, method="all_text", task="other")]
    found = decide_against(Baseline("run.jsonl", tuple(before), 0.05, missing=4), records([1] * 190))
    assert found.verdict == "passed"
    assert found.reasons[1:] == (
        "run.jsonl is not whole: 4 of its cases left no record",
        "13 of its 203 judged cases have no counterpart; no methods gpt-4o, all_text here; no tasks other here",
    )
    assert len(against(before, before, drop=0.5).reasons) == 2, "one for each method"


def test_missing_cases_fail_a_comparison_with_a_baseline():
    same = records([1] * 200)
    assert against(same, same, missing=1).verdict == "failed"


def test_a_baseline_passes_and_fails_wrongly_as_rarely_as_it_says():
    """The share has dropped by just what is allowed."""
    rng, runs = Random(21), 400
    verdicts = []
    for _ in range(runs):
        draws = [rng.random() for _ in range(250)]
        before, after = records([x < 0.85 for x in draws]), records([0.05 < x < 0.87 for x in draws])
        verdicts.append(against(before, after).verdict)
    assert verdicts.count("passed") / runs <= 0.04
    assert verdicts.count("failed") / runs <= 0.04


# Deciding early ----------------------------------------------------------------------------------


def watched(gates, outcomes, **options):
    """Run cases until all is decided; return the watch and how many cases that took."""
    watch = Watch([parse_gate(gate) for gate in gates], [PLACE] * len(outcomes), **options)
    for at, outcome in enumerate(outcomes):
        if watch.decided:
            return watch, at
        watch.add(
            record(at, correct=outcome) if isinstance(outcome, bool | int) else record(at, outcome=outcome)
        )
    return watch, len(outcomes)


@pytest.mark.parametrize(
    ("gate", "planned", "chance"),
    [
        ("*: solved >= 70%", 100, 0.7),
        ("*: solved >= 70%", 300, 0.72),
        ("*: solved.low >= 70%", 200, 0.76),
        ("*: solved <= 10%", 60, 0.1),
    ],
)
def test_what_is_decided_early_is_what_the_whole_run_says(gate, planned, chance):
    """Looked at after every case, on chances where the whole run itself is a toss."""
    rng, wrong, runs = Random(f"{gate}/{chance}"), 0, 250
    for _ in range(runs):
        outcomes = [rng.random() < chance for _ in range(planned)]
        watch, _ = watched([gate], outcomes)
        early = watch.decision(parse_gate(gate), 0, inconclusive_passes=False)
        hits = sum(outcomes)
        whole = judge(parse_gate(gate), Rate(hits, planned, *wilson(hits, planned), planned, planned))
        wrong += early.verdict != whole
    assert wrong / runs <= 3 * ERROR


def test_clear_cases_are_decided_in_a_fraction_of_the_run():
    rng = Random(6)
    taken = [
        watched(["*: solved >= 70%"], [rng.random() < chance for _ in range(400)])[1]
        for chance in (0.95, 0.4) * 20
    ]
    assert sum(taken) / len(taken) < 0.2 * 400


def test_bounds_hold_the_truth_at_all_times():
    rng, missed, runs = Random(9), 0, 400
    for _ in range(runs):
        outcomes = [rng.random() < 0.6 for _ in range(80)]
        hits = 0
        for seen, outcome in enumerate(outcomes, start=1):
            hits += outcome
            low, high = hits_in_all(hits, seen, 80, error=0.2)
            if not low <= sum(outcomes) <= high:
                missed += 1
                break
        assert hits_in_all(sum(outcomes), 80, 80) == (sum(outcomes), sum(outcomes))
    assert missed / runs <= 0.2


def test_an_early_decision_says_what_was_seen_and_what_it_means():
    watch, taken = watched(["*: solved >= 70%", "*: errors == 0"], [1] * 100)
    assert taken < 40
    found = watch.decision(parse_gate("*: solved >= 70%"), 0, inconclusive_passes=False)
    assert (found.verdict, found.passed) == ("passed", True)
    assert found.reasons == (
        f"gpt-4o, all_code: solved 100.0% of {taken}; all 100 cases would come to 71.0% to 100.0% (99% sure)",
    )
    assert watch.decision(parse_gate("*: errors == 0"), 0, inconclusive_passes=False) is None
    missing = watch.decision(parse_gate("*: solved >= 70%"), 2, inconclusive_passes=False)
    assert missing.verdict == "failed"


def test_an_error_leaves_a_gate_open_to_the_end():
    watch, taken = watched(["*: solved >= 70%"], ["error", *[1] * 99])
    assert taken == 100
    assert not watch.decided


@pytest.mark.parametrize(
    ("gate", "epochs", "why"),
    [
        ("*: dollars <= 1", 1, "dollars is no share of single cases"),
        ("*: pass^2 >= 1%", 2, "pass^2 is no share of single cases"),
        ("*: steering_accuracy >= 1%", 1, "steering_accuracy is no share of single cases"),
        ("*: cases >= 1", 1, "cases is no share of single cases"),
        ("*: solved.low >= 1%", 2, ".low depends on how alike epochs are"),
    ],
)
def test_gates_that_need_the_whole_run_keep_it_going_and_say_why(gate, epochs, why):
    watch, taken = watched([gate, "*: solved >= 10%"], [1] * 50, epochs=epochs)
    assert taken == 50
    assert not watch.decided
    assert watch.needs_all == [f"{gate}: {why}"]


def test_a_run_without_a_gate_to_decide_is_never_decided():
    assert watched([], [1] * 30)[1] == 30
    assert watched(["*: errors == 0", "*: error_rate <= 1%"], [1] * 30)[1] == 30


def test_a_gate_about_nothing_that_is_planned_is_decided_at_once_and_fails():
    watch, taken = watched(["other: solved >= 70%"], [1] * 30)
    assert taken == 0
    assert watch.decision(parse_gate("other: solved >= 70%"), 0, inconclusive_passes=True).verdict == "failed"


def test_every_model_and_method_must_be_decided():
    other = Place("gpt-4o", "all_text", 1, "letters")
    watch = Watch([parse_gate("*: solved >= 70%")], [PLACE, other] * 50)
    for index in range(50):
        watch.add(record(index))
    assert not watch.decided
    for index in range(50):
        watch.add(record(index, method="all_text"))
    assert watch.decided
