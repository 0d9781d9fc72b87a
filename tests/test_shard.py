"""Runs split into parts."""

from dataclasses import replace
from itertools import chain

import pytest

from pytest_codesteer.plugin.shard import Shard
from pytest_codesteer.runlog import RunLogError, read_run
from pytest_codesteer.runlog.merging import merged
from tests.test_plugin import run, write_task

RUN = ("--codesteer-model=oracle", "--codesteer-method=all_text", "--codesteer-method=all_code")
SIZE = ("--codesteer-samples=10", "--codesteer-epochs=2")


@pytest.fixture
def project(pytester):
    write_task(pytester.path / "task_specs" / "sum")
    return pytester


def cases(project, *options):
    lines = run(project, *RUN, *SIZE, "--collect-only", "-q", *options).outlines
    return [line for line in lines if "::" in line]


def test_the_parts_are_disjoint_and_together_the_whole(project):
    parts = [cases(project, f"--codesteer-shard={part}/3") for part in (1, 2, 3)]
    assert sorted(chain(*parts)) == sorted(cases(project))
    assert {len(part) for part in parts} == {12, 16}


def test_all_cases_of_an_instance_are_in_one_part(project):
    part = cases(project, "--codesteer-shard=2/3")
    instances = [name.partition("-one-")[2][:3] for name in part]
    assert {instances.count(each) for each in instances} == {4}


def test_a_part_does_not_depend_on_what_else_is_chosen(project):
    part = cases(project, "--codesteer-shard=2/3", "-k", "all_code")
    assert part == [name for name in cases(project, "--codesteer-shard=2/3") if "all_code" in name]
    fewer = cases(project, "--codesteer-shard=2/3", "--codesteer-samples=4")
    assert set(fewer) < set(cases(project, "--codesteer-shard=2/3"))


def test_many_small_levels_are_spread_over_the_parts():
    held = [sum(Shard(part, 4).holds("task", f"level{at}", 0) for at in range(400)) for part in range(1, 5)]
    assert sum(held) == 400
    assert min(held) > 60


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_the_header_and_the_run_log_name_the_part(project, workers):
    result = run(project, *RUN, *SIZE, "--codesteer-shard=3/3", *workers)
    result.stdout.fnmatch_lines(["codesteer: shard 3/3 of the instances"])
    [log] = (project.path / ".codesteer" / "runs").glob("*.jsonl")
    assert read_run(log).header["shard"] == "3/3"
    assert len(read_run(log).records) in (12, 16)


def test_a_run_is_whole_with_all_its_parts_alone(project, tmp_path):
    for part in (1, 2, 3):
        run(project, *RUN, *SIZE, f"--codesteer-shard={part}/3", f"--codesteer-log={tmp_path}/{part}.jsonl")
    parts = [(f"{part}.jsonl", read_run(tmp_path / f"{part}.jsonl")) for part in (1, 2, 3)]
    with pytest.raises(RunLogError, match=r"^1.jsonl: part 2/3 is missing: name its log, or run --codesteer"):
        merged([parts[0], parts[2]])
    whole = merged(parts)
    assert whole.header["shard"] == "1/1"
    assert (len(whole.records), whole.missing) == (40, 0)
    short = [(name, replace(part, records=part.records[1:])) for name, part in parts]
    assert merged(short).missing == 3


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_a_part_without_an_instance_leaves_a_log_for_the_whole(project, workers):
    few = ("--codesteer-samples=1", *workers)
    held = [part for part in range(1, 9) if not cases(project, *few[:1], f"--codesteer-shard={part}/8")]
    result = run(project, *RUN, *few, f"--codesteer-shard={held[0]}/8", "--codesteer-log=empty.jsonl")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines([f"codesteer: no case was collected: part {held[0]}/8 has no instance"])
    assert read_run(project.path / "empty.jsonl").header["cases"] == 0


@pytest.mark.parametrize(
    "given", ["", "0/4", "5/4", "2", "2/", "1/2/3", "a/b", "-1/2", "1/0", "²/3", "1 / 2"]
)
def test_a_part_that_there_is_not_is_a_usage_error_of_one_line(project, given):
    result = run(project, *RUN, f"--codesteer-shard={given}")
    assert result.ret == 4
    assert [line for line in result.errlines if line] == [
        f"ERROR: --codesteer-shard={given}: write which part of how many, as in 2/4"
    ]
