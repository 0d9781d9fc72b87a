"""The cache: what was paid for once is not asked for again, and what fails in it costs no case."""

import asyncio
import re
import sqlite3
import threading
import time
from collections import Counter
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_codesteer.cache import Absent, Cache, Cached, Store
from pytest_codesteer.cache import store as store_module
from pytest_codesteer.conversation import (
    Ask,
    Execution,
    HostedRun,
    Message,
    Reply,
    ToolCall,
    Usage,
    assistant,
    output,
    system,
    user,
)
from pytest_codesteer.models import ModelError, ModelName, Settings, identity_of, read_name
from pytest_codesteer.prompts import Prompts

KEYS = ["05124af0df6b7df3", "191ef16994273de9"]
QUESTION = Ask((system("Be brief."), user("What is 6*7?")))
GPT = read_name("gpt-4o")

texts = st.text(st.characters(codec=None) | st.sampled_from("\ud800\x00\u2028"), max_size=20)
counts = st.integers(0, 10**12)
usages = st.builds(Usage, counts, counts, counts, counts)
seconds = st.floats(0, 1e6)
executions = st.builds(
    Execution,
    st.sampled_from(["ok", "error"]),
    texts,
    texts,
    st.none() | st.integers(-9, 255),
    seconds,
    texts,
)
replies = st.builds(
    Reply,
    texts,
    usage=st.none() | usages,
    seconds=seconds,
    finish_reason=st.sampled_from(["stop", "length", "refusal", "content_filter"]),
    model=texts,
    tool_calls=st.lists(st.builds(ToolCall, texts, texts, texts), max_size=2).map(tuple),
    executions=st.lists(st.builds(HostedRun, texts, executions), max_size=2).map(tuple),
    containers=st.integers(0, 3),
)


class Counting:
    """A model that numbers its replies."""

    name = "gpt-4o"

    def __init__(self):
        self.asked = 0

    async def reply(self, request):
        self.asked += 1
        await asyncio.sleep(0)
        return Reply(f"reply {self.asked}", Usage(1, 0, 1, 0))


@pytest.fixture
def opened(tmp_path):
    """Open the file of this test, as often as wanted."""
    stores = []

    def open_(**settings):
        stores.append(Store(tmp_path / "cache.sqlite", **settings))
        return stores[-1]

    yield open_
    for store in stores:
        store.close()


def episode(store, model=None, *, name=GPT, sampled=None, epoch=1, cache=None):
    """Return a model as one episode has it."""
    identity = partial(identity_of, name, sampled or Settings())
    return Cached(model or Counting(), cache or Cache(store), identity, epoch=epoch, made=Counter())


def said(model, *requests):
    async def talk():
        return [(await model.reply(request)).text for request in requests]

    return asyncio.run(talk())


class TestReplies:
    @settings(max_examples=10)
    @given(st.lists(replies, min_size=10, max_size=20))
    def test_they_come_back_as_they_were(self, tmp_path_factory, kept):
        store = Store(tmp_path_factory.mktemp("cache") / "cache.sqlite")

        async def go():
            for at, reply in enumerate(kept):
                assert await store.keep(b"%d" % at, reply) == reply
            return [await store.find(b"%d" % at) for at in range(len(kept))]

        try:
            assert asyncio.run(go()) == [replace(reply, cached=True) for reply in kept]
            assert store.fault == ""
        finally:
            store.close()

    def test_a_later_process_finds_them(self, opened):
        first, second = Counting(), Counting()
        assert said(episode(opened(), first), QUESTION) == ["reply 1"]
        assert said(episode(opened(), second), QUESTION) == ["reply 1"]
        assert (first.asked, second.asked) == (1, 0)

    def test_what_a_method_has_got_is_on_disk(self, opened, tmp_path):
        said(episode(opened()), QUESTION)
        with sqlite3.connect(tmp_path / "cache.sqlite") as connection:
            assert connection.execute("SELECT count(*) FROM replies").fetchone() == (1,)

    def test_it_is_on_disk_also_when_nobody_waits_for_it_any_more(self, opened):
        store = opened()
        free = threading.Event()
        store._thread.submit(free.wait, 20)

        async def cut_short():
            keeping = asyncio.ensure_future(store.keep(b"key", Reply("late")))
            await asyncio.sleep(0)
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            free.set()
            return await store.find(b"key")

        assert asyncio.run(cut_short()).text == "late"

    def test_of_two_processes_that_ask_the_same_at_once_the_first_reply_holds(self, opened):
        one, two = opened(), opened()

        async def both():
            await one.keep(b"key", Reply("first"))
            return await two.keep(b"key", Reply("second"))

        assert asyncio.run(both()) == Reply("first")

    def test_errors_are_asked_again(self, opened):
        class Failing(Counting):
            async def reply(self, request):
                await super().reply(request)
                raise ModelError("no")

        model, store = Failing(), opened()
        for _ in range(2):
            with pytest.raises(ModelError):
                said(episode(store, model), QUESTION)
        assert model.asked == 2


class TestWhatMakesARequest:
    def test_an_episode_that_asks_the_same_again_gets_another_reply_and_the_same_ones_later(self, opened):
        model = Counting()
        assert said(episode(opened(), model), QUESTION, QUESTION) == ["reply 1", "reply 2"]
        assert said(episode(opened(), model), QUESTION, QUESTION, QUESTION) == [
            "reply 1",
            "reply 2",
            "reply 3",
        ]

    def test_epochs_have_replies_of_their_own(self, opened):
        model, store = Counting(), opened()
        assert [said(episode(store, model, epoch=epoch), QUESTION) for epoch in (1, 2, 2, 1)] == [
            ["reply 1"],
            ["reply 2"],
            ["reply 2"],
            ["reply 1"],
        ]

    @pytest.mark.parametrize(
        "other",
        [
            replace(QUESTION, messages=QUESTION.messages[1:]),
            replace(QUESTION, messages=(*QUESTION.messages[:1], user("What is 6*7? "))),
            replace(QUESTION, messages=(*QUESTION.messages[:1], assistant("What is 6*7?"))),
            replace(QUESTION, tools=("python",)),
            replace(QUESTION, messages=(*QUESTION.messages, output("1"))),
            replace(QUESTION, messages=(*QUESTION.messages, output("1", "call-1"))),
            replace(
                QUESTION,
                messages=(*QUESTION.messages, assistant("", (ToolCall("call-1", "python", "{}"),))),
            ),
        ],
    )
    def test_another_chat_is_another_request(self, opened, other):
        model, store = Counting(), opened()
        said(episode(store, model), QUESTION)
        said(episode(store, model), other)
        assert model.asked == 2

    @pytest.mark.parametrize(
        ("name", "sampled"),
        [
            (read_name("gpt-4o-mini"), Settings()),
            (read_name("mistral/gpt-4o"), Settings()),
            (read_name("gpt-4o", "http://127.0.0.1:1/v1"), Settings()),
            (GPT, Settings(max_tokens=1)),
            (GPT, Settings(temperature=0.5)),
        ],
        ids=["model", "provider", "address", "max_tokens", "temperature"],
    )
    def test_another_model_or_setting_is_another_request(self, opened, name, sampled):
        model, store = Counting(), opened()
        said(episode(store, model), QUESTION)
        said(episode(store, model, name=name, sampled=sampled), QUESTION)
        assert model.asked == 2

    def test_another_wording_of_a_tool_is_another_request_where_the_tool_is_offered(self, opened, tmp_path):
        (tmp_path / "python_tool.j2").write_text("Runs Python.")
        own, store, model = Settings(prompts=Prompts((tmp_path,))), opened(), Counting()
        for request in (QUESTION, replace(QUESTION, tools=("python",))):
            said(episode(store, model), request)
            said(episode(store, model, sampled=own), request)
        assert model.asked == 3

    def test_who_asks_and_how_long_it_may_take_do_not_matter(self, opened):
        model, store = Counting(), opened()
        said(episode(store, model), QUESTION)
        said(episode(store, model, sampled=Settings(seconds=1)), replace(QUESTION, role="guide"))
        assert model.asked == 1

    def test_an_embedded_model_is_known_by_its_weights_not_by_its_port(self, tmp_path):
        def key(model, port):
            return identity_of(
                ModelName("local", "local", model, f"http://127.0.0.1:{port}/v1"), Settings(), QUESTION
            )

        weights = tmp_path / "a.gguf"
        weights.write_bytes(b"GGUF" * 1000)
        (tmp_path / "b.gguf").write_bytes(b"GGUF" * 999 + b"ABCD")
        assert key("", 1) == key("smollm2-135m", 2)
        assert key(str(weights), 1) == key(str(weights), 2)
        assert (
            len({str(key(name, 1)) for name in ("", "qwen2.5-0.5b", str(weights), str(tmp_path / "b.gguf"))})
            == 4
        )

    def test_the_keys_of_one_version_are_those_of_the_next(self):
        """A change of what a request is known by makes every kept reply worthless: do it knowingly."""
        seen = []

        class Seeing:
            async def reply(self, key, model, request):
                seen.append(key.hex()[:16])
                return Reply("")

        for request in (QUESTION, Ask((Message("user", "\ud800"),))):
            said(episode(None, cache=Seeing()), request)
        assert seen == KEYS


class TestManyAtOnce:
    def test_of_several_who_want_the_same_one_asks(self, opened):
        model, store = Counting(), opened()
        cache = Cache(store)

        async def crowd():
            return await asyncio.gather(
                *(episode(store, model, cache=cache).reply(QUESTION) for _ in range(20))
            )

        got = asyncio.run(crowd())
        assert {reply.text for reply in got} == {"reply 1"}
        assert sum(reply.cached for reply in got) == 19
        assert not cache._asking, "turns are forgotten"

    def test_when_the_one_who_asks_is_cut_short_another_asks(self, opened):
        class Slow(Counting):
            async def reply(self, request):
                self.asked += 1
                if self.asked == 1:
                    await asyncio.sleep(3600)
                return Reply("there")

        model, store = Slow(), opened()
        cache = Cache(store)

        async def go():
            first = asyncio.ensure_future(episode(store, model, cache=cache).reply(QUESTION))
            while not model.asked:
                await asyncio.sleep(0.001)
            second = asyncio.ensure_future(episode(store, model, cache=cache).reply(QUESTION))
            await asyncio.sleep(0)
            first.cancel()
            return await second

        assert asyncio.run(go()).text == "there"

    def test_threads_that_make_the_file_at_once_all_use_it(self, tmp_path):
        stores = [Store(tmp_path / "new" / "cache.sqlite") for _ in range(8)]
        threads = [threading.Thread(target=store.check) for store in stores]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for store in stores:
            store.close()
        assert [store.fault for store in stores] == [""] * 8


def corrupt(path):
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)


def no_database(path):
    path.write_text("This is my thesis.")


def folder(path):
    path.mkdir()


def no_reply(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE replies (key BLOB PRIMARY KEY, reply TEXT NOT NULL)")


def other_table(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE replies (mine INTEGER)")


class TestFaults:
    @pytest.mark.parametrize(
        ("spoil", "why"),
        [
            (corrupt, "malformed|not a database"),
            (no_database, "file is not a database"),
            (folder, "unable to open database file"),
            (other_table, "no such column: reply"),
        ],
    )
    def test_a_file_that_is_none_is_named_once_and_the_model_is_asked(self, opened, tmp_path, spoil, why):
        spoil(tmp_path / "cache.sqlite")
        store, model = opened(), Counting()
        assert said(episode(store, model), QUESTION, QUESTION) == ["reply 1", "reply 2"]
        assert re.search(why, store.fault), store.fault
        assert store.fault.startswith(str(tmp_path / "cache.sqlite"))

    def test_a_folder_that_cannot_be_made(self, tmp_path):
        (tmp_path / "taken").write_text("")
        store = Store(tmp_path / "taken" / "cache.sqlite")
        assert "File exists" in store.check()
        assert said(episode(store), QUESTION) == ["reply 1"]
        store.close()

    def test_a_line_that_is_no_reply(self, opened, tmp_path):
        store, model = opened(), Counting()
        said(episode(store, model), QUESTION)
        with sqlite3.connect(tmp_path / "cache.sqlite") as connection:
            connection.execute("UPDATE replies SET reply = '[1, 2]'")
        again = opened()
        assert said(episode(again, model), QUESTION) == ["reply 2"]
        assert "holds what is no reply" in again.fault

    def test_a_file_that_another_holds_stalls_nobody_for_long(self, opened, tmp_path, monkeypatch):
        monkeypatch.setattr(store_module, "LOCK_SECONDS", 0.3)
        store, model = opened(), Counting()
        store.check()
        other = sqlite3.connect(tmp_path / "cache.sqlite", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        asked = [replace(QUESTION, messages=(user(str(n)),)) for n in range(50)]
        assert len(said(episode(store, model), *asked)) == 50
        assert time.monotonic() - started < 5
        assert "locked" in store.fault
        other.close()

    def test_a_new_file_that_another_holds_is_given_up(self, opened, tmp_path, monkeypatch):
        monkeypatch.setattr(store_module, "LOCK_SECONDS", 0.1)
        other = sqlite3.connect(tmp_path / "cache.sqlite", isolation_level=None)
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        store = opened()
        assert "locked" in store.check()
        assert said(episode(store), QUESTION) == ["reply 1"]
        other.close()

    def test_a_lock_that_is_held_for_a_moment_is_waited_for(self, opened, tmp_path):
        store, model = opened(), Counting()
        store.check()
        other = sqlite3.connect(tmp_path / "cache.sqlite", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN EXCLUSIVE")
        release = threading.Timer(0.2, other.close)
        release.start()
        said(episode(store, model), QUESTION)
        release.join()
        assert store.fault == ""
        assert said(episode(opened(), model), QUESTION) == ["reply 1"]

    def test_a_full_disk_keeps_what_is_there(self, opened):
        store, model = opened(), Counting()
        said(episode(store, model), QUESTION)
        store._thread.submit(lambda: store._opened().execute("PRAGMA max_page_count = 1")).result()

        class Long(Counting):
            async def reply(self, request):
                return Reply("long " * 10_000)

        assert len(said(episode(store, Long(), epoch=2), QUESTION)[0]) == 50_000
        assert "full" in store.fault
        assert said(episode(opened(), model), QUESTION) == ["reply 1"]

    def test_after_its_first_fault_a_store_keeps_quiet(self, opened, tmp_path):
        folder(tmp_path / "cache.sqlite")
        store = opened()
        fault = store.check()
        (tmp_path / "cache.sqlite").rmdir()
        said(episode(store), QUESTION)
        assert store.fault == fault
        assert not (tmp_path / "cache.sqlite").exists()


class TestReplay:
    def test_what_is_there_is_said_again_and_all_else_is_an_error(self, opened, tmp_path):
        said(episode(opened()), QUESTION)
        store = opened(read_only=True)
        nobody = Absent("gpt-4o", store)
        assert said(episode(store, nobody), QUESTION) == ["reply 1"]
        with pytest.raises(ModelError, match="does not hold this request; --codesteer-replay asks nobody"):
            said(episode(store, nobody), QUESTION, QUESTION)

    def test_a_fault_is_the_error(self, opened, tmp_path):
        no_database(tmp_path / "cache.sqlite")
        store = opened(read_only=True)
        with pytest.raises(ModelError, match="file is not a database; --codesteer-replay asks nobody"):
            said(episode(store, Absent("gpt-4o", store)), QUESTION)
