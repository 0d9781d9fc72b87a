"""The limits of a run, estimates, and runs that end before their time."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module

import pytest

from pytest_codesteer.conversation import Usage
from pytest_codesteer.engine import Budget, Ledger, NotRun
from pytest_codesteer.plugin.limits import read_time
from pytest_codesteer.runlog import RunLog, RunLogError, read_run
from pytest_codesteer.task import load_task
from tests.loopback import Answer, completion
from tests.test_plugin import BARE, WORKERS, records, run

PRICES = '[[price]]\nprovider = "vllm"\nmodels = ["*"]\nsince = 2025-01-01\ninput = 100\noutput = 100\n'
REPLY = 18 * 100 / 1e6  # dollars of one reply of the loopback server
GRACE = """
import pytest_codesteer.engine.ledger
import pytest_codesteer.plugin.endings
pytest_codesteer.engine.ledger.GRACE_SECONDS = pytest_codesteer.plugin.endings.GRACE_SECONDS = {seconds}
"""


def served(server, *options):
    return (
        "--codesteer-model=vllm/m",
        f"--codesteer-base-url={server.url}",
        "--codesteer-method=all_text",
        "--codesteer-samples=12",
        "--codesteer-no-cache",  # questions that are alike would be asked once
        *options,
    )


class TestLimits:
    @WORKERS
    def test_no_more_requests_are_made_than_a_run_may(self, project, workers, loopback):
        server = loopback(lambda body: completion("<<<1>>>"))
        result = run(project, *served(server, "--codesteer-max-requests=5", *workers))
        assert result.ret == 1
        assert len(server.requests) == 5
        assert len(records(project).records) == 5
        result.stdout.fnmatch_lines(
            [
                "codesteer: 7 of 12 cases were not run: --codesteer-max-requests=5 is reached",
                "codesteer: to go on, *",
            ]
        )

    @pytest.mark.parametrize("cache", [("--codesteer-no-cache",), ("--codesteer-cache=c.sqlite",)], ids=len)
    def test_waiting_for_a_busy_server_is_no_time_of_a_case(self, project, loopback, cache):
        busy = iter([Answer({}, 429, {"retry-after-ms": "1500"})])
        server = loopback(lambda body: next(busy, None) or completion("<<<1>>>"))
        options = [option for option in served(server) if option != "--codesteer-no-cache"]
        run(project, *options, "--codesteer-samples=1", "--codesteer-case-time=1", *cache)
        assert len(server.requests) == 2
        assert [record.outcome for record in records(project).records] == ["wrong"]

    def test_a_run_that_needs_no_more_than_it_may_is_green(self, project, loopback):
        server = loopback(lambda body: completion("<<<1>>>"))
        result = run(project, *served(server, "--codesteer-max-requests=12", "--codesteer-max-time=10m"))
        assert result.ret == 0
        assert "were not run" not in result.stdout.str()

    @WORKERS
    def test_a_run_never_costs_more_than_it_may(self, project, workers, loopback):
        (project.path / "prices.toml").write_text(PRICES)
        server = loopback(lambda body: completion("<<<1>>>"))
        options = ["--codesteer-prices=prices.toml", "--codesteer-max-tokens=10", "--codesteer-max-cost=0.03"]
        result = run(project, *served(server, *options, *workers))
        assert result.ret == 1
        spent = sum(record.dollars for record in records(project).records)
        assert REPLY <= spent <= 0.03
        assert len(server.requests) == len(records(project).records)
        result.stdout.fnmatch_lines(["*were not run: --codesteer-max-cost=0.03 is reached: US$ * are left*"])

    def test_ordinary_tests_run_also_when_a_limit_is_reached(self, project, loopback):
        project.makepyfile(test_last="def test_it(): pass")
        server = loopback(lambda body: completion("<<<1>>>"))
        paths = ["task_specs", "test_last.py"]
        result = run(project, *paths, *served(server, "--codesteer-max-requests=2"))
        assert result.parseoutcomes()["passed"] == 1

    def test_time_runs_out(self, project, loopback):
        project.makeconftest(GRACE.format(seconds=0.3))
        end = threading.Event()

        def respond(body):
            if len(server.requests) > 3:
                end.wait(60)
            return completion("<<<1>>>")

        server = loopback(respond)
        try:
            result = run(project, *served(server, "--codesteer-max-time=2"))
        finally:
            end.set()
        assert result.ret == 1
        assert len(records(project).records) == 3
        result.stdout.fnmatch_lines(["codesteer: 9 of 12 *: --codesteer-max-time is reached (2 s)"])

    def test_a_case_has_limits_of_its_own(self, project, loopback):
        server = loopback(lambda body: completion("```python\nprint()\n```"))
        options = [
            "--codesteer-method=code_text_sum",
            "--codesteer-case-requests=1",
            "--codesteer-samples=1",
        ]
        run(project, *served(server, *options))
        interpreted = [each for each in records(project).records if each.method == "code_text_sum"]
        assert [record.outcome for record in interpreted] == ["limit"]
        assert interpreted[0].reason == "asked for more than 1 requests"

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (
                ["--codesteer-max-cost=1"],
                "*=1: the price of unpriced is not known; add it with *-prices=FILE",
            ),
            (["--codesteer-max-cost=much"], "*=much: write US dollars, as in 2.50"),
            (["--codesteer-max-cost=nan"], "*=nan: write US dollars, as in 2.50"),
            (["--codesteer-max-cost=0"], "*=0: write US dollars, as in 2.50"),
            (["--codesteer-max-requests=0"], "*=0: must be 1 or more"),
            (["--codesteer-max-time=soon"], "*=soon: write a time as in 90 (seconds), 15m or 2h"),
        ],
    )
    def test_limits_that_cannot_hold_are_refused(self, project, options, said):
        nobody = "--codesteer-base-url=http://127.0.0.1:9/v1"
        result = run(project, "--codesteer-model=unpriced", nobody, *options)
        assert result.ret == 4
        result.stderr.fnmatch_lines([f"ERROR: --codesteer-{said}"])

    @pytest.mark.parametrize(("given", "seconds"), [("90", 90), ("1.5m", 90), ("2h", 7200), ("30s", 30)])
    def test_times_are_read(self, given, seconds):
        assert read_time("max-time", given) == seconds

    @pytest.mark.parametrize("given", ["", "0", "-1", "m", "1d", "inf", "nan", "1e9", "९"])
    def test_other_times_are_not(self, given):
        with pytest.raises(pytest.UsageError, match="write a time"):
            read_time("max-time", given)


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(tmp_path / "account.json", Budget(requests=100, dollars=1.0))
    made.create()
    return made


class TestLedger:
    def test_what_is_claimed_at_once_never_exceeds_the_budget(self, ledger):
        def work(_):
            try:
                return ledger.claim(0.3)
            except NotRun:
                return None

        with ThreadPoolExecutor(8) as threads:
            assert sorted(threads.map(work, range(8))) == [False] * 5 + [True] * 3
        assert ledger.read().under_way == 3

    def test_room_comes_back_when_a_request_cost_less_than_it_might_have(self, ledger):
        assert ledger.claim(0.9)
        assert not ledger.claim(0.9)
        ledger.settle(0.9, 0.05, Usage(10, 0, 5, 0))
        assert ledger.claim(0.9)
        account = ledger.read()
        assert (account.requests, account.prompt_tokens, account.completion_tokens) == (2, 10, 5)
        assert account.dollars == pytest.approx(0.05)

    def test_what_is_not_known_counts_with_its_worst(self, ledger):
        assert ledger.claim(0.9)
        ledger.settle(0.9, None, None)
        assert (ledger.read().dollars, ledger.read().unpriced) == (0.9, 1)
        with pytest.raises(NotRun, match=r"US\$ 0.1000 are left, and the next request may cost US\$ 0.9000"):
            ledger.claim(0.9)
        assert ledger.over().startswith("--codesteer-max-cost=1 is reached")

    def test_what_a_dead_process_has_claimed_is_spent(self, ledger):
        program = (
            "import os, pathlib; from pytest_codesteer.engine import Budget, Ledger;"
            f"Ledger(pathlib.Path({str(ledger.path)!r}), Budget(dollars=1.0)).claim(0.7); os.kill(os.getpid(), 9)"
        )
        subprocess.run([sys.executable, "-c", program], check=False)
        assert ledger.read().under_way == 1
        assert ledger.claim(0.3)
        account = ledger.read()
        assert (account.dollars, account.under_way, account.unpriced) == (0.7, 1, 1)

    def test_the_first_reason_and_the_earliest_end_hold(self, ledger):
        ledger.end("one", until=50.0)
        ledger.end("two", until=20.0)
        ledger.end("three")
        assert (ledger.over(), ledger.read().until, ledger.times_up()) == ("one", 20.0, True)

    def test_without_its_file_a_run_is_over(self, ledger):
        ledger.path.unlink()
        with pytest.raises(NotRun, match="the account of the run is gone"):
            ledger.claim(0.1)
        assert ledger.over()
        assert ledger.times_up()


class TestEstimate:
    @WORKERS
    def test_it_is_printed_before_the_first_request_and_the_run_stops(self, project, workers, loopback):
        (project.path / "prices.toml").write_text(PRICES)
        server = loopback(lambda body: completion("<<<1>>>"))
        options = ["--codesteer-prices=prices.toml", "--codesteer-method=self_estimate_score"]
        result = run(project, *served(server, *options, *workers, "--codesteer-estimate"))
        assert result.ret == 0
        assert server.requests == []
        assert not (project.path / ".codesteer").exists()
        result.stdout.fnmatch_lines(
            [
                "*= codesteer estimate =*",
                "model*method*cases*requests*tokens in*tokens out*US$*US$ at most",
                "vllm/m*all_text*12*12*4,800*",
                "vllm/m*self_estimate_score*12*",
                "all*24*",
            ]
        )

    def test_a_price_that_is_not_known_is_shown_as_that(self, project, loopback):
        server = loopback(lambda body: completion("<<<1>>>"))
        result = run(project, "--codesteer-model=unpriced", *served(server, "--codesteer-estimate")[1:])
        assert result.ret == 0
        result.stdout.fnmatch_lines(["all *[?]*[?]"])


class Interrupted:
    """A run whose first three cases are answered, and whose others wait for the test."""

    def __init__(self, project, loopback, *options):
        self.go = threading.Event()
        task = load_task(project.path / "task_specs" / "sum")
        self.first = tuple(task.question(instance.data) for instance in task.instances("one", 3))
        self.server = loopback(self._respond)
        self.log = project.path / "run.jsonl"
        command = [
            sys.executable,
            "-m",
            "pytest",
            *served(self.server, f"--codesteer-log={self.log}"),
            *options,
            *BARE,
        ]
        self.process = subprocess.Popen(
            command, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def _respond(self, body):
        if not body["messages"][0]["content"].startswith(self.first):
            self.go.wait(120)
        return completion("<<<1>>>")

    def until(self, condition):
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline
            assert self.process.poll() is None
            time.sleep(0.01)

    def waits(self, written):
        return self.log.exists() and self.log.read_bytes().count(b"\n") > written

    def ended(self):
        try:
            output, _ = self.process.communicate(timeout=60)
        finally:
            self.go.set()
        return output


class TestInterruption:
    @pytest.mark.parametrize("workers", [[], ["-n1"]], ids=["alone", "n1"])
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
    def test_what_runs_comes_to_its_end_and_is_reported(self, project, loopback, workers, number):
        started = Interrupted(project, loopback, *workers, "--codesteer-concurrency=5")
        started.until(lambda: len(started.server.requests) >= 8 and started.waits(3))
        asked = len(started.server.requests)
        started.process.send_signal(number)
        time.sleep(0.3)  # the signal comes while the cases wait; nothing rests on how long this is
        started.go.set()
        output = started.ended()
        assert started.process.returncode == 2
        assert len(started.server.requests) == asked
        assert len(read_run(started.log).records) == asked
        name = "Ctrl-C" if number == signal.SIGINT else "SIGTERM"
        assert f"{12 - asked} of 12 cases were not run: stopped by {name}" in output
        assert f"vllm/m: {asked} cases" in output
        assert "to go on, run the same command again" in output

    def test_the_second_time_it_ends_at_once(self, project, loopback):
        project.makeconftest(GRACE.format(seconds=1000))
        started = Interrupted(project, loopback)
        started.until(lambda: len(started.server.requests) == 12 and started.waits(3))
        started.process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        started.process.send_signal(signal.SIGINT)
        output = started.ended()
        assert started.process.returncode == 2
        assert "vllm/m: 3 cases" in output

    def test_it_needs_no_account_of_the_run(self, project, monkeypatch):
        project.makeconftest(
            """
            import pathlib, shutil, signal
            def pytest_runtest_setup():
                for folder in pathlib.Path("temporary").glob("steering-run-*"):
                    shutil.rmtree(folder)
                    signal.raise_signal(signal.SIGINT)
            """
        )
        monkeypatch.setattr(tempfile, "tempdir", str(project.mkdir("temporary")))
        result = run(project, "--codesteer-model=oracle")
        assert result.ret == 2
        assert "errors" not in result.parseoutcomes()

    def test_while_workers_collect_there_is_nothing_to_wait_for(self, project):
        project.makeconftest(
            """
            import pathlib, time
            def pytest_collect_file(file_path, parent):
                if hasattr(parent.config, "workerinput"):
                    pathlib.Path("collecting").touch()
                    time.sleep(1000)
            """
        )
        command = [sys.executable, "-m", "pytest", "--codesteer-model=oracle", "-n1", *BARE]
        started = project.popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 60
        while not (project.path / "collecting").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.killpg(started.pid, signal.SIGINT)  # as a terminal does
        try:
            output, _ = started.communicate(timeout=60)
        finally:
            with suppress(ProcessLookupError):  # where all is well
                os.killpg(started.pid, signal.SIGKILL)
        assert started.returncode == 2
        assert b"no case was collected" not in output

    def test_while_the_tables_are_made_is_told_in_a_line(self, project, monkeypatch):
        def interrupt(*given):
            raise KeyboardInterrupt

        monkeypatch.setattr(import_module("pytest_codesteer.plugin.reporter"), "tables", interrupt)
        result = project.runpytest_inprocess("--codesteer-model=oracle", *BARE)
        assert result.ret == 2
        assert "Traceback" not in result.stderr.str()
        result.stderr.fnmatch_lines(["Exit: Ctrl-C cut the report short: the records are kept, and*"])
        assert len(records(project).records) == 12

    def test_a_run_that_is_just_starting_leaves_nothing_behind(self, project, monkeypatch):
        def interrupt(sandbox):
            raise KeyboardInterrupt

        monkeypatch.setattr(import_module("pytest_codesteer.sandbox.strong"), "reached", interrupt)
        monkeypatch.setattr(tempfile, "tempdir", str(project.path))
        before = sorted(project.path.iterdir())
        result = project.runpytest_inprocess("--codesteer-model=oracle", *BARE, no_reraise_ctrlc=True)
        assert result.ret == 2
        assert sorted(project.path.iterdir()) == before

    def test_the_cases_of_a_worker_that_is_killed_are_run_by_another(self, project, loopback):
        started = Interrupted(project, loopback, "-n2")
        started.until(lambda: started.waits(2))
        of_the_run = ["pgrep", "-P", str(started.process.pid), "-f", "stdin.readline"]  # and not the sandbox
        workers = subprocess.check_output(of_the_run, text=True).split()
        os.kill(int(workers[0]), signal.SIGKILL)
        started.go.set()
        output = started.ended()
        assert started.process.returncode == 0, output
        assert len({record.id for record in read_run(started.log).records}) == 12
        assert len(read_run(started.log).records) == 12


class TestRunLogFaults:
    def test_a_full_disk_stops_the_log_and_not_the_run(self, project, loopback, monkeypatch):
        project.makeconftest(
            """
            import pathlib
            opened = pathlib.Path.open
            def full(self, mode="r", *rest, **options):
                return open("/dev/full", "wb", buffering=0) if mode == "xb" else opened(self, mode, *rest, **options)
            def pytest_runtestloop(session):
                pathlib.Path.open = full
            def pytest_unconfigure():
                pathlib.Path.open = opened
            """
        )
        result = run(project, "--codesteer-model=oracle", "--codesteer-method=all_text")
        assert result.ret == 1
        assert result.parseoutcomes() == {"passed": 4}
        result.stdout.fnmatch_lines(["codesteer: *.jsonl: No space left on device; *", "oracle: 4 cases"])

    def test_a_log_that_is_removed_is_noticed(self, tmp_path):
        folder = tmp_path / "runs"
        log = RunLog(folder / "run.jsonl", {})
        log.add("{}")
        (folder / "run.jsonl").unlink()
        folder.rmdir()
        with pytest.raises(RunLogError, match="was removed while the run went on"):
            log.add("{}")
        with pytest.raises(RunLogError, match="was removed"):
            log.close()
