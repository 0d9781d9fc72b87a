"""What a user's own code may do: tasks, methods and tests that fail, leave, break the rules, or never end."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from pytest_codesteer import ask, user
from pytest_codesteer.conversation import Limits
from pytest_codesteer.engine import Engine, Ledger, NotRun, World, perform, pulse, thinking
from pytest_codesteer.engine.pulse import Spent
from pytest_codesteer.engine.thinking import HUNG_AT_MOST, Thinking
from pytest_codesteer.models import Scripted
from pytest_codesteer.task import TaskCrash, load_task
from tests.loopback import completion
from tests.test_limits import GRACE, served
from tests.test_plugin import BARE, RUN, TASK, WORKERS, records, run, write_task

#: Ends once the test lets it, or soon after: it is to leave no thread that computes.
ENDLESS = """
    import time
    from pathlib import Path

    def endless():
        stop = time.monotonic() + 20
        while not Path(__file__).with_name("go").exists() and time.monotonic() < stop:
            {does}
        return 1
"""
FOREVER = TASK.replace(
    'return right() if number(answer) == data["a"] + data["b"] else', "while True: pass\n       "
)


@pytest.fixture
def project(pytester):
    write_task(pytester.path / "task_specs" / "sum")
    return pytester


class TestTasksThatNeverEnd:
    @pytest.fixture
    def endless(self, tmp_path):
        """Return a task whose checker does not end before its test does."""

        def make(does, name="sum"):
            indented = textwrap.dedent(TASK).replace(
                "    return right()", "    endless()\n    return right()"
            )
            write_task(tmp_path / name, task=textwrap.dedent(ENDLESS).format(does=does) + indented)
            return load_task(tmp_path / name)

        yield make
        for folder in tmp_path.iterdir():
            (folder / "go").touch()

    @pytest.fixture
    def think(self, monkeypatch):
        monkeypatch.setattr(thinking, "WATCH_SECONDS", 0.02)
        mind = Thinking(Spent(processor=0.2, wall=2.0))

        async def all_of(*calls):
            return await asyncio.gather(*(mind.call(*call) for call in calls), return_exceptions=True)

        yield lambda *calls: asyncio.run(all_of(*calls))
        mind.close()

    def test_a_call_that_computes_too_long_is_given_up_and_the_next_goes_on(self, endless, think):
        task = endless("pass")
        check = (lambda: task.check({"a": 1, "b": 2}, "3"), task)
        error, one, two = think(check, (lambda: 1, task), (lambda: 2, task))
        assert isinstance(error, TaskCrash)
        assert re.fullmatch(rf"{task.path.parent}/task.py:\d+: check\(\) took longer than 0.2 s", str(error))
        assert (one, two) == (1, 2)
        assert all(thread.daemon for thread in threading.enumerate() if thread.name == "codesteer-task")

    def test_the_time_of_the_processor_counts_and_at_last_that_of_the_clock(self, endless, think):
        waits = endless("time.sleep(0.01)")
        check = (lambda: waits.check({"a": 1, "b": 2}, "3"), waits)
        started = time.monotonic()
        late, error = think((lambda: time.sleep(0.5), waits), check)
        assert late is None
        assert str(error).endswith(": check() took longer than 2 s")
        assert time.monotonic() - started >= 2.5

    def test_a_task_that_hangs_again_and_again_is_not_called_any_more(self, endless, think):
        task, other = endless("pass"), endless("pass", "other")
        check = (lambda: task.check({"a": 1, "b": 2}, "3"), task)
        *errors, fine = think(*[check] * (HUNG_AT_MOST + 2), (lambda: 1, other))
        said = [str(error).rpartition(": ")[2] for error in errors]
        assert said[:HUNG_AT_MOST] == ["check() took longer than 0.2 s"] * HUNG_AT_MOST
        assert said[HUNG_AT_MOST:] == ["its code hung 2 times"] * 2
        assert str(errors[-1]).startswith(f"{task.path}: not called any more: ")
        assert fine == 1
        assert sum(thread.name == "codesteer-task" for thread in threading.enumerate()) >= HUNG_AT_MOST + 1

    def test_what_nobody_waits_for_any_more_is_not_begun(self, endless, think):
        mind, task, begun = Thinking(), endless("pass"), []

        async def cancelled():
            waits = asyncio.ensure_future(mind.call(lambda: time.sleep(0.2), task))
            behind = asyncio.ensure_future(mind.call(lambda: begun.append(1), task))
            await asyncio.sleep(0.05)
            behind.cancel()
            await waits
            await mind.call(lambda: begun.append(2), task)

        asyncio.run(cancelled())
        mind.close()
        assert begun == [2]

    def test_a_run_ends_and_says_what_it_waited_for(self, project):
        project.makeconftest(GRACE.format(seconds=0.3))
        (project.path / "task_specs" / "sum" / "task.py").write_text(textwrap.dedent(FOREVER))
        command = [sys.executable, "-m", "pytest", *RUN, "--codesteer-max-time=3", *BARE]
        ended = project.run(*command, timeout=60)
        assert ended.ret == 1
        ended.stdout.fnmatch_lines(
            [
                "codesteer: 4 of 4 cases were not run: --codesteer-max-time is reached (3 s)",
                "codesteer: 4 of 4 *: */task_specs/sum/task.py:*: check() has not ended in * s",
            ]
        )

    def test_a_finished_run_is_judged_again_within_bounds(self, project):
        assert run(project, *RUN).ret == 0
        [log] = (project.path / ".codesteer" / "runs").glob("*.jsonl")
        (project.path / "task_specs" / "sum" / "task.py").write_text(textwrap.dedent(FOREVER))
        project.makeconftest(
            """
            from pytest_codesteer.engine import thinking
            thinking.Thinking.__init__.__defaults__ = (thinking.Spent(0.2, 60.0),)
            """
        )
        command = [sys.executable, "-m", "pytest", f"--codesteer-from={log}", *BARE]
        ended = project.run(*command, timeout=60)
        ended.stdout.fnmatch_lines(["*/sum/task.py:*: check() took longer than 0.2 s", "*hung 2 times"])
        assert ended.parseoutcomes() == {"failed": 4}


class TestMethodsThatNeverEnd:
    @pytest.fixture
    def held(self, monkeypatch, tmp_path):
        """Return an engine, its ledger, a method that does not end before the test does, and when it is at it."""
        monkeypatch.setattr("pytest_codesteer.engine.pulse.BELIEVED_SECONDS", 0.3)
        go, spins = threading.Event(), threading.Event()

        def spin(question, prompts):
            yield from ask(user(question))
            spins.set()
            stop = time.monotonic() + 20
            while not go.is_set() and time.monotonic() < stop:
                pass
            return "late"

        ledger = Ledger(tmp_path / "account.json")
        ledger.create()
        engine = Engine(2, programs=1, ledger=ledger)
        yield engine, ledger, spin, spins
        go.set()
        engine.close()
        engine._thread.join()

    @staticmethod
    def job(engine, method):
        world = World(Scripted(lambda request: "."), None, engine.programs)
        return lambda: perform(method("Q", None), world, Limits())

    def test_one_that_computes_too_long_ends_the_run_and_is_named(self, held, monkeypatch):
        engine, ledger, spin, _ = held
        monkeypatch.setattr("pytest_codesteer.engine.pulse.MOST", Spent(processor=0.5, wall=1000.0))

        async def quick():
            return "done"

        async def slow():
            await asyncio.sleep(1000)

        engine.plan([("quick", quick)])
        assert engine.result("quick", quick) == "done"
        engine.plan([("slow", slow), ("spin", self.job(engine, spin)), ("last", quick)])
        said = rf"{__file__}:\d+: the method spin does not give control back"
        with pytest.raises(NotRun, match=said):
            engine.result("spin", self.job(engine, spin))
        assert re.fullmatch(said, engine.not_run("slow"))
        assert re.fullmatch(said, engine.not_run("last"))
        with pytest.raises(NotRun, match=said):
            engine.result("last", quick)
        assert "last" not in engine.give_up()
        assert re.fullmatch(said, ledger.over())

    def test_when_the_time_of_the_run_is_up_it_is_not_waited_for(self, held):
        engine, ledger, spin, spins = held
        engine.plan([("spin", self.job(engine, spin))])
        assert spins.wait(60)
        ledger.end("time", until=time.time())
        with pytest.raises(NotRun, match="the method spin does not give control back"):
            engine.result("spin", self.job(engine, spin))
        assert (ledger.over(), ledger.read().closed) == ("time", (engine.not_run("spin"),))

    def test_closing_does_not_wait_for_it(self, held):
        engine, _, spin, spins = held
        engine.plan([("spin", self.job(engine, spin))])
        assert spins.wait(60)
        started = time.monotonic()
        engine.close()
        assert time.monotonic() - started < 5

    def test_one_that_takes_its_time_is_waited_for(self, held):
        engine, *_ = held

        def slow(question, prompts):
            yield from ask(user(question))
            time.sleep(1.5)
            return "slow"

        assert engine.result("slow", self.job(engine, slow)).final_text == "slow"

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
    def test_the_second_signal_ends_the_process(self, project, number):
        project.makeconftest(GRACE.format(seconds=1000))
        write_methods(project)
        command = [sys.executable, "-m", "pytest", *RUN[:1], "--codesteer-method=mine:spins", *BARE]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        process = project.popen(command, **pipes)
        try:
            self.read_to(process, b"task.toml")
            until((project.path / "spins").exists)
            process.send_signal(number)
            self.read_to(process, b"once more: at once")
            process.send_signal(number)
            output, _ = process.communicate(timeout=30)
        finally:
            process.kill()
        assert process.returncode == 2
        assert b"4 of 4 cases were not run: stopped by" in output
        assert b"Traceback" not in output

    @staticmethod
    def read_to(process, mark):
        read = b""
        while mark not in read:
            read += (more := os.read(process.stdout.fileno(), 1000))
            assert more, read

    @WORKERS
    def test_the_time_of_a_run_ends_it(self, project, workers):
        project.makeconftest(GRACE.format(seconds=0.3))
        write_methods(project)
        options = [*RUN[:1], "--codesteer-method=mine:spins", "--codesteer-max-time=3", *workers, *BARE]
        ended = project.run(sys.executable, "-m", "pytest", *options, timeout=60)
        assert ended.ret == 1
        ended.stdout.fnmatch_lines(
            [
                "codesteer: 4 of 4 cases were not run: --codesteer-max-time is reached (3 s)",
                "codesteer: 4 of 4 *: */mine.py:*: the method spins does not give control back",
            ]
        )


METHODS = """
    from pathlib import Path
    from pytest_codesteer import ask, together, user

    def spins(question):
        yield from ask(user(question))
        Path("spins").touch()
        while True:
            pass

    def fails(question):
        reply = yield from ask(user(question))
        return helper(reply)

    def helper(reply):
        return reply.txt

    def leaves(question):
        yield from ask(user(question))
        raise SystemExit("enough")

    def leaves_beside(question):
        def child():
            yield from ask(user(question))
            raise SystemExit("enough")
        yield from together(child(), ask(user(question)))
        return "."

    def says_hello(question):
        yield from ask(user(question))
        yield "hello"

    def yields_none(question):
        yield from deeper()

    def deeper():
        yield None

    def collects(question):
        yield from together(ask(user(question)), "hello")

    def returns_none(question):
        yield from ask(user(question))
"""


def write_methods(project):
    (project.path / "mine.py").write_text(textwrap.dedent(METHODS))


def line_of(text):
    """Return the number of the line of `METHODS` that starts so."""
    lines = textwrap.dedent(METHODS).splitlines()
    return next(at for at, line in enumerate(lines, 1) if line.strip().startswith(text))


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class TestMethodsThatFail:
    @pytest.fixture
    def played(self, project):
        """Return the output and the record of a run of one method of `METHODS`."""

        def play(method):
            write_methods(project)
            ended = run(project, *RUN[:1], f"--codesteer-method=mine:{method}", "--codesteer-samples=1")
            [record] = records(project).records
            assert (ended.ret, record.outcome) == (1, "error")
            return ended.stdout.str(), record, project.path / "mine.py"

        return play

    def test_an_error_is_shown_with_the_users_frames_alone(self, played):
        output, record, path = played("fails")
        line = line_of("return reply.txt")
        said = f"mine:fails: AttributeError: 'Reply' object has no attribute 'txt' ({path}:{line})"
        assert record.error == said
        files = re.findall(r'File "(.*)", line \d+, in (\w+)', record.details)
        assert files == [(str(path), "fails"), (str(path), "helper")]
        assert output.count("Traceback") == 1
        assert "pytest_codesteer" not in output.partition("FAILURES")[2].partition("short test summary")[0]

    @pytest.mark.parametrize("method", ["leaves", "leaves_beside"])
    def test_one_that_leaves_the_process_is_an_error_like_any_other(self, played, method):
        _, record, path = played(method)
        assert record.error.startswith(
            f"mine:{method}: RuntimeError: the method raised SystemExit('enough') ("
        )
        assert f"({path}:" in record.error
        assert "pytest_codesteer" not in record.details

    @pytest.mark.parametrize(
        ("method", "at", "said"),
        [
            ("says_hello", 'yield "hello"', "yielded 'hello', which is no request"),
            ("yields_none", "yield None", "yielded None, which is no request"),
            ("collects", "yield from together(ask(user(question)), ", "yielded an All of 'hello', which is no generator"),
            ("returns_none", "def returns_none", "returned None, not its final text"),
        ],
    )  # fmt: skip
    def test_one_that_breaks_the_rules_is_named_with_file_and_line(self, played, method, at, said):
        _, record, path = played(method)
        name, line = record.error.split(": ", 1)[0], line_of(at)
        if method == "collects":  # it waits in `together`
            assert record.error.endswith(f": the method {method} {said}")
        else:
            assert record.error == f"{path}:{line}: the method {method} {said}", name
        assert record.details == ""


def test_a_checker_that_leaves_the_process_is_an_error_in_a_line(project):
    leaves = TASK.replace("return right()", "raise SystemExit(3)\n        return right()")
    (project.path / "task_specs" / "sum" / "task.py").write_text(textwrap.dedent(leaves))
    ended = run(project, *RUN)
    assert ended.parseoutcomes() == {"failed": 4}
    assert "Traceback" not in ended.stdout.str()
    ended.stdout.fnmatch_lines(["*/task_specs/sum/task.py:*: check() raised SystemExit: 3"])
    assert [record.outcome for record in records(project).records] == ["error"] * 4


class TestOwnTests:
    """Failures of `steering` are shown at the line that calls it."""

    def shown(self, project, source, *options):
        project.makepyfile(test_mine=source)
        output = run(project, "test_mine.py", *options).stdout.str()
        return output.partition("= FAILURES =")[2].partition("short test summary")[0]

    def test_a_limit_of_the_run_is_told_in_a_line(self, project, loopback):
        server = loopback(lambda body: completion("<<<1>>>"))
        source = """
            def test_it(steering):
                steering("x", method="all_text")
                steering("y", method="all_text")
        """
        shown = self.shown(project, source, *served(server, "--codesteer-max-requests=1"))
        assert re.findall(r"^>.*", shown, re.M) == ['>       steering("y", method="all_text")']
        assert "E       Failed: not run: --codesteer-max-requests=1 is reached" in shown
        assert not re.search(r"(engine|bench|futures)\S*\.py", shown)

    @pytest.mark.parametrize(
        ("call", "said"),
        [
            ('"x", method="al_text"', "MethodError: unknown method 'al_text'; did you mean 'all_text'?"),
            ('"x"', r"UsageError: steering(question, method=...): name a method"),
            ('3, method="all_text"', "UsageError: steering(question, method=...): 3 is no text"),
            ('"x", method="mine:says_hello"', "the method says_hello yielded 'hello', which is no request"),
        ],
    )  # fmt: skip
    def test_misuse_is_told_in_a_line(self, project, loopback, call, said):
        write_methods(project)
        server = loopback(lambda body: completion("<<<1>>>"))
        shown = self.shown(project, f"def test_it(steering):\n    steering({call})\n", *served(server))
        assert re.findall(r"^>.*", shown, re.M) == [f">       steering({call})"]
        assert said in shown
        assert not re.search(r"(engine|bench|futures)\S*\.py", shown)

    def test_an_error_of_ones_own_method_is_shown_where_it_is(self, project, loopback):
        write_methods(project)
        server = loopback(lambda body: completion("<<<1>>>"))
        source = 'def test_it(steering):\n    steering("x", method="mine:fails")\n'
        shown = self.shown(project, source, *served(server))
        assert re.findall(r"^(\S+\.py):\d+:", shown, re.M) == ["test_mine.py", "mine.py", "mine.py"]


def test_a_thread_that_has_ended_is_not_waited_for():
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    loop = asyncio.new_event_loop()
    said = pulse.Pulse(loop, thread, int.__add__).stuck(lambda: False)
    loop.close()
    assert said == "the thread that plays the cases has ended; its error is shown above"


def test_a_thread_that_computes_is_told_from_one_that_waits():
    go = threading.Event()

    def compute():
        while not go.is_set():
            pass

    busy, idle = threading.Thread(target=compute), threading.Thread(target=go.wait)
    for thread in (busy, idle):
        thread.start()
    before = [Spent.by(thread) for thread in (busy, idle)]
    time.sleep(0.5)
    after = [Spent.by(thread).since(one) for thread, one in zip((busy, idle), before, strict=True)]
    name = pulse.stack_of(busy).f_code.co_name
    go.set()
    assert after[0].processor > 0.1 > 0.05 > after[1].processor
    assert name in ("compute", "is_set")
