"""The engine: order, concurrency, limits, and that one case's trouble is its own."""

import asyncio
import threading
import time

import pytest

from pytest_codesteer import Reply, ask, run_code, user
from pytest_codesteer.conversation import Execution, Limits, Usage
from pytest_codesteer.engine import Engine, World, perform
from pytest_codesteer.models import ModelError, Scripted, TooLong
from pytest_codesteer.prompts import Prompts


@pytest.fixture
def engine():
    engine = Engine(3, programs=2)
    yield engine
    engine.close()


class Gate:
    """Jobs that note when they start, and end when they are let go."""

    def __init__(self, count):
        self.started = []
        self.running = 0
        self.most = 0
        self.go = [threading.Event() for _ in range(count)]

    def job(self, key):
        async def work():
            self.started.append(key)
            self.running += 1
            self.most = max(self.most, self.running)
            while not self.go[key].is_set():
                await asyncio.sleep(0.001)
            self.running -= 1
            return key * 10

        return work


def until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


class TestOrder:
    def test_planned_jobs_start_in_order_and_no_more_than_there_is_room_for(self, engine):
        gate = Gate(6)
        engine.plan([(key, gate.job(key)) for key in range(6)])
        until(lambda: len(gate.started) == 3)
        assert gate.started == [0, 1, 2]
        gate.go[1].set()
        until(lambda: len(gate.started) == 4)
        assert gate.started == [0, 1, 2, 3]
        for event in gate.go:
            event.set()
        assert [engine.result(key, gate.job(key)) for key in range(6)] == [0, 10, 20, 30, 40, 50]
        assert gate.started == [0, 1, 2, 3, 4, 5]
        assert gate.most == 3

    def test_a_job_that_is_asked_for_out_of_turn_starts_at_once_and_once(self, engine):
        gate = Gate(8)
        engine.plan([(key, gate.job(key)) for key in range(8)])
        until(lambda: len(gate.started) == 3)
        gate.go[7].set()
        assert engine.result(7, gate.job(7)) == 70
        for event in gate.go:
            event.set()
        for key in range(7):
            engine.result(key, gate.job(key))
        assert sorted(gate.started) == list(range(8))

    def test_a_job_that_is_planned_again_while_it_runs_is_done_once(self, engine):
        gate = Gate(3)
        engine.plan([(0, gate.job(0)), (1, gate.job(1))])
        until(lambda: gate.started == [0, 1])
        engine.plan([(1, gate.job(1)), (2, gate.job(2))])
        until(lambda: 2 in gate.started)
        for event in gate.go:
            event.set()
        assert [engine.result(key, gate.job(key)) for key in range(3)] == [0, 10, 20]
        assert gate.started == [0, 1, 2]

    def test_a_job_that_is_planned_more_than_once_is_done_once(self, engine):
        gate = Gate(2)
        for event in gate.go:
            event.set()
        engine.plan([(0, gate.job(0)), (1, gate.job(1)), (0, gate.job(0))])
        engine.plan([(0, gate.job(0))])
        assert engine.result(0, gate.job(0)) == 0
        engine.plan([(0, gate.job(0)), (1, gate.job(1))])
        assert engine.result(1, gate.job(1)) == 10
        assert gate.started == [0, 1]

    def test_a_job_that_was_never_planned_is_done(self, engine):
        gate = Gate(1)
        gate.go[0].set()
        assert engine.result(0, gate.job(0)) == 0

    def test_a_job_that_is_planned_again_is_done_once(self, engine):
        gate = Gate(2)
        for event in gate.go:
            event.set()
        engine.plan([(0, gate.job(0)), (1, gate.job(1))])
        assert engine.result(0, gate.job(0)) == 0
        engine.plan([(0, gate.job(0)), (1, gate.job(1))])
        assert engine.result(1, gate.job(1)) == 10
        engine.close()
        assert sorted(gate.started) == [0, 1]

    def test_an_error_reaches_the_one_who_asked_for_it(self, engine):
        async def bad():
            raise KeyError("mine")

        async def good():
            return 1

        engine.plan([("bad", bad), ("good", good)])
        assert engine.result("good", good) == 1
        with pytest.raises(KeyError, match="mine"):
            engine.result("bad", bad)

    def test_what_is_given_up_does_not_start_and_what_runs_comes_to_its_end(self, engine):
        gate = Gate(9)
        engine.plan([(key, gate.job(key)) for key in range(9)])
        until(lambda: len(gate.started) == 3)
        assert engine.give_up() == {0, 1, 2}
        for event in gate.go:
            event.set()
        assert [engine.result(key, gate.job(key)) for key in (0, 1, 2)] == [0, 10, 20]
        assert gate.started == [0, 1, 2]

    def test_closing_cancels_what_runs_and_starts_nothing_more(self):
        engine = Engine(1, programs=1)
        gate = Gate(2)
        ended = []

        async def long():
            try:
                await gate.job(0)()
            finally:
                ended.append(True)

        engine.plan([(0, long), (1, gate.job(1))])
        until(lambda: gate.started == [0])
        engine.close()
        engine.close()
        assert ended == [True]
        assert gate.started == [0]
        assert not any(thread.name == "codesteer-engine" for thread in threading.enumerate())


class Box:
    isolation = "none"

    def run(self, request, *, seconds, memory_mb):
        return Execution("ok", stdout=f"<<<{len(request.source)}>>>\n", seconds=0.5, isolation="none")


def play(engine, method, model, limits=None):
    async def go():
        steps = method("Q", Prompts())
        return await perform(steps, World(model, Box(), engine.programs), limits or Limits())

    return engine.run(go())


def talkative(question, prompts):
    while True:
        yield from ask(user(question))


class TestEpisode:
    def test_it_logs_what_was_asked_and_answered_and_adds_it_up(self, engine):
        def method(question, prompts):
            first = yield from ask(user(question))
            execution = yield from run_code(first.text)
            yield from ask(user(execution.stdout))
            return execution.stdout

        replies = iter([Reply("abc", Usage(1, 0, 2, 0), 0.25), Reply("d", Usage(10, 5, 20, 1), 0.5)])

        class Model:
            name = "m"

            async def reply(self, request):
                return next(replies)

        episode = play(engine, method, Model())
        assert episode.final_text == "<<<3>>>\n"
        assert (episode.stopped, episode.answered_by, episode.used_code) == ("finished", "code", True)
        assert episode.usage == Usage(11, 5, 22, 1)
        assert (episode.model_seconds, episode.code_seconds) == (0.75, 0.5)
        assert len(episode.steps) == 3

    def test_tokens_are_unknown_when_one_reply_does_not_tell(self, engine):
        def method(question, prompts):
            yield from ask(user(question))
            return (yield from ask(user(question))).text

        replies = iter([Reply("a", Usage(1, 0, 2, 0)), Reply("b", None)])

        class Model:
            name = "m"

            def reply(self, request):  # a plain function does, too
                return next(replies)

        assert play(engine, method, Model()).usage is None

    def test_requests_run_out(self, engine):
        episode = play(engine, talkative, Scripted(["."] * 9), Limits(requests=3))
        assert (episode.stopped, episode.final_text, len(episode.steps)) == ("requests", "", 3)

    def test_time_runs_out(self, engine):
        class Slow:
            name = "slow"

            async def reply(self, request):
                await asyncio.sleep(60)

        episode = play(engine, talkative, Slow(), Limits(seconds=0.05))
        assert (episode.stopped, episode.final_text) == ("time", "")

    def test_a_chat_that_no_longer_fits_ends_the_episode(self, engine):
        def overflowing(request):
            raise TooLong("too long")

        assert play(engine, talkative, Scripted(overflowing)).stopped == "context"

    @pytest.mark.parametrize(
        "error", [ModelError("gone"), TimeoutError("mine"), StopIteration(), KeyError("x")]
    )
    def test_the_models_trouble_is_not_mistaken_for_a_limit_or_an_end(self, engine, error):
        class Broken:
            name = "broken"

            async def reply(self, request):
                raise error

        with pytest.raises(RuntimeError if isinstance(error, StopIteration) else type(error)):
            play(engine, talkative, Broken(), Limits(seconds=5))

    @pytest.mark.parametrize(
        ("method", "said"),
        [
            (lambda q, p: (yield "hello"), "yielded 'hello', which is no request"),
            (lambda q, p: (yield from _returning(3)), "returned 3, not its final text"),
        ],
    )
    def test_a_method_that_breaks_the_rules_is_told_so(self, engine, method, said):
        with pytest.raises(TypeError, match=said):
            play(engine, method, Scripted(["."]))

    def test_a_method_is_closed_however_it_ends(self, engine):
        closed = []

        def method(question, prompts):
            try:
                yield from talkative(question, prompts)
            finally:
                closed.append(True)

        play(engine, method, Scripted(["."] * 9), Limits(requests=2))
        assert closed == [True]


def _returning(value):
    yield from ask(user("Q"))
    return value
