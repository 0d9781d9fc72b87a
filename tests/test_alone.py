"""A second chance, alone, for programs that may have run out of time because of others."""

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from pytest_codesteer.conversation import RunCode
from pytest_codesteer.jail.wire import Order, Report
from pytest_codesteer.sandbox import SandboxError, open_sandbox
from pytest_codesteer.sandbox.cells import Cell, Performed
from pytest_codesteer.sandbox.gate import Gate, Timeout
from pytest_codesteer.sandbox.interpreter import Ended, Interpreter
from pytest_codesteer.sandbox.jailed import JailedSandbox
from pytest_codesteer.sandbox.process import ProcessSandbox
from pytest_codesteer.sandbox.turnstile import Turnstile
from tests.test_plugin import BARE, TOML, write_task

ENDLESS = Timeout(limit=1.0, computed=1.0, waited=0.0)  # whatever is beside it


class Visit(NamedTuple):
    """One run of a program."""

    name: str
    began: float
    ended: float

    def meets(self, other):
        return self is not other and self.began < other.ended and other.began < self.ended


def repeated(visits, names):
    """Tell whether each of these programs has run twice, the second time with no other beside it."""
    runs = {name: sorted(visit for visit in visits if visit.name == name) for name in names}
    return all(
        len(runs[name]) == 2 and not any(runs[name][1].meets(visit) for visit in visits) for name in names
    )


@contextmanager
def another_process(folder, action):
    """Have another process do something with a turnstile; it says that it has begun, and ends when told."""
    source = f"""
import sys, threading, time
from pathlib import Path
from pytest_codesteer.sandbox.turnstile import Turnstile
turnstile = Turnstile(Path({str(folder)!r}))
def told(): print("begun", flush=True); sys.stdin.readline()
{action}
"""
    process = subprocess.Popen(
        [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout.readline() == "begun\n"
        try:
            yield process
        finally:
            process.kill()


def entering(way):
    """Start a thread that goes in this way; returns the event of its being in, and that of what it raised."""
    entered, raised = threading.Event(), threading.Event()

    def enter():
        try:
            with way():
                entered.set()
        except SandboxError:
            raised.set()

    threading.Thread(target=enter, daemon=True).start()
    return entered, raised


class TestDoubt:
    @pytest.mark.parametrize(
        ("computed", "waited", "alone", "accompanied"),
        [
            (1.0, 0.0, False, True),
            (0.5, 0.0, False, True),
            (0.02, 0.02, False, False),
            (0.02, 0.5, True, True),
            (1.0, 0.5, True, True),
        ],
        ids=["used its time up", "computed and slept", "slept", "was kept waiting", "used its time up, and waited"],
    )  # fmt: skip
    def test_others_are_to_blame_for_what_they_may_have_cost(self, computed, waited, alone, accompanied):
        timeout = Timeout(1.0, computed, waited)
        assert timeout.doubtful(accompanied=False) is alone
        assert timeout.doubtful(accompanied=True) is accompanied

    def test_a_short_time_that_is_used_up_is_in_doubt_too(self):
        assert Timeout(0.05, computed=0.05, waited=0.0).doubtful(accompanied=True)


class TestGate:
    def test_each_of_many_endless_programs_has_its_second_run_alone(self):
        gate, visits, together = Gate(), [], threading.Barrier(4)

        def endless(name):
            def program():
                began = time.monotonic()
                if name not in {visit.name for visit in visits}:
                    together.wait(10)
                time.sleep(0.01)
                visits.append(Visit(name, began, time.monotonic()))

            gate.run(program, lambda _: ENDLESS)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(endless, "abcd"))
        assert repeated(visits, "abcd")

    @pytest.mark.parametrize(("others", "runs"), [(False, 1), (True, 2)])
    def test_one_that_was_alone_is_not_repeated(self, tmp_path, others, runs):
        """Of another process it is not known when its programs ran."""
        gate, performed = Gate(tmp_path if others else None), []
        gate.run(lambda: performed.append(1), lambda _: ENDLESS)
        assert len(performed) == runs

    def test_company_counts_from_its_beginning_or_to_its_end(self):
        gate = Gate()
        first, second, third = gate.shared(), gate.shared(), gate.shared()
        stay = first.__enter__()
        assert not stay.accompanied
        other = second.__enter__()
        second.__exit__(None, None, None)
        assert (stay.accompanied, other.accompanied) == (True, True)
        first.__exit__(None, None, None)
        with third as later:
            assert not later.accompanied

    def test_all_who_wish_to_be_alone_are_so_before_others_come_in(self):
        gate, order = Gate(), []

        def go(name, way):
            with way():
                order.append(name)

        with gate.shared():
            threads = [
                threading.Thread(target=go, args=each)
                for each in (("a", gate.alone), ("b", gate.shared), ("c", gate.alone), ("d", gate.shared))
            ]
            for thread in threads:
                thread.start()
                time.sleep(0.05)
        for thread in threads:
            thread.join(10)
        assert (set(order[:2]), set(order[2:])) == ({"a", "c"}, {"b", "d"})

    def test_an_exception_leaves_the_gate_open(self):
        gate = Gate()
        for way in (gate.shared, gate.alone):
            with pytest.raises(KeyboardInterrupt), way():
                raise KeyboardInterrupt
        for way in (gate.shared, gate.alone, gate.shared):
            assert entering(way)[0].wait(10)

    def test_an_interrupted_wait_to_be_alone_leaves_the_gate_open(self, monkeypatch):
        gate = Gate()

        def interrupted(_):
            raise KeyboardInterrupt

        monkeypatch.setattr(gate._changed, "wait_for", interrupted)
        with pytest.raises(KeyboardInterrupt):
            gate.alone().__enter__()
        monkeypatch.undo()
        assert entering(gate.shared)[0].wait(10)


SHARED = "with turnstile.shared(): told()"
ALONE = "with turnstile.alone(): told()"
#: Somebody is always in: each leaves when the next has come, or has not for two seconds.
STREAM = """
came = [threading.Event() for _ in range(10_000)]
def go(at):
    while True:
        with turnstile.shared():
            came[at].set()
            time.sleep(0.01)
            came[at + 1].wait(2)
        at += 2
for at in (0, 1):
    threading.Thread(target=go, args=(at,), daemon=True).start()
came[3].wait()
told()
"""


class TestTurnstile:
    def test_one_alone_waits_until_other_processes_have_left(self, tmp_path):
        turnstile = Turnstile(tmp_path)
        with another_process(tmp_path, SHARED) as process:
            with turnstile.shared():
                pass
            entered, _ = entering(turnstile.alone)
            assert not entered.wait(0.2)
            process.communicate("\n")
            assert entered.wait(10)

    def test_one_alone_keeps_other_processes_out(self, tmp_path):
        turnstile = Turnstile(tmp_path)
        with another_process(tmp_path, ALONE) as process:
            shared, alone = entering(turnstile.shared)[0], entering(turnstile.alone)[0]
            assert not shared.wait(0.2)
            assert not alone.is_set()
            process.communicate("\n")
            assert shared.wait(10)
            assert alone.wait(10)

    @pytest.mark.parametrize("action", [SHARED, ALONE])
    def test_a_killed_process_keeps_nobody_out(self, tmp_path, action):
        with another_process(tmp_path, action) as process:
            entered, _ = entering(Turnstile(tmp_path).alone)
            assert not entered.wait(0.2)
            process.send_signal(signal.SIGKILL)
            assert entered.wait(10)

    def test_a_stream_of_programs_does_not_starve_the_one_that_wants_to_be_alone(self, tmp_path):
        with another_process(tmp_path, STREAM):
            assert entering(Turnstile(tmp_path).alone)[0].wait(10)

    def test_a_process_forked_meanwhile_keeps_nobody_out(self, tmp_path):
        turnstile = Turnstile(tmp_path)
        with turnstile.shared():
            if (child := os.fork()) == 0:
                time.sleep(60)
                os._exit(0)
        try:
            assert entering(turnstile.alone)[0].wait(10)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    @pytest.mark.parametrize("way", ["shared", "alone"])
    def test_closing_wakes_those_who_wait(self, tmp_path, way):
        gate = Gate(tmp_path)
        with another_process(tmp_path, ALONE):
            entered, raised = entering(getattr(gate, way))
            assert not entered.wait(0.1)
            gate.close()
            assert raised.wait(10)
            assert not entered.is_set()

    @pytest.mark.parametrize("folder", ["absent", "file/below"])
    def test_without_the_folder_the_programs_of_the_process_are_kept_apart(self, tmp_path, folder):
        (tmp_path / "file").touch()
        gate = Gate(tmp_path / folder)
        with gate.shared():
            entered, _ = entering(gate.alone)
            assert not entered.wait(0.1)
        assert entered.wait(10)
        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    def test_a_file_system_without_locks_lets_everybody_in(self, tmp_path, monkeypatch):
        def refused(*_):
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr(fcntl, "flock", refused)
        for way in (Turnstile(tmp_path).shared, Turnstile(tmp_path).alone):
            assert entering(way)[0].wait(10)

    def test_nothing_stays_open(self, tmp_path):
        turnstile = Turnstile(tmp_path)
        before = len(os.listdir("/dev/fd"))
        for way in (turnstile.shared, turnstile.alone):
            with way():
                pass
        assert len(os.listdir("/dev/fd")) == before


def endless(name):
    return f"name = {name!r}\nwhile True: pass"


class TestSandboxes:
    @pytest.mark.parametrize("tier", ["auto", "process"])
    def test_endless_programs_side_by_side_are_each_run_again_alone(self, tier, monkeypatch):
        visits = []
        for kind in (JailedSandbox, ProcessSandbox):
            monkeypatch.setattr(kind, "_perform", watched(kind._perform, visits.append))
        sandbox = open_sandbox(tier)
        try:
            visits.clear()
            sources = [endless(name) for name in "abc"]
            with ThreadPoolExecutor(3) as pool:
                done = list(pool.map(lambda source: run(sandbox, source), sources))
        finally:
            sandbox.close()
        assert [each.status for each in done] == ["timeout"] * 3
        assert repeated(visits, sources)

    @pytest.mark.parametrize(("used", "waited", "runs"), [(0.02, 0.5, 2), (1.0, 0.5, 2), (1.0, 0.0, 1)])
    def test_what_a_program_used_decides(self, monkeypatch, used, waited, runs):
        """One that the kernel stopped for its processor time counts like one that the sandbox stopped."""
        jailed = Performed(Report(-signal.SIGXCPU, None, used, waited), "", "", 2.0, flooded=False)
        performed = []
        for kind, comes in (
            (JailedSandbox, jailed),
            (ProcessSandbox, Ended(None, -signal.SIGXCPU, False, "", "", 2.0, used, waited)),
        ):
            monkeypatch.setattr(kind, "_perform", lambda _, *order, comes=comes: performed.append(1) or comes)
        monkeypatch.setattr("pytest_codesteer.sandbox.strong.reached", lambda _: [])
        for tier in ("auto", "process"):
            sandbox = open_sandbox(tier)
            try:
                assert run(sandbox, "pass", seconds=1.0).status == "timeout"
            finally:
                sandbox.close()
        assert len(performed) == 2 * runs

    def test_it_is_not_known_what_a_program_did_whose_warden_was_stuck(self, monkeypatch):
        sandbox = open_sandbox()
        if not isinstance(sandbox, JailedSandbox):
            sandbox.close()
            pytest.skip("there are no wardens there")
        monkeypatch.setattr("pytest_codesteer.sandbox.cells._GRACE", 0.1)
        jail = sandbox._jail
        try:
            cell = jail.bare.take(())
            signal.pidfd_send_signal(cell.process, signal.SIGSTOP)
            performed = jail.perform(cell, Order("run", 0.1, 256 << 20), "pass")
            jail.bare.lose(cell)
        finally:
            sandbox.close()
        assert jail.timeout(performed, 0.1).doubtful(accompanied=False)

    def test_a_run_of_a_session_is_not_repeated_as_it_has_changed_the_state(self, tmp_path, monkeypatch):
        visits = []
        monkeypatch.setattr(Cell, "perform", watched(Cell.perform, visits.append))
        monkeypatch.setattr(Interpreter, "run", watched(Interpreter.run, visits.append))
        sandbox = open_sandbox(run_folder=tmp_path)
        session = sandbox.session(memory_mb=256)
        try:
            assert session.run(endless("a"), seconds=0.2).status == "timeout"
        finally:
            session.close()
            sandbox.close()
        assert [visit.name for visit in visits if visit.name == endless("a")] == [endless("a")]

    def test_a_paused_session_keeps_nobody_from_being_alone(self, tmp_path):
        sandbox = open_sandbox(run_folder=tmp_path)
        session = sandbox.session(memory_mb=256)
        try:
            session.run("x = 1", seconds=5)
            assert entering(Turnstile(tmp_path).alone)[0].wait(10)
            assert session.run("x", seconds=5).stdout == "1\n"
        finally:
            session.close()
            sandbox.close()


def run(sandbox, source, *, seconds=0.3):
    return sandbox.run(RunCode(source), seconds=seconds, memory_mb=256)


def watched(perform, tell):
    """Return what performs a program and tells when; the source is the one text among what it is given."""

    def performing(*arguments):
        began = time.monotonic()
        try:
            return perform(*arguments)
        finally:
            [source] = [each for each in arguments if isinstance(each, str)]
            tell(Visit(source, began, time.monotonic()))

    return performing


#: Writes down when each program ran, in all workers.
CONFTEST = """
    import json, os
    from pathlib import Path
    from pytest_codesteer.sandbox.jailed import JailedSandbox
    from pytest_codesteer.sandbox.process import ProcessSandbox
    from tests.test_alone import watched

    def tell(visit):
        with open(Path(__file__).with_name("visits"), "a") as file:
            file.write(json.dumps([*visit, os.getpid()]) + "\\n")

    for kind in (JailedSandbox, ProcessSandbox):
        kind._perform = watched(kind._perform, tell)
"""
MINE = """
    from pytest_codesteer import run_code

    def half_are_endless(question, prompts):
        one, _, other = question.split()[2:5]
        end = "while True: pass" if int(one) % 2 else f"print({one} + {other.rstrip('?')})"
        execution = yield from run_code(f"name = {question!r}\\n{end}")
        return f"<<<{execution.stdout.strip()}>>>"
"""


def test_workers_of_a_run_leave_each_other_alone(pytester):
    toml = TOML.replace("top = 9", "top = 1000") + "[limits]\ncode_seconds = 0.3\n"
    write_task(pytester.path / "task_specs" / "sum", toml=toml)
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(mine=MINE)
    options = (
        "--codesteer-model=oracle",
        "--codesteer-method=mine:half_are_endless",
        "--codesteer-samples=8",
    )
    result = pytester.runpytest_subprocess(*options, "-n2", *BARE)
    result.stdout.fnmatch_lines(["*4 limit: its program ran out of time*", "*4 passed, 4 limit in *"])
    lines = [json.loads(line) for line in (pytester.path / "visits").read_text("utf-8").splitlines()]
    visits = [Visit(*values) for *values, _ in lines]
    sources = [visit.name for visit in visits if visit.name.startswith("name = ")]
    endless = {source for source in sources if "while" in source}
    assert sorted(sources) == sorted([*endless, *set(sources)])  # the others ran once
    assert repeated(visits, endless)
    assert len({process for *_, process in lines}) > 1
