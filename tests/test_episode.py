"""Episodes with children side by side, sessions, a guide, and who answered."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pytest

from pytest_codesteer import All, Ask, Execution, Reply, RunCode, ToolCall, ask, run_code, together, user
from pytest_codesteer.conversation import HostedRun, Limits, assistant, conclude, output
from pytest_codesteer.engine import Episode, Step, World, perform
from pytest_codesteer.models import ModelError, Scripted
from tests.dialogue import block, printed


class Box:
    """A sandbox whose sessions keep a list of what was run, and whose programs wait for a word if told to."""

    isolation = "none"

    def __init__(self, seconds=0.0):
        self.seconds = seconds  # that a program of a session takes
        self.opened = []
        self.closed = []
        self.go = threading.Event()
        self.entered = threading.Event()

    def run(self, request, *, seconds, memory_mb):
        return printed(f"{request.source}\n")

    def session(self, *, memory_mb):
        session = Shell(self, memory_mb)
        self.opened.append(session)
        return session


@dataclass(eq=False)
class Shell:
    box: Box
    memory_mb: int
    ran: list = field(default_factory=list)
    inside: int = 0

    def run(self, source, *, seconds):
        assert self not in self.box.closed
        assert self.inside == 0, "two programs at once in one session"
        self.inside += 1
        if source == "wait":
            self.box.entered.set()
            assert self.box.go.wait(20)
        if source == "break":
            raise OSError("no more processes")
        self.ran.append(source)
        self.inside -= 1
        return replace(printed(" ".join(self.ran)), seconds=self.box.seconds)

    def close(self):
        assert self.inside == 0 or self.ran == [], "closed under a program that runs"
        self.box.closed.append(self)


def episode(steps, model=None, *, box=None, limits=None, guide=None, programs=2, meanwhile=None):
    """Perform *steps*; *meanwhile* is a coroutine function that runs beside it."""

    async def go():
        with ThreadPoolExecutor(programs) as pool:
            world = World(model or Scripted(["."] * 100), box or Box(), pool, guide)
            done = asyncio.ensure_future(perform(steps, world, limits or Limits(seconds=20)))
            if meanwhile:
                await meanwhile(done)
            played = await done
            if box:
                assert len(box.closed) == len(box.opened), "the episode is over, and a session is open"
            return played

    return asyncio.run(go())


def say(text):
    return (yield from ask(user(text))).text


class Meeting:
    """A model whose replies wait until a number of requests have come in."""

    name = "meeting"

    def __init__(self, most):
        self.most = most
        self.present = 0
        self.all_there = asyncio.Event()

    async def reply(self, request):
        self.present += 1
        if self.present == self.most:
            self.all_there.set()
        await self.all_there.wait()
        return Reply(request.messages[-1].content.upper())


class TestAll:
    def test_children_are_in_flight_at_the_same_time_and_their_results_in_order(self):
        def method():
            return " ".join((yield from together(say("a"), say("b"), say("c"))))

        assert episode(method(), Meeting(3)).final_text == "A B C"

    def test_programs_of_children_run_at_the_same_time(self):
        barrier = threading.Barrier(2, timeout=20)

        class Both(Box):
            def run(self, request, *, seconds, memory_mb):
                barrier.wait()
                return printed(request.source)

        def method():
            one, two = yield from together(run_code("1"), run_code("2"))
            return one.stdout + two.stdout

        assert episode(method(), box=Both()).final_text == "12"

    @pytest.mark.parametrize("order", ["012", "210", "120"])
    def test_steps_are_logged_child_by_child_whatever_comes_in_first(self, order):
        replied = []

        class Held:
            name = "held"

            def __init__(self):
                self.gates = {name: asyncio.Event() for name in "012"}

            async def reply(self, request):
                text = request.messages[-1].content
                if text in self.gates:
                    await self.gates[text].wait()
                replied.append(text)
                return Reply(text)

        def child(name):
            yield from ask(user(name))
            yield from ask(user(name * 2))

        def method():
            yield from together(child("0"), child("1"), child("2"))
            return (yield from say("end"))

        async def meanwhile(done):
            for name in order:
                model.gates[name].set()
                while name * 2 not in replied:
                    await asyncio.sleep(0)

        model = Held()
        played = episode(method(), model, meanwhile=meanwhile)
        assert replied == [text for name in order for text in (name, name * 2)] + ["end"]
        assert [step.request.messages[0].content for step in played.steps] == [
            "0", "00", "1", "11", "2", "22", "end",
        ]  # fmt: skip

    def test_children_may_have_children(self):
        def pair(name):
            return "".join((yield from together(say(name + "1"), say(name + "2"))))

        def method():
            return "".join((yield from together(pair("a"), pair("b"))))

        assert episode(method(), Meeting(4)).final_text == "A1A2B1B2"

    def test_nothing_comes_of_nothing(self):
        def method():
            return str((yield from together()))

        assert episode(method()).final_text == "()"

    def test_a_method_that_asks_for_nothing_for_ever_is_ended(self):
        def method():
            while True:
                yield All(())

        assert episode(method(), limits=Limits(requests=5)).stopped == "requests"

    def test_the_limit_of_requests_holds_across_children(self):
        asked = []

        def endless():
            while True:
                yield from ask(user("x"))

        def method():
            yield from together(endless(), endless(), endless())

        model = Scripted(lambda request: asked.append(request) or ".")
        played = episode(method(), model, limits=Limits(requests=10))
        assert played.stopped == "requests"
        assert len(asked) == len(played.steps) == 9  # and the All itself

    def test_the_limit_of_time_holds_across_children(self):
        def method():
            yield from together(say("a"), say("b"))

        played = episode(method(), Meeting(3), limits=Limits(seconds=0.05))
        assert (played.stopped, played.final_text, played.steps) == ("time", "", ())

    def test_a_child_that_fails_ends_the_others_and_the_episode(self):
        ended = []

        class Waiting:
            name = "waiting"
            started = 0

            async def reply(self, request):
                text = request.messages[-1].content
                self.started += 1
                if text == "fail":
                    while self.started < 3:
                        await asyncio.sleep(0)
                    raise ModelError("gone")
                try:
                    await asyncio.Event().wait()
                finally:
                    ended.append(text)

        def child(text):
            try:
                yield from ask(user(text))
            finally:
                ended.append(f"{text} closed")

        def method():
            yield from together(child("a"), child("fail"), child("b"))

        with pytest.raises(ModelError, match="gone"):
            episode(method(), Waiting())
        assert sorted(ended) == ["a", "a closed", "b", "b closed", "fail closed"]

    def test_what_a_child_does_wrong_is_its_methods_error(self):
        def child():
            yield from ask(user("a"))
            raise KeyError("mine")

        def method():
            yield from together(child(), say("b"))

        with pytest.raises(KeyError, match="mine"):
            episode(method())

    def test_what_is_no_generator_is_named(self):
        def method():
            yield All(("no",))

        with pytest.raises(TypeError, match="an All of 'no', which is no generator"):
            episode(method())

    def test_what_is_done_before_a_limit_is_in_the_log(self):
        class Stuck:
            name = "stuck"

            async def reply(self, request):
                if request.messages[-1].content == "stuck":
                    await asyncio.Event().wait()
                return Reply("ok")

        def method():
            yield from together(say("a"), say("stuck"))

        played = episode(method(), Stuck(), limits=Limits(seconds=0.2))
        assert [step.request.messages[0].content for step in played.steps] == ["a"]


class TestSessions:
    def test_a_session_keeps_its_state_and_is_closed_at_the_end(self):
        box = Box()

        def method():
            yield from run_code("x", "python")
            yield from run_code("fresh")
            yield from run_code("z", "other")
            return (yield from run_code("y", "python")).stdout

        played = episode(method(), box=box, limits=Limits(memory_mb=77))
        assert played.final_text == "x y"
        assert [session.ran for session in box.opened] == [["x", "y"], ["z"]]
        assert [session.memory_mb for session in box.opened] == [77, 77]
        assert sorted(map(id, box.closed)) == sorted(map(id, box.opened))

    def test_no_session_is_opened_that_nobody_asks_for(self):
        box = Box()
        episode(say("a"), box=box)
        assert box.opened == []

    @pytest.mark.parametrize("ending", ["raises", "limit", "model", "yields nonsense"])
    def test_it_is_closed_however_the_episode_ends(self, ending):
        box = Box()

        def broken(request):
            raise ModelError("gone")

        def method():
            yield from run_code("x", "python")
            if ending == "raises":
                raise KeyError("oh")
            if ending == "yields nonsense":
                yield 3
            while True:
                yield from ask(user("again"))

        if ending == "limit":
            assert episode(method(), box=box, limits=Limits(requests=3)).stopped == "requests"
        else:
            with pytest.raises((KeyError, ModelError, TypeError)):
                episode(method(), Scripted(broken), box=box)
        assert box.closed == box.opened
        assert len(box.closed) == 1

    def test_it_is_closed_when_the_time_of_programs_runs_out(self):
        box = Box(seconds=3)

        def method():
            for _ in range(9):
                yield from run_code("x", "python")

        played = episode(method(), box=box, limits=Limits(seconds=8))
        assert (played.stopped, len(played.steps)) == ("time", 3)
        assert box.closed == box.opened

    def test_an_episode_that_is_cancelled_closes_its_sessions(self):
        box = Box()

        def method():
            yield from run_code("x", "python")
            yield from ask(user("never answered"))

        async def meanwhile(done):
            while not box.opened:
                await asyncio.sleep(0.001)
            done.cancel()

        with pytest.raises(asyncio.CancelledError):
            episode(method(), Meeting(2), box=box, meanwhile=meanwhile)
        assert box.closed == box.opened

    @pytest.mark.parametrize("programs", [1, 4])
    def test_children_that_share_a_session_take_turns(self, programs):
        box = Box()

        def method():
            yield from together(*[run_code(str(n), "python") for n in range(8)])
            return (yield from run_code("end", "python")).stdout

        played = episode(method(), box=box, programs=programs)
        assert sorted(played.final_text.split()) == sorted([*"01234567", "end"])
        assert len(box.opened) == 1

    def test_a_sandbox_that_fails_is_an_error_and_its_session_is_closed(self):
        box = Box()

        def method():
            yield from run_code("break", "python")

        with pytest.raises(OSError, match="no more processes"):
            episode(method(), box=box)
        assert box.closed == box.opened


class TestGuide:
    def method(self):
        first = yield from ask(user("a"), role="guide")
        second = yield from ask(user("b"))
        return first.text + second.text

    def test_it_is_asked_what_is_for_it(self):
        assert (
            episode(self.method(), Scripted(["task"]), guide=Scripted(["guide "])).final_text == "guide task"
        )

    def test_without_one_the_model_guides_itself(self):
        assert episode(self.method(), Scripted(["one ", "two"])).final_text == "one two"


def log(*pairs):
    return tuple(Step(request, outcome) for request, outcome in pairs)


CALL = ToolCall("c", "python", "print(42)")
ASKED = Ask((user("Q"),))
SHOWN = Ask((user("Q"), assistant("", (CALL,)), output("The program printed:\n42", "c")))
LATER = Ask((*SHOWN.messages, assistant("It is 41."), user("Look at it again.")))
RUN = RunCode("print(42)")
FAILED = Execution("error", stdout="42", stderr="oh")


class TestWhoAnswered:
    @pytest.mark.parametrize(
        ("final_text", "steps", "by"),
        [
            ("<<<42>>>", log((ASKED, Reply("<<<42>>>"))), "text"),
            ("42\n", log((ASKED, Reply(block("print(42)"))), (RUN, printed("42\n"))), "code"),
            ("words", log((ASKED, Reply("words" + block("print(42)"))), (RUN, FAILED)), "text"),
            ("42", log((ASKED, Reply("words" + block("print(42)"))), (RUN, FAILED)), "text"),
            # a program that ran before one that only checks
            ("42", log((ASKED, Reply("a")), (RUN, printed("42")), (RUN, printed("Correct"))), "code"),
            # an interpreter of ours
            ("<<<42>>>", log((ASKED, Reply("", tool_calls=(CALL,))), (RUN, printed("42")), (SHOWN, Reply("<<<42>>>"))), "code"),
            ("<<<42>>>", log((ASKED, Reply("", tool_calls=(CALL,))), (RUN, FAILED), (SHOWN, Reply("<<<42>>>"))), "text"),
            ("<<<42>>>", log((RUN, printed("42")), (LATER, Reply("<<<42>>>"))), "code"),
            # the provider's
            ("<<<42>>>", log((ASKED, Reply("<<<42>>>", executions=(HostedRun("x", printed("42")),)))), "code"),
            ("<<<42>>>", log((ASKED, Reply("<<<42>>>", executions=(HostedRun("x", Execution("ok")),)))), "text"),
            # another agent's program, or the guide's view of it, is not the answer's
            ("<<<42>>>", log((ASKED, Reply("a")), (RUN, printed("42")), (ASKED, Reply("<<<42>>>"))), "text"),
            ("<<<42>>>", log((RUN, printed("42")), (ASKED, Reply("<<<42>>>")),
                             (Ask((output("42"),), role="guide"), Reply("<<<Return Answer>>>"))), "text"),
            ("", log((RUN, printed("")),), "text"),
            ("", (), "text"),
        ],
    )  # fmt: skip
    def test_code_or_text(self, final_text, steps, by):
        assert Episode(final_text, "finished", steps).answered_by == by

    def test_hosted_runs_are_programs_like_others(self):
        hosted = HostedRun("print(42)", printed("42"))
        played = Episode("", "finished", log((ASKED, Reply("", executions=(hosted,))), (RUN, FAILED)))
        assert played.executions == [hosted.execution, FAILED]
        assert played.used_code
        assert len(played.replies) == 1


def test_conclude_runs_a_program_in_the_session_it_is_told():
    assert next(conclude(Reply(block("print(x)")), session="python")) == RunCode("print(x)\n", "python")


class Punctual:
    """A model that keeps time; a reply comes when it has *waited*."""

    name = "punctual"
    keeps_time = True

    def __init__(self, *, waited=0.0, **reply):
        self.waited = waited
        self.given = Reply(".", **reply)

    async def reply(self, request):
        await asyncio.sleep(self.waited)
        return self.given


class TestTime:
    """What counts is how long replies took: not the wait for a turn, and not which of them were cached."""

    @pytest.mark.parametrize("cached", [False, True])
    def test_the_seconds_of_replies_are_those_of_the_episode(self, cached):
        played = episode(repeated(5), Punctual(seconds=8, cached=cached), limits=Limits(seconds=20))
        assert (played.stopped, len(played.replies)) == ("time", 3)

    def test_a_reply_that_waits_for_its_turn_takes_no_longer(self):
        model = Punctual(waited=0.05, seconds=0.001)
        assert episode(repeated(3), model, limits=Limits(seconds=0.02)).stopped == "finished"
        model.keeps_time = False
        assert episode(repeated(3), model, limits=Limits(seconds=0.02)).stopped == "time"

    def test_nor_does_one_that_waits_for_its_batch(self):
        model = Punctual(waited=0.05, seconds=None, batch=True)
        played = episode(repeated(3), model, limits=Limits(seconds=0.02))
        assert (played.stopped, played.model_seconds) == ("finished", None)

    def test_a_guide_and_its_task_model_are_timed_each_in_its_way(self):
        def method():
            yield from ask(user("?"), role="guide")
            yield from ask(user("?"))
            return "done"

        guide, task = Punctual(waited=0.05, seconds=0), Scripted(["."])
        assert episode(method(), task, guide=guide, limits=Limits(seconds=0.03)).stopped == "finished"

    def test_the_time_of_programs_counts(self):
        class Slow(Box):
            def run(self, request, **limits):
                return replace(printed(""), seconds=3)

        played = episode(repeated(9), Punctual(seconds=1), box=Slow(), limits=Limits(seconds=9))
        assert (played.stopped, len(played.replies)) == ("time", 3)

    def test_the_times_of_children_pass_side_by_side(self):
        def method():
            yield from together(*(repeated(2) for _ in range(3)))
            yield from repeated(1)
            return "done"

        assert episode(method(), Punctual(seconds=5), limits=Limits(seconds=20)).stopped == "finished"
        assert episode(method(), Punctual(seconds=5), limits=Limits(seconds=14)).stopped == "time"


def repeated(times):
    for _ in range(times):
        yield from ask(user("?"))
        yield from run_code("pass")
    return "done"
