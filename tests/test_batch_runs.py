"""Runs with --codesteer-batch, from outside: what they cost and show, how they end and go on."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import textwrap
import time

import pytest

import pytest_codesteer.batch
from pytest_codesteer.engine import Account
from pytest_codesteer.plugin.progress import Standing
from pytest_codesteer.runlog import read_run
from tests.batches import QUICK
from tests.kills import answer, digest_of, digests_in, timeless
from tests.loopback import completion
from tests.test_plugin import BARE, MODEL, TOML, WORKERS, run, write_task


@pytest.fixture
def server(batches):
    return batches(answer)


@pytest.fixture
def project(pytester, monkeypatch):
    write_task(pytester.path / "task_specs" / "sum", toml=TOML.replace("top = 9", "top = 999"))
    pytester.makeconftest(QUICK)
    monkeypatch.setattr(
        pytest_codesteer.batch, "TIMING", pytest_codesteer.batch.TIMING
    )  # put back at the end
    return pytester


def options(server, *more, model="gpt-4o", method="all_text"):
    where = f"--codesteer-base-url={server.url}"
    return [f"--codesteer-model={model}", where, f"--codesteer-method={method}", "--codesteer-batch", *more]


def runs(folder):
    """Return the records of each run, by case."""
    paths = sorted((folder / ".codesteer" / "runs").glob("*.jsonl"))
    return [{record.id: record for record in read_run(path).records} for path in paths]


def start(folder, server, *more):
    command = [sys.executable, "-m", "pytest", *options(server, *more), *BARE, "-p", "no:cacheprovider"]
    return subprocess.Popen(
        [*command, "--rootdir=."], cwd=folder, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


class TestRun:
    @WORKERS
    def test_a_round_is_one_batch_of_each_process(self, project, server, workers, monkeypatch):
        monkeypatch.setenv("OPENAI_API_KEY", "secret")
        result = run(project, *options(server, *workers))
        assert result.ret == 0
        result.stdout.fnmatch_lines(["codesteer: batch: a round of requests may take 24 hours"])
        result.stdout.no_fnmatch_line("*under way*")
        assert server.sizes == ([2, 2] if workers else [4])
        assert server.keys == {"Bearer secret"}
        [records] = runs(project.path)
        assert len(records) == 4
        for record in records.values():
            assert (record.requests, record.batch_requests, record.model_seconds) == (1, 1, None)
            assert record.outcome in ("correct", "wrong")

    def test_it_costs_half_and_its_time_is_not_known(self, project, server):
        result = run(project, *options(server, "--codesteer-tables=all"))
        [records] = runs(project.path)
        assert {record.dollars for record in records.values()} == {(11 * 2.50 + 7 * 10.00) / 1e6 / 2}
        columns = result.stdout.str().splitlines()
        [heads] = [line for line in columns if re.match(r" *method .*model s", line)][:1]
        row = columns[columns.index(heads) + 2]
        assert row[heads.index("model s") :].split()[0] == "?"

    def test_the_record_and_its_transcript_tell(self, project, server):
        run(project, *options(server))
        [log] = (project.path / ".codesteer" / "runs").glob("*.jsonl")
        header, first, *_ = map(json.loads, log.read_text().splitlines())
        assert header["batch"] is True
        assert first["transcript"][0]["reply"]["batch"] is True
        assert first["transcript"][0]["reply"]["seconds"] is None

    def test_methods_of_several_rounds_ask_in_several(self, project, server):
        def respond(body):
            shown = [message for message in body["messages"] if message["role"] == "tool"]
            if shown or "tools" not in body:
                return answer({"messages": [each for each in body["messages"] if each["role"] == "user"]})
            call = {"name": "python", "arguments": json.dumps({"code": "print(6 * 7)"})}
            return completion("", tool_calls=[{"id": "c", "type": "function", "function": call}])

        server.respond = respond
        more = [
            "--codesteer-method=code_interpreter",
            "--codesteer-method=code_text_sum",
            "--codesteer-turns=1,2",
        ]
        result = run(project, *options(server, *more))
        assert result.ret == 0
        [records] = runs(project.path)
        assert len(records) == 4 * 4
        assert not [record.error for record in records.values() if record.error]
        for record in records.values():
            assert record.batch_requests == record.requests >= 1
        assert sum(server.sizes) == len(server.executed)
        assert len(server.batches) < 16

    def test_the_second_run_asks_nothing_and_one_without_batches_has_the_same_replies(self, project, server):
        for more in ([], []):
            run(project, *options(server, *more))
        assert len(server.executed) == 4
        run(project, *[option for option in options(server) if option != "--codesteer-batch"])
        first, *others = runs(project.path)
        for other in others:
            assert {name: timeless(each) for name, each in other.items()} == {
                name: timeless(each) for name, each in first.items()
            }
            assert all(record.cached_requests == 1 for record in other.values())

    def test_a_budget_holds(self, project, server):
        result = run(project, *options(server, "--codesteer-max-requests=3"))
        assert len(server.executed) == 3
        result.stdout.fnmatch_lines(["codesteer: 1 of 4 cases were not run: --codesteer-max-requests=3 *"])

    def test_a_model_of_ones_own_is_asked_as_ever(self, project, server):
        project.makeconftest(QUICK + textwrap.dedent(MODEL))
        run(project, *options(server))
        [records] = runs(project.path)
        assert {(record.requests, record.batch_requests) for record in records.values()} == {(1, 0)}
        assert server.calls == []

    def test_a_test_of_ones_own_asks_in_batches_too(self, project, server):
        project.makepyfile(
            """
            def test_steady(steering):
                episode = steering("What is 1 + 2?", method="all_text")
                assert episode.replies[0].batch and episode.model_seconds is None
            """
        )
        name = "test_a_test_of_ones_own_asks_in_batches_too.py"
        run(project, *options(server), name).assert_outcomes(passed=1)
        assert server.sizes == [1]

    def test_an_estimate_is_of_half_the_price(self, project, server):
        def most(*more):
            result = run(project, *options(server, "--codesteer-estimate", *more))
            [line] = [line for line in result.outlines if line.startswith("all ")]
            return float(line.split()[-1])

        half = most()
        prices = (
            '[[batch]]\nprovider = "openai"\nmodels = ["*"]\nsince = 2025-01-01\nfactor = 1\ncached = true\n'
        )
        (project.path / "prices.toml").write_text(prices)
        assert most("--codesteer-prices=prices.toml") == pytest.approx(2 * half, rel=0.01)
        assert server.calls == []

    def test_the_line_of_progress_says_where_requests_wait(self):
        account = Account(requests=12, held={"1": (12, 0.0)})
        assert "12 waiting in batches" in Standing(0, 12, 1.0, account, batch=True).line()


class TestRefusals:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (["--codesteer-no-cache"], "--codesteer-batch and --codesteer-no-cache: without a cache *"),
            (["--codesteer-until-decided"], "--codesteer-batch and --codesteer-until-decided: all cases *"),
            (["--codesteer-replay"], "*--codesteer-replay*"),
            (["--codesteer-model=local"], "--codesteer-batch: there is no Batch API for local; *"),
            (["--codesteer-model=oracle"], "--codesteer-batch: there is no Batch API for oracle; *"),
            (["--codesteer-guide=local"], "--codesteer-batch: there is no Batch API for local; *"),
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused_in_one_line(self, project, server, given, said):
        result = run(project, *options(server), *given)
        assert result.ret == 4
        result.stderr.fnmatch_lines([f"ERROR: {said}"])

    def test_a_provider_without_the_api_is_refused_with_the_remedy(self, project, monkeypatch):
        monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
        result = run(project, "--codesteer-model=anthropic/claude-haiku-4-5", "--codesteer-batch")
        assert result.ret == 4
        result.stderr.fnmatch_lines(
            [
                "ERROR: --codesteer-batch: there is no Batch API for anthropic/claude-haiku-4-5; * openai, groq, *"
            ]
        )

    def test_a_cost_limit_needs_the_price_of_a_batch(self, project, server):
        prices = (
            '[[price]]\nprovider = "together"\nmodels = ["*"]\nsince = 2025-01-01\ninput = 1\noutput = 1\n'
        )
        (project.path / "prices.toml").write_text(prices)
        more = ["--codesteer-prices=prices.toml", "--codesteer-max-cost=1"]
        result = run(project, *options(server, *more, model="together/m"))
        assert result.ret == 4
        result.stderr.fnmatch_lines(["ERROR: *the price of together/m in a batch is not known; add it *"])

    def test_a_cache_that_cannot_be_used_is_refused(self, project, server):
        (project.path / "broken.sqlite").write_text("This is no database.")
        result = run(project, *options(server, "--codesteer-cache=broken.sqlite"))
        assert result.ret == 4
        result.stderr.fnmatch_lines(["ERROR: --codesteer-batch needs the cache, to pay for nothing twice: *"])
        assert server.calls == []


LONG_GRACE = """
import pytest_codesteer.plugin.endings
pytest_codesteer.plugin.endings.GRACE_SECONDS = 120.0
"""


class TestEnding:
    @WORKERS
    def test_ctrl_c_waits_for_nothing_and_the_same_command_goes_on(self, project, server, workers):
        server.held.set()
        project.makeconftest(f"{QUICK}{LONG_GRACE}")
        process = start(project.path, server, *workers)
        deadline = time.monotonic() + 30
        while sum(server.sizes) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 2
        said = "codesteer: Ctrl-C: the batches go on at the provider; to go on, run the same command again"
        assert said in output
        assert re.search(r"codesteer: \d+ requests are under way in \d batches; the same command", output)
        other = [
            option for option in options(server, "--codesteer-samples=1") if option != "--codesteer-batch"
        ]
        run(project, *other, "-k", "none").stdout.fnmatch_lines(
            ["codesteer: 4 requests are under way in batches: --codesteer-batch waits for them"]
        )
        server.held.clear()
        result = run(project, *options(server))
        assert result.ret == 0
        result.stdout.fnmatch_lines(["codesteer: batch: *; 4 requests are under way in * batches"])
        assert len(server.executed) == 4

    def test_when_the_time_is_up_the_same_command_goes_on(self, project, server):
        server.held.set()
        result = run(project, *options(server, "--codesteer-max-time=1"))
        result.stdout.fnmatch_lines(
            ["codesteer: 4 of 4 cases were not run: --codesteer-max-time is reached*"]
        )
        server.held.clear()
        assert run(project, *options(server, "--codesteer-max-time=10m")).ret == 0
        assert len(server.executed) == 4
        assert len(server.batches) == 1


MANY = (
    "--codesteer-method=all_code", "--codesteer-method=code_text_sum", "--codesteer-turns=1,2", "-q",
)  # fmt: skip


def kill(process, server, rng):
    """Kill a run at a random moment: when it has made so many calls of the API, and some milliseconds later."""
    before, calls = len(server.calls), rng.randint(1, 5)
    while len(server.calls) - before < calls and process.poll() is None:
        time.sleep(0.002)
    time.sleep(rng.uniform(0, 0.06))
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_a_run_that_is_killed_and_started_again_has_nothing_carried_out_twice(tmp_path, batches):
    seed = random.randrange(10**9)
    rng = random.Random(seed)
    records, executed = {}, {}
    for name, kills in (("whole", 0), ("killed", 5)):
        folder = tmp_path / name
        write_task(folder / "task_specs" / "sum", toml=TOML.replace("top = 9", "top = 999"))
        (folder / "conftest.py").write_text(QUICK)
        server = batches(answer, looks=1, seconds=0.02)
        for _ in range(kills):
            kill(start(folder, server, *MANY), server, rng)
        process = start(folder, server, *MANY)
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, f"seed {seed}: {output}"
        executed[name] = sorted(map(digest_of, server.executed))
        records[name] = {case: timeless(record) for case, record in runs(folder)[-1].items()}
    assert records["killed"] == records["whole"], f"seed {seed}"
    assert executed["killed"] == executed["whole"], f"seed {seed}"
    assert (
        len(set(executed["whole"])) == len(executed["whole"]) == len(digests_in(json.dumps(records["whole"])))
    )
