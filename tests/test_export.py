"""A run for other tools: what they read is what was recorded."""

import csv
import io
import json
import zipfile
from dataclasses import replace

import pytest

from pytest_codesteer.command import main
from pytest_codesteer.export.flat import COLUMNS, csv_of, jsonl_of
from pytest_codesteer.export.inspect_log import inspect_logs
from pytest_codesteer.runlog import Record, Run
from tests.records import record
from tests.runs import HEADER, a_run, execution, reply, said, told, write_log

ERROR = replace(told(record(9, outcome="error"), ""), error="no server", details="Traceback", transcript=())
RUN = Run(HEADER, (*a_run(2, turns=(1, 2)), ERROR), 0)


def logs():
    return {name: zipfile.ZipFile(io.BytesIO(content)) for name, content in inspect_logs(RUN)}


def test_csv_has_the_figures_of_each_case_and_empty_cells_for_what_is_not_known():
    rows = list(csv.DictReader(io.StringIO(csv_of(RUN.records))))
    assert [row["case"] for row in rows] == [each.id for each in RUN.records]
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["prompt_tokens"], rows[0]["dollars"], rows[0]["reasoning_tokens"]) == (
        "120",
        "0.0123",
        "",
    )
    assert (rows[-1]["outcome"], rows[-1]["error"]) == ("error", "no server")


@pytest.mark.parametrize("reason", ["=1+1", "+x", "-x", "@x", "\t=1+1", "\n=1"])
def test_a_spreadsheet_takes_no_text_for_a_formula(reason):
    [row] = csv.DictReader(io.StringIO(csv_of([replace(record(), reason=reason)])))
    assert row["reason"] == "'" + reason.strip()


def test_json_lines_hold_all_of_a_record():
    lines = list(jsonl_of(RUN.records))
    values = [json.loads(line) for line in lines]
    assert [each.pop("case") for each in values] == [each.id for each in RUN.records]
    assert [Record.from_dict(each) for each in values] == list(RUN.records)
    assert all(line.isascii() for line in lines)


@pytest.mark.parametrize("form", ["csv", "jsonl", "markdown"])
def test_the_command_prints_or_writes_the_same(tmp_path, capsys, form):
    path = write_log(tmp_path / "a.jsonl", RUN.records)
    assert main(["export", path, f"--format={form}"]) == 0
    printed = capsys.readouterr().out
    assert main(["export", path, f"--format={form}", "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out").read_text("utf-8") == printed


class TestInspect:
    def test_there_is_a_log_for_each_model_and_method(self):
        heads = [json.loads(log.read("header.json")) for log in logs().values()]
        assert [(head["eval"]["task"], head["results"]["total_samples"]) for head in heads] == [
            ("all_text", 8), ("all_text (2 turns)", 8), ("all_code", 9), ("all_code (2 turns)", 8),
            ("code_text_sum", 8), ("code_text_sum (2 turns)", 8),
        ]  # fmt: skip
        assert len(set(logs())) == 6

    def test_samples_hold_chat_score_and_error(self):
        [log] = [log for name, log in logs().items() if "all-code_" in name]
        samples = [json.loads(log.read(name)) for name in log.namelist() if name.startswith("samples/")]
        mine = [each for each in RUN.records if (each.method, each.turns) == ("all_code", 1)]
        assert [each["id"] for each in samples] == [f"{each.task}-{each.instance}" for each in mine]
        for sample, each in zip(samples[:-1], mine[:-1], strict=True):
            assert sample["scores"]["correct"]["value"] == ("C" if each.correct else "I")
            said, called, printed = sample["messages"]
            assert (said["role"], called["role"], printed["role"]) == ("user", "assistant", "tool")
            [call] = called["tool_calls"]
            assert call["arguments"] == {"code": "print('<<<1>>>')"}
            assert (call["id"], call["function"]) == (printed["tool_call_id"], printed["function"])
            assert "<<<1>>>\n" in printed["content"]
            assert sample["model_usage"]["gpt-4o"]["total_tokens"] == 460
            assert sample["metadata"]["case"] == each.id
        assert samples[-1]["error"]["message"] == "no server"
        assert samples[-1]["scores"] == {}

    def test_calls_of_a_tool_and_programs_of_a_provider_are_shown_once_with_their_outputs(self):
        run = {"source": "print(2)", "execution": execution("2\n")}
        call = {"id": "c", "name": "python", "arguments": '{"code": "print(1)"}'}
        lost = {"id": "d", "name": "shell", "arguments": "ls"}
        asked = [said("user", "What is it?")]
        steps = (
            {"ask": asked, "reply": reply("First this.", tool_calls=[call])},
            {"run_code": "print(1)", "session": "python", "execution": execution("1\n")},
            {"ask": [*asked, said("assistant", "First this."), said("tool", "It printed 1")],
             "reply": reply("Then that.", tool_calls=[lost])},
            {"ask": [*asked, said("assistant", "First this."), said("tool", "It printed 1"),
                     said("assistant", "Then that."), said("tool", "There is no shell")],
             "reply": reply("Two.", executions=[run])},
        )  # fmt: skip
        [(_, content)] = inspect_logs(Run(HEADER, (replace(record(), transcript=steps),), 0))
        log = zipfile.ZipFile(io.BytesIO(content))
        messages = json.loads(log.read("samples/letters-short-000_epoch_1.json"))["messages"]
        shown = [
            (
                each["role"],
                each["content"],
                [call["arguments"]["code"] for call in each.get("tool_calls", ())],
            )
            for each in messages
        ]
        printed = "output (ok, 0.10 s)\n{}\n"
        assert shown == [
            ("user", "What is it?", []), ("assistant", "First this.", ["print(1)"]), ("tool", printed.format(1), []),
            ("assistant", "Then that.", []), ("assistant", "model calls shell: ls", []),
            ("user", "There is no shell", []), ("assistant", "", ["print(2)"]), ("tool", printed.format(2), []),
            ("assistant", "Two.", []),
        ]  # fmt: skip

    def test_tokens_are_summed_where_all_are_known(self):
        heads = [json.loads(log.read("header.json")) for log in logs().values()]
        assert heads[0]["stats"]["model_usage"]["gpt-4o"]["total_tokens"] == 8 * 460
        [(_, content)] = inspect_logs(
            Run(HEADER, (record(0, prompt_tokens=1, completion_tokens=1), record(1)), 0)
        )
        head = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("header.json"))
        assert head["stats"]["model_usage"] == {}

    def test_the_same_run_makes_the_same_files(self):
        assert list(inspect_logs(RUN)) == list(inspect_logs(RUN))

    def test_inspect_reads_them(self, tmp_path):
        log = pytest.importorskip("inspect_ai.log", reason="needs inspect_ai")
        path = write_log(tmp_path / "a.jsonl", RUN.records)
        assert main(["export", path, "--format=inspect", "-o", str(tmp_path / "logs")]) == 0
        read = [log.read_eval_log(str(file)) for file in sorted((tmp_path / "logs").glob("*.eval"))]
        assert sum(len(each.samples) for each in read) == len(RUN.records)
        assert {each.status for each in read} == {"success"}
        judged = [sample for each in read for sample in each.samples if not sample.error]
        assert sum(sample.scores["correct"].value == "C" for sample in judged) == sum(
            each.correct for each in RUN.records
        )
