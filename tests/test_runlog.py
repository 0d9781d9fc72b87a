"""The run log: what is written is there, and what is broken is said to be."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

from pytest_codesteer.runlog import Decision, Record, RunLog, RunLogError, read_earlier, read_run

KEYS = {"task": "t", "level": "l", "instance": "l-000", "digest": "d", "seed": 0, "method": "m", "model": "x"}


def record(**values):
    return Record(**{**KEYS, "outcome": "correct", **values})


def test_records_come_back_as_they_were(tmp_path):
    log = RunLog(tmp_path / "runs" / "a.jsonl", {"seed": 3})
    records = [
        record(),
        record(outcome="error", error="gone", dollars=None, scores={"ratio": 0.5}),
        record(final_text="\u2028 \u03c0 \U0001f600 \n", transcript=({"ask": []},)),
    ]
    for each in records:
        log.add(each.to_json())
    log.close()
    run = read_run(tmp_path / "runs" / "a.jsonl")
    assert run.header["seed"] == 3
    assert list(run.records) == records
    assert run.broken == 0


def test_keys_of_a_later_version_are_passed_over(tmp_path):
    log = RunLog(tmp_path / "a.jsonl", {})
    log.add(json.dumps({**record().to_dict(), "later": 1}))
    assert read_run(tmp_path / "a.jsonl").records == (record(),)


def test_half_a_line_at_the_end_is_counted_and_costs_nothing_else(tmp_path):
    path = tmp_path / "a.jsonl"
    log = RunLog(path, {})
    log.add(record().to_json())
    log.add(record().to_json())
    path.write_bytes(path.read_bytes()[:-20])
    run = read_run(path)
    assert (len(run.records), run.broken) == (1, 1)


DECISION = Decision("*: solved >= 50%", "inconclusive", passed=False, reasons=("x, all_code: solved 50 %",))


def decided_log(path):
    log = RunLog(path, {})
    log.add(record().to_json())
    log.decided([DECISION])
    return log


def test_what_became_of_the_gates_comes_back_and_is_no_case(tmp_path):
    path = tmp_path / "a.jsonl"
    decided_log(path)
    run = read_run(path)
    assert (run.records, run.decisions, run.broken) == ((record(),), (DECISION,), 0)
    assert len(read_earlier(path).entries) == 1


def test_that_no_gate_was_asked_for_is_not_that_nothing_is_known(tmp_path):
    log = RunLog(tmp_path / "a.jsonl", {})
    assert read_run(tmp_path / "a.jsonl").decisions is None
    log.decided([])
    assert read_run(tmp_path / "a.jsonl").decisions == ()


def test_decisions_count_only_as_the_last_line_and_whole(tmp_path):
    path = tmp_path / "a.jsonl"
    log = decided_log(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    assert (read_run(path).decisions, read_run(path).broken) == (None, 1)
    path.write_bytes(whole)
    log.add(record(reason="later").to_json())
    assert (read_run(path).decisions, len(read_run(path).records)) == (None, 2)


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        ("null", "decisions is null, not a list, each of it an object"),
        ("1", "decisions is 1, not a list"),
        ("[1]", "decisions is [1], not a list"),
        ("[{}]", "decision of a gate: lacks text, verdict, passed, reasons"),
        ('[{"verdict": "passed", "passed": true, "reasons": []}]', "decision of a gate: lacks text"),
        (
            '[{"text": "t", "verdict": "fine", "passed": true, "reasons": []}]',
            'decision of a gate: verdict is "fine"',
        ),
        (
            '[{"text": "t", "verdict": "passed", "passed": true, "reasons": [1]}]',
            "decision of a gate: reasons is [1]",
        ),
    ],
)
def test_decisions_that_are_none_are_refused(tmp_path, decisions, said):
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"codesteer": 1}}\n{{"decisions": {decisions}}}\n')
    with pytest.raises(RunLogError) as raised:
        read_run(path)
    assert str(raised.value).startswith(f"{path}: line 2 is no record ({said}")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"dollars": "x"}, 'dollars is "x", not a number or null'),
        ({"dollars": [1]}, "dollars is [1], not a number or null"),
        ({"instance": 5}, "instance is 5, not a text"),
        ({"instance": "l-x"}, "instance is 'l-x', not of the form level-index"),
        ({"seed": 1.5}, "seed is 1.5, not a whole number"),
        ({"turns": None}, "turns is null, not a whole number"),
        ({"used_code": "no"}, 'used_code is "no", not true or false'),
        ({"scores": [1]}, "scores is [1], not an object"),
        ({"outcome": "fine"}, 'outcome is "fine", not one of correct, wrong, unreadable, limit, error'),
        ({"transcript": ["x"]}, 'transcript is ["x"], not a list, each of it an object'),
        ({"question": ["x" * 999]}, 'question is ["xxxx'),
    ],
)
def test_a_field_of_a_wrong_type_is_told_with_its_line(tmp_path, values, said):
    path = tmp_path / "a.jsonl"
    lines = [{"codesteer": 1}, record().to_dict(), {**record().to_dict(), **values}]
    path.write_text("\n\n".join(map(json.dumps, lines)))  # a blank line is a line, too
    with pytest.raises(RunLogError) as raised:
        read_run(path)
    assert str(raised.value).startswith(f"{path}: line 5 is no record ({said}")
    assert len(str(raised.value)) < len(str(path)) + 150


def test_what_a_record_lacks_is_told(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"codesteer": 1}\n{"task": "t", "level": "l", "instance": "l-000", "digest": "d"}\n')
    with pytest.raises(RunLogError, match=r"line 2 is no record \(lacks seed, method, model, outcome\)"):
        read_run(path)


@pytest.mark.parametrize("values", [{"packages": None}, {"models": "x"}, {"methods": [1]}, {"cases": "2"}])
def test_a_header_of_wrong_types_is_told(tmp_path, values):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"codesteer": 1, **values}))
    for read in (read_run, read_earlier):
        with pytest.raises(RunLogError, match=rf"a\.jsonl: line 1 is no header \({next(iter(values))} is "):
            read(path)


def test_a_score_that_is_true_or_whole_is_a_number():
    as_written = {**record().to_dict(), "score": True, "lenient_score": 1, "dollars": 0}
    assert Record.from_dict(as_written).score == 1


def test_a_killed_process_leaves_every_record_it_had_reported(tmp_path):
    path = tmp_path / "a.jsonl"
    code = f"""
        import os, signal
        from pathlib import Path
        from tests.test_runlog import record
        from pytest_codesteer.runlog import RunLog
        log = RunLog(Path({str(path)!r}), {{}})
        for n in range(100):
            log.add(record(reason=str(n)).to_json())
        os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False, cwd=os.getcwd())
    assert [each.reason for each in read_run(path).records] == [str(n) for n in range(100)]


def test_an_existing_file_is_not_written_over(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("precious")
    with pytest.raises(RunLogError, match="File exists; name another --codesteer-log"):
        RunLog(path, {})
    assert path.read_text() == "precious"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_an_error_that_names_the_file(monkeypatch, tmp_path):
    log = RunLog(tmp_path / "a.jsonl", {})
    log._file = open("/dev/full", "wb", buffering=0)  # noqa: SIM115
    with pytest.raises(RunLogError, match="No space left on device; this record is not on disk"):
        log.add(record().to_json())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a run log"),
        (b"hello\n", "not a run log"),
        (json.dumps(KEYS).encode(), "not a run log"),
        (b'{"codesteer": 99}\n', "of format 99; this version reads format 1"),
    ],
)
def test_what_is_no_run_log_is_told(tmp_path, content, said):
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(RunLogError, match=said):
        read_run(tmp_path / "a.jsonl")
    with pytest.raises(RunLogError, match="No such file"):
        read_run(tmp_path / "b.jsonl")


def test_what_was_left_out_counts_only_at_the_end_of_a_log(tmp_path):
    """Cases behind a decision, as in logs that somebody has put together, were not decided on."""
    log = RunLog(tmp_path / "run.jsonl", {"cases": 4})
    log.add(record().to_json())
    log.decided([Decision("*: solved >= 0%", "passed", True, ())], needless=3)
    for read in (read_run, read_earlier):
        assert (read(log.path).needless, read(log.path).missing) == (3, 0)
    log.add(record(instance="l-001").to_json())
    log.close()
    for read in (read_run, read_earlier):
        assert (read(log.path).needless, read(log.path).missing) == (0, 2)
    assert not read_earlier(log.path).gates
