"""Models that are asked in batches, against a server that speaks the Batch API, well or badly."""

import asyncio
import json
import sqlite3
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial

import pytest

import pytest_codesteer.batch
from pytest_codesteer.batch import Timing, open_in_batches
from pytest_codesteer.cache import Cache, Cached, Store, under_way
from pytest_codesteer.conversation import Ask, Reply, Usage, user
from pytest_codesteer.models import Closed, ModelError, ModelName, Patience, Settings, TooLong, identity_of
from pytest_codesteer.models.patience import Malformed
from tests.batches import expired
from tests.loopback import Answer, completion, failure

QUICK = Timing(linger=0.06, first=0.01, longest=0.05, settle=0.1)
PATIENCE = Patience(seconds=0.5, first=0.01, longest=0.02)


def echo(body):
    return completion(f"to {body['messages'][-1]['content']}")


@pytest.fixture
def server(batches):
    return batches(echo)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(pytest_codesteer.batch, "TIMING", QUICK)


class Asker:
    """A process that asks *server*, with the cache of a folder."""

    def __init__(self, server, folder, *, model="gpt-4o", settings=None):
        self.name = ModelName(model, "openai", model, server.url, model)
        self.settings = settings or Settings(patience=PATIENCE)
        self.store = Store(folder / "cache.sqlite")
        self.model = open_in_batches(self.name, self.settings, self.store)
        self.cache = Cache(self.store)

    def episode(self, epoch=1):
        identity = partial(identity_of, self.name, self.settings)
        return Cached(self.model, self.cache, identity, epoch=epoch, made=Counter())

    async def ask(self, *texts, epoch=1, tools=()):
        """Return what each text is answered, a reply or an error."""
        asked = [self.episode(epoch).reply(Ask((user(text),), tools)) for text in texts]
        return await asyncio.gather(*asked, return_exceptions=True)


@contextmanager
def asker(server, folder, **more):
    process = Asker(server, folder, **more)
    yield process
    process.store.close()


def ask(server, folder, *texts, epoch=1, tools=(), **more):
    with asker(server, folder, **more) as process:
        return asyncio.run(process.ask(*texts, epoch=epoch, tools=tools))


def texts(answers):
    return [answer.text for answer in answers]


def left(folder):
    """Return how many requests, and batches, the file in *folder* holds as under way."""
    connection = sqlite3.connect(folder / "cache.sqlite")
    try:
        return under_way(connection)
    finally:
        connection.close()


def once(fault):
    """Let a call fail the first time."""
    return lambda call, nth, fault=fault: fault.get(call) if nth == 1 else None


class TestRounds:
    def test_what_is_asked_together_is_sent_as_one_batch_and_each_gets_its_reply(self, server, tmp_path):
        server.bring = lambda lines: lines[::-1]
        answers = ask(server, tmp_path, "a", "b", "c")
        assert texts(answers) == ["to a", "to b", "to c"]
        assert answers[0] == Reply("to a", Usage(11, 3, 7, 2), seconds=None, model="served-model", batch=True)
        [batch] = server.batches.values()
        assert (batch["endpoint"], batch["completion_window"]) == ("/v1/chat/completions", "24h")
        line = json.loads(server.files[batch["input_file_id"]].splitlines()[0])
        assert line.keys() == {"custom_id", "method", "url", "body"}
        assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
        assert line["body"] == {
            "model": "gpt-4o", "messages": [{"role": "user", "content": "a"}], "temperature": 0.0,
            "max_tokens": 2000,
        }  # fmt: skip
        assert left(tmp_path) == (0, 0)

    def test_it_is_looked_at_until_it_has_ended(self, server, tmp_path):
        server.looks = 4
        assert texts(ask(server, tmp_path, "a")) == ["to a"]
        assert server.calls.count("GET /v1/batches/ID") == 5

    def test_what_is_asked_while_others_are_gathered_goes_with_them(self, server, tmp_path):
        async def talk(process):
            first = asyncio.create_task(process.ask("a"))
            await asyncio.sleep(QUICK.linger / 2)
            await asyncio.gather(first, process.ask("b"))
            await process.ask("c")

        with asker(server, tmp_path) as process:
            asyncio.run(talk(process))
        assert server.sizes == [2, 1]

    @pytest.mark.parametrize(
        "limits", [{"requests": 2}, {"size": 600}], ids=["so many requests", "so many bytes"]
    )
    def test_a_batch_holds_no_more_than_the_provider_takes(self, server, tmp_path, monkeypatch, limits):
        monkeypatch.setattr(pytest_codesteer.batch, "TIMING", replace(QUICK, **limits))
        assert texts(ask(server, tmp_path, *"abcde")) == [f"to {text}" for text in "abcde"]
        assert sorted(server.sizes) == [1, 2, 2]

    def test_epochs_are_asked_one_by_one_and_cases_that_ask_the_same_share(self, server, tmp_path):
        async def talk(process):
            return await asyncio.gather(
                process.ask("a", "a"), process.ask("a", epoch=2), process.ask("a", epoch=2)
            )

        with asker(server, tmp_path) as process:
            asyncio.run(talk(process))
        assert server.sizes == [2]

    def test_tools_in_words_and_the_hosted_interpreter_are_batches_of_their_own(
        self, server, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(pytest_codesteer.batch, "hosts_interpreter", lambda name: True)
        part = {"type": "output_text", "text": "hosted"}
        response = {
            "status": "completed", "output": [{"type": "message", "content": [part]}], "model": "m",
            "usage": {"input_tokens": 1, "output_tokens": 2},
        }  # fmt: skip
        server.respond = lambda body: response if "input" in body else echo(body)

        async def talk(process):
            return await asyncio.gather(process.ask("a"), process.ask("b", tools=("python",)))

        with asker(server, tmp_path) as process:
            assert [texts(each) for each in asyncio.run(talk(process))] == [["to a"], ["hosted"]]
        assert sorted(batch["endpoint"] for batch in server.batches.values()) == [
            "/v1/chat/completions", "/v1/responses",
        ]  # fmt: skip

    def test_a_program_in_words_is_a_call_also_in_what_nobody_asks_for_any_more(self, server, tmp_path):
        server.respond = lambda body: completion("```python\nprint(1)\n```")
        more = {"model": "o1-preview", "tools": ("python",)}
        [first] = ask(server, tmp_path, "a", **more)
        [again] = ask(server, tmp_path, "a", **more)
        assert first.tool_calls[0].name == again.tool_calls[0].name == "python"
        assert again.cached
        assert len(server.executed) == 1

    def test_a_request_that_no_cache_has_looked_for_is_answered_too(self, server, tmp_path):
        with asker(server, tmp_path) as process:
            assert asyncio.run(process.model.reply(Ask((user("a"),)))).text == "to a"


class TestFaults:
    def test_a_request_that_a_batch_had_no_time_for_is_in_the_next_round(self, server, tmp_path):
        server.end = lambda batch: {"status": "expired" if len(server.batches) == 1 else "completed"}
        server.bring = lambda lines: [lines[0], *map(expired, lines[1:])] if len(lines) == 3 else lines
        assert texts(ask(server, tmp_path, "a", "b", "c")) == ["to a", "to b", "to c"]
        assert server.sizes == [3, 2]

    @pytest.mark.parametrize("bring", [lambda lines: [*map(expired, lines)], lambda lines: []])
    def test_what_always_expires_is_an_error_after_three_rounds(self, server, tmp_path, bring):
        server.end, server.bring = lambda batch: {"status": "expired"}, bring
        [error] = ask(server, tmp_path, "a")
        assert isinstance(error, ModelError)
        assert "answers 408" in str(error)
        assert server.sizes == [1, 1, 1]
        assert left(tmp_path) == (0, 0)

    def test_what_was_cancelled_is_an_error_and_asked_anew_by_the_next_run_alone(self, server, tmp_path):
        server.end, server.bring = lambda batch: {"status": "cancelled"}, lambda lines: []
        [error] = ask(server, tmp_path, "a")
        assert "answers 410 (the batch was cancelled before it)" in str(error)
        assert server.sizes == [1]
        server.end, server.bring = lambda batch: {"status": "completed"}, lambda lines: lines
        assert texts(ask(server, tmp_path, "a")) == ["to a"]

    def test_a_line_that_is_missing_is_an_error(self, server, tmp_path):
        server.bring = lambda lines: [
            line for line in lines if line["response"]["body"]["choices"][0]["message"]["content"] != "to b"
        ]
        answers = ask(server, tmp_path, "a", "b")
        assert answers[0].text == "to a"
        assert isinstance(answers[1], Malformed)
        assert "came back without the request" in str(answers[1])
        assert server.sizes == [2, 1, 1]  # as often as any answer that is no reply

    def test_of_two_lines_for_a_request_the_first_counts_and_one_for_nobody_is_passed_over(
        self, server, tmp_path
    ):
        def bring(lines):
            other = {**lines[0], "response": {**lines[0]["response"], "body": completion("another")}}
            return [*lines, other, {**other, "custom_id": "00" * 32}]

        server.bring = bring
        assert texts(ask(server, tmp_path, "a")) == ["to a"]
        assert texts(ask(server, tmp_path, "a")) == ["to a"]

    @pytest.mark.parametrize(
        "values", [{}, {"response": {}}, {"response": 3, "error": []}, {"response": {"status_code": "200"}}]
    )
    def test_a_line_that_says_nothing_costs_no_other_its_reply(self, server, tmp_path, values):
        server.bring = lambda lines: [
            *lines[:-1],
            {"custom_id": lines[-1]["custom_id"], **values},
            {"id": "x"},
        ]
        good, bad = ask(server, tmp_path, "a", "b")
        assert good.text == "to a"
        assert "malformed reply" in str(bad)
        assert server.sizes == [2, 1, 1]

    def test_a_reply_comes_before_an_error_for_the_same_request(self, server, tmp_path):
        server.bring = lambda lines: [*lines, expired(lines[0])]
        assert texts(ask(server, tmp_path, "a")) == ["to a"]

    @pytest.mark.parametrize(
        ("answer", "error", "said"),
        [
            (failure(400, "maximum context length", code="context_length_exceeded"), TooLong, "maximum"),
            (failure(400, "no such field"), ModelError, "answers 400 (no such field)"),
            (failure(401, "bad key"), ModelError, "check OPENAI_API_KEY"),
            (failure(404, "no such model"), ModelError, "answers not found (no such model)"),
            (Answer({"id": "x"}), Malformed, "malformed reply: it holds no choice"),
            (Answer({"choices": 3, "cls": 1}), Malformed, "malformed reply"),
            (Answer("text"), Malformed, "malformed reply"),
            (Answer("text", 502), ModelError, "answers 502"),
        ],
    )
    def test_lines_are_sorted_as_answers_to_single_requests_are(self, server, tmp_path, answer, error, said):
        server.respond = lambda body: answer if body["messages"][0]["content"] == "bad" else echo(body)
        good, bad = ask(server, tmp_path, "good", "bad")
        assert good.text == "to good"
        assert type(bad) in (error, Closed)
        assert said in str(bad)

    def test_what_fails_once_is_in_the_next_round(self, server, tmp_path):
        server.respond = lambda body: failure(500, "boom") if len(server.batches) == 1 else echo(body)
        assert texts(ask(server, tmp_path, "a", "b")) == ["to a", "to b"]
        assert server.sizes == [2, 2]

    def test_the_content_filter_is_a_reply_of_unknown_time(self, server, tmp_path):
        server.respond = lambda body: failure(400, "filtered", code="content_filter")
        [reply] = ask(server, tmp_path, "a")
        assert (reply.finish_reason, reply.seconds, reply.batch) == ("content_filter", None, True)

    def test_a_quirk_is_learned_by_a_round(self, server, tmp_path):
        def respond(body):
            if "temperature" in body:
                return failure(400, "Unsupported value: 'temperature'", param="temperature")
            return echo(body)

        server.respond = respond
        with pytest.warns(UserWarning, match="refused temperature"):
            assert texts(ask(server, tmp_path, "a", "b")) == ["to a", "to b"]
        assert server.sizes == [2, 2]

    def test_a_batch_that_is_refused_says_what_the_provider_said(self, server, tmp_path):
        server.takes = lambda lines: {"code": "mismatched_model", "message": "Use one model.", "line": 2}
        answers = ask(server, tmp_path, "a", "b")
        for error in answers:
            assert str(error).startswith(f"gpt-4o: {server.url} refused the batch batch_")
            assert str(error).endswith("(mismatched_model: Use one model.)")
        assert server.sizes == [2]
        assert left(tmp_path) == (0, 0)

    def test_what_is_too_much_at_a_time_is_sent_in_smaller_batches_one_after_the_other(
        self, server, tmp_path
    ):
        open_ = lambda: sum(  # noqa: E731
            batch["request_counts"]["total"] for batch in server.batches.values()
            if batch["refused"] is None and batch["status"] != "completed"
        )  # fmt: skip
        too_much = {"code": "token_limit_exceeded", "message": "Enqueued token limit reached."}
        server.takes = lambda lines: too_much if open_() + len(lines) > 2 else None
        server.looks = 3
        assert texts(ask(server, tmp_path, *"abcd")) == [f"to {text}" for text in "abcd"]
        assert len(server.executed) == 4

    def test_one_request_that_is_too_much_is_an_error(self, server, tmp_path):
        server.takes = lambda lines: {"code": "token_limit_exceeded", "message": "Limit reached."}
        [error] = ask(server, tmp_path, "a")
        assert "(token_limit_exceeded: Limit reached.)" in str(error)


class TestNetwork:
    @pytest.mark.parametrize(
        "call",
        ["POST /v1/files", "POST /v1/batches", "GET /v1/batches/ID", "GET /v1/files/ID/content"],
    )
    @pytest.mark.parametrize("done", [False, True], ids=["not done", "done all the same"])
    def test_a_call_that_fails_once_costs_nothing(self, server, tmp_path, call, done):
        fault = once({call: failure(500, "boom")})
        setattr(server, "after" if done else "fail", fault)
        assert texts(ask(server, tmp_path, "a", "b")) == ["to a", "to b"]
        assert len(server.executed) == 2

    @pytest.mark.parametrize("body", [b"<html>", b'{"id": ', {"id": 3}, {"status": "unheard of"}])
    @pytest.mark.parametrize("call", ["POST /v1/files", "POST /v1/batches", "GET /v1/batches/ID"])
    def test_an_answer_that_is_none_is_asked_for_again(self, server, tmp_path, call, body):
        server.after = once({call: Answer(body)})
        assert texts(ask(server, tmp_path, "a")) == ["to a"]
        assert len(server.executed) == 1

    def test_a_file_that_is_cut_off_is_fetched_again(self, server, tmp_path):
        server.after = once({"GET /v1/files/ID/content": Answer(b'{"custom_id": "x", "resp')})
        assert texts(ask(server, tmp_path, "a")) == ["to a"]
        assert len(server.executed) == 1

    def test_a_server_without_the_api_is_named_with_the_remedy(self, server, tmp_path):
        server.fail = lambda call, nth: failure(404, "what?")
        [error] = ask(server, tmp_path, "a")
        assert str(error) == f"gpt-4o: {server.url} has no Batch API (404); leave --codesteer-batch out"
        assert left(tmp_path) == (0, 0)

    def test_a_key_that_is_refused_is_named(self, server, tmp_path):
        server.fail = lambda call, nth: failure(401, "bad key")
        [error] = ask(server, tmp_path, "a")
        assert "check OPENAI_API_KEY" in str(error)
        assert error.final

    def test_when_patience_ends_the_batch_is_not_lost(self, server, tmp_path):
        settings = Settings(patience=Patience(seconds=0.02, first=0.01))
        server.fail = lambda call, nth: failure(503, "away") if call.startswith("GET") else None
        [error] = ask(server, tmp_path, "a", settings=settings)
        assert "answers 503 (away)" in str(error)
        assert left(tmp_path) == (1, 1)
        server.fail = lambda call, nth: None
        assert texts(ask(server, tmp_path, "a")) == ["to a"]
        assert len(server.executed) == 1


def ended_at(process, server, call, *texts):
    """Ask, and let the process end when the server has got a call of this kind."""

    async def talk():
        asking = asyncio.create_task(process.ask(*texts))
        while call not in server.calls:
            await asyncio.sleep(0.002)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asking

    asyncio.run(talk())


def dead(folder):
    """Let no process be at work on what the file holds as under way."""
    connection = sqlite3.connect(folder / "cache.sqlite")
    connection.execute("UPDATE batches SET process = 0")
    connection.commit()
    connection.close()


class TestGoingOn:
    @pytest.mark.parametrize("call", ["POST /v1/files", "POST /v1/batches", "GET /v1/batches/ID"])
    def test_a_run_that_was_ended_goes_on_and_nothing_is_carried_out_twice(self, server, tmp_path, call):
        server.seconds = 0.05
        server.looks = 2
        with asker(server, tmp_path) as process:
            ended_at(process, server, call, "a", "b")
        dead(tmp_path)
        assert left(tmp_path) == (2, 1)
        assert texts(ask(server, tmp_path, "b", "c", "a")) == ["to b", "to c", "to a"]
        assert sorted(body["messages"][0]["content"] for body in server.executed) == ["a", "b", "c"]
        assert left(tmp_path) == (0, 0)

    def test_what_came_is_kept_also_where_nobody_asks_for_it_any_more(self, server, tmp_path):
        server.looks = 2
        with asker(server, tmp_path) as process:
            ended_at(process, server, "GET /v1/batches/ID", "a", "b")
        assert texts(ask(server, tmp_path, "b")) == ["to b"]
        server.close()
        [reply] = ask(server, tmp_path, "a")
        assert (reply.text, reply.cached, reply.batch, reply.seconds) == ("to a", True, True, None)

    @pytest.mark.parametrize(
        "listed", [Answer(b"<html>"), Answer({}), Answer({"data": None}), failure(500, "boom")]
    )
    def test_one_that_may_have_been_made_is_looked_for_in_all_of_the_list(self, server, tmp_path, listed):
        server.after = lambda call, nth: failure(500, "boom") if call == "POST /v1/batches" else None
        server.fail = lambda call, nth: failure(500, "boom") if call == "GET /v1/batches" else None
        [error] = ask(server, tmp_path / "one", "a", settings=Settings(patience=Patience(seconds=0)))
        assert "answers 500" in str(error)
        assert left(tmp_path / "one") == (1, 1)
        server.after = server.fail = lambda call, nth: None
        for text in "bcd":
            ask(server, tmp_path / "other", text)
        asked = server.calls.count("GET /v1/batches")
        server.after = lambda call, nth: listed if (call, nth) == ("GET /v1/batches", asked + 1) else None
        assert texts(ask(server, tmp_path / "one", "a")) == ["to a"]
        assert len(server.executed) == 4

    def test_what_is_under_way_comes_also_where_the_rest_is_refused(self, server, tmp_path):
        server.held.set()
        with asker(server, tmp_path) as process:
            ended_at(process, server, "GET /v1/batches/ID", "a")
        server.held.clear()
        server.fail = lambda call, nth: failure(400, "no more") if call == "POST /v1/files" else None
        first, second = ask(server, tmp_path, "a", "b")
        assert first.text == "to a"
        assert "answers 400 (no more)" in str(second)

    def test_what_the_list_does_not_show_was_not_made(self, server, tmp_path):
        server.fail = lambda call, nth: failure(500, "boom") if call == "POST /v1/batches" else None
        [error] = ask(server, tmp_path, "a", settings=Settings(patience=Patience(seconds=0)))
        assert "answers 500 (boom)" in str(error)
        assert left(tmp_path) == (1, 1)  # it may have been made
        server.fail = lambda call, nth: None
        assert texts(ask(server, tmp_path, "a")) == ["to a"]
        assert len(server.executed) == 1

    def test_two_processes_that_ask_the_same_send_it_once(self, server, tmp_path):
        server.looks = 2

        async def talk(one, other):
            first = asyncio.create_task(one.ask("a", "b"))
            while not server.batches:
                await asyncio.sleep(0.002)
            return await asyncio.gather(first, other.ask("b", "c"))

        with asker(server, tmp_path) as one, asker(server, tmp_path) as other:
            first, second = asyncio.run(talk(one, other))
        assert (texts(first), texts(second)) == (["to a", "to b"], ["to b", "to c"])
        assert server.sizes == [2, 1]

    def test_a_process_that_is_at_it_is_left_to_it(self, server, tmp_path):
        server.seconds = 0.2

        async def talk(one, other):
            first = asyncio.create_task(one.ask("a"))
            while "POST /v1/files" not in server.calls:
                await asyncio.sleep(0.002)
            return await asyncio.gather(first, other.ask("a"))

        with asker(server, tmp_path) as one, asker(server, tmp_path) as other:
            first, second = asyncio.run(talk(one, other))
        assert texts([*first, *second]) == ["to a", "to a"]
        assert server.calls.count("POST /v1/files") == 1

    def test_what_another_process_got_while_a_round_was_gathered_is_not_sent(
        self, server, tmp_path, monkeypatch
    ):
        async def talk(quick, slow):
            slowly = asyncio.create_task(slow.ask("a"))
            while not slow.model._post.__self__._requests:
                await asyncio.sleep(0.002)
            return await asyncio.gather(quick.ask("a"), slowly)

        with asker(server, tmp_path) as quick:
            monkeypatch.setattr(pytest_codesteer.batch, "TIMING", replace(QUICK, linger=1.0))
            with asker(server, tmp_path) as slow:
                first, second = asyncio.run(talk(quick, slow))
        assert texts([*first, *second]) == ["to a", "to a"]
        assert server.sizes == [1]

    def test_a_process_that_was_taken_for_dead_sends_nothing(self, server, tmp_path):
        """It was stopped before it had the batch made; another one has sent its request since."""
        server.seconds = 0.1

        async def talk(slow, quick):
            first = asyncio.create_task(slow.ask("a"))
            while "POST /v1/files" not in server.calls:
                await asyncio.sleep(0.002)
            dead(tmp_path)
            return await asyncio.gather(first, quick.ask("a"))

        with asker(server, tmp_path) as slow, asker(server, tmp_path) as quick:
            first, second = asyncio.run(talk(slow, quick))
        assert texts([*first, *second]) == ["to a", "to a"]
        assert len(server.executed) == 1

    def test_a_batch_that_was_made_too_late_is_cancelled(self, server, tmp_path):
        def gone(call, nth):
            if call == "POST /v1/batches" and nth == 1:
                connection = sqlite3.connect(tmp_path / "cache.sqlite")
                connection.execute("DELETE FROM batched")
                connection.execute("DELETE FROM batches")
                connection.commit()
                connection.close()

        server.after = gone
        assert texts(ask(server, tmp_path, "a")) == ["to a"]
        assert [batch["status"] for batch in server.batches.values()] == ["cancelled", "completed"]

    def test_a_batch_that_the_provider_does_not_know_is_an_error_with_the_remedy(self, server, tmp_path):
        server.held.set()
        with asker(server, tmp_path) as process:
            ended_at(process, server, "GET /v1/batches/ID", "a")
        server.batches.clear()
        [error] = ask(server, tmp_path, "a")
        assert "does not know batch_" in str(error)
        assert "name another --codesteer-cache" in str(error)
        assert left(tmp_path) == (1, 1)

    def test_a_file_that_the_provider_keeps_no_longer_is_asked_for_anew(self, server, tmp_path):
        server.fail = once({"GET /v1/files/ID/content": failure(404, "no such file")})
        assert texts(ask(server, tmp_path, "a")) == ["to a"]
        assert server.sizes == [1, 1]

    def test_what_no_provider_keeps_any_more_is_asked_for_anew(self, server, tmp_path):
        server.held.set()
        with asker(server, tmp_path) as process:
            ended_at(process, server, "GET /v1/batches/ID", "a")
        connection = sqlite3.connect(tmp_path / "cache.sqlite")
        connection.execute("UPDATE batches SET made = made - ?", (31 * 86400,))
        connection.commit()
        connection.close()
        assert left(tmp_path) == (0, 0)
        server.held.clear()
        assert texts(ask(server, tmp_path, "a")) == ["to a"]
        assert server.sizes == [1, 1]

    def test_a_fault_of_the_cache_is_an_error(self, server, tmp_path):
        with asker(server, tmp_path) as process:
            process.store.fault = f"{process.store.path}: disk I/O error"
            [error] = asyncio.run(process.ask("a"))
        assert str(error).endswith("cache.sqlite: disk I/O error; batches cannot do without it")
        assert server.calls == []
