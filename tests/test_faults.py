"""What servers do wrong, one fault after the other, and what comes of it: see tests/faults.py."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from pytest_codesteer import Ask, Prompts, user
from pytest_codesteer.engine import Case, Means, play
from pytest_codesteer.engine.thinking import Thinking
from pytest_codesteer.methods import find_method
from pytest_codesteer.models import ChatModel, Closed, ModelError, ModelName, Patience, Settings
from pytest_codesteer.models.prices import load_prices
from pytest_codesteer.runlog import record_of
from pytest_codesteer.sandbox import open_sandbox
from pytest_codesteer.task import load_task
from tests.faults import FAULTS, TEXT, FaultyServer, page
from tests.loopback import completion

QUICK = Patience(seconds=0.4, first=0.02, longest=0.05)
SPEC = """
[task]
title = "Capitals"
source = "own"
question = "Capital of {{ country }}? <<<city>>>"
answer = { kind = "exact" }
[[instances]]
country = "Peru"
answer = "Lima"
"""


@pytest.fixture
def serve():
    servers = []

    def start(answer, **options):
        servers.append(FaultyServer(answer, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def case(tmp_path):
    path = tmp_path / "capitals.toml"
    path.write_text(SPEC)
    task = load_task(path)
    return Case(task, next(iter(task.levels)), 0, 0, "only_question", "gpt-4o")


def named(address, scheme="http", model="gpt-4o"):
    return ModelName(model, "openai", model, f"{scheme}://{address}", model)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_has_its_outcome(fault, serve, case):
    server = serve(fault.serve, late=fault.late)
    patience = QUICK
    if fault.late and fault.outcome == "correct":
        patience = Patience(seconds=20, first=0.02, longest=0.05)
        threading.Timer(0.2, server.listen).start()
    name = named(server.address, fault.scheme, "gpt-4oo" if "404" in fault.name else "gpt-4o")
    model = ChatModel(
        name, Settings(seconds=0.3 if "drips" in fault.name else 20, patience=patience), key="k"
    )
    with ThreadPoolExecutor(2) as threads, closing(Thinking()) as thinking:
        means = Means(model, open_sandbox(), find_method("only_question"), Prompts(), threads, thinking)
        played = asyncio.run(play(case, means))
    record = record_of(played, name, load_prices(), date(2024, 12, 1))
    assert (record.outcome, bool(model.closed)) == (fault.outcome, fault.closes), record.error
    assert fault.says in (record.error or record.reason)
    assert server.asked == fault.asked if fault.asked is not None else server.asked > 1
    if fault.outcome == "error":
        assert record.seconds is None, "what failed took time, and how much is not known"
    else:
        assert (record.prompt_tokens is not None) == fault.tokens
        assert (record.dollars is not None) == fault.tokens
    assert not record.details  # a traceback would be ours


def test_the_page_is_up_to_date():
    path = Path(__file__).parents[1] / "docs" / "faults.md"
    assert path.read_text("utf-8") == page(), "run python -m tests.faults > docs/faults.md"


def ask_all(model, count):
    async def talk():
        calls = [model.reply(Ask((user(str(at)),))) for at in range(count)]
        return await asyncio.gather(*calls, return_exceptions=True)

    return asyncio.run(talk())


def test_a_refused_key_is_told_once_and_asked_no_more(serve):
    server = serve(lambda exchange: exchange.fail(401, "bad key"))
    model = ChatModel(named(server.address), Settings(), key="k")
    first = ask_all(model, 5)
    assert [type(error) for error in first].count(Closed) == 4
    [told] = [error for error in first if not isinstance(error, Closed)]
    assert isinstance(told, ModelError)
    assert "check OPENAI_API_KEY" in str(told)
    before = server.asked
    assert all(isinstance(error, Closed) for error in ask_all(model, 3))
    assert server.asked == before


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_a_key_that_a_server_repeats_is_not_told(serve, status):
    key = "sk-very-secret-123"
    server = serve(lambda exchange: exchange.fail(status, "x" * 190 + f" your key {key} is odd"))
    [told] = ask_all(ChatModel(named(server.address), Settings(patience=Patience(tries=1)), key=key), 1)
    assert isinstance(told, ModelError)
    assert "xxx" in str(told)
    assert "sk-very" not in str(told)


def test_a_request_that_a_provider_forbids_does_not_close_a_model_that_answers(serve):
    server = serve(
        lambda exchange: (
            exchange.fail(403, "moderated") if exchange.nth == 2 else exchange.send(completion(TEXT))
        )
    )
    model = ChatModel(named(server.address), Settings(patience=QUICK), key="k")

    async def talk():
        await model.reply(Ask((user("a"),)))
        with pytest.raises(ModelError, match="refused the request"):
            await model.reply(Ask((user("b"),)))
        return await model.reply(Ask((user("c"),)))

    assert asyncio.run(talk()).text == TEXT


def test_one_request_that_kills_the_server_each_time_does_not_close_the_model(serve):
    """Others are answered meanwhile, so it is not the server."""
    import json

    def answer(exchange):
        exchange.send(completion(TEXT)) if exchange.nth % 2 else exchange.fail(502)

    server = serve(answer)
    model = ChatModel(named(server.address), Settings(patience=QUICK), key="k")
    assert json.dumps([each.text for each in ask_all(model, 6)]) == json.dumps([TEXT] * 6)
    assert not model.closed


def test_calls_with_one_id_are_told_apart(serve):
    function = {"name": "python", "arguments": '{"code": "1"}'}
    calls = [{"id": "c", "type": "function", "function": function}] * 2
    server = serve(lambda exchange: exchange.send(completion(None, tool_calls=calls)))
    [reply] = ask_all(ChatModel(named(server.address), Settings(patience=QUICK), key="k"), 1)
    assert [call.id for call in reply.tool_calls] == ["c", "c-1"]
