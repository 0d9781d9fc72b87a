"""The client, against a server that speaks the real wire format, well or badly."""

import asyncio
import json
from contextlib import ExitStack
from datetime import date

import pytest

from pytest_codesteer import Usage, system, user
from pytest_codesteer.conversation import Ask, Reply
from pytest_codesteer.models import ChatModel, ModelError, ModelName, Settings, TooLong, open_model, read_name
from pytest_codesteer.models import client as client_module
from pytest_codesteer.models.client import CLIENT_AT_ONCE, Clients
from pytest_codesteer.models.prices import PriceError, load_prices
from pytest_codesteer.models.providers import providers
from tests.loopback import NO_PATIENCE, Answer, completion, failure

QUESTION = Ask((system("Be brief."), user("What is 6*7?")))


def ask(server, *, model="gpt-4o", times=1, settings=None):
    name = ModelName(model, "openai", model, server.url, model)
    client = ChatModel(name, settings or Settings(patience=NO_PATIENCE), key="secret")

    async def talk():
        return [await client.reply(QUESTION) for _ in range(times)]

    return asyncio.run(talk())[-1]


def test_a_reply_brings_text_usage_and_what_was_sent(loopback):
    server = loopback(lambda body: completion("42"))
    reply = ask(server)
    assert reply.text == "42"
    assert reply.usage == Usage(prompt=11, cached_prompt=3, completion=7, reasoning=2)
    assert reply.finish_reason == "stop"
    assert reply.model == "served-model"
    assert reply.seconds > 0
    assert server.keys == ["Bearer secret"]
    assert server.requests == [
        {
            "model": "gpt-4o",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "What is 6*7?"},
            ],
            "temperature": 0.0,
            "max_tokens": 2000,
        }
    ]


@pytest.mark.parametrize(
    ("model", "absent", "roles"),
    [
        ("o1-preview", {"temperature", "max_tokens", "max_completion_tokens"}, ["user"]),
        ("o3", {"temperature", "max_tokens", "max_completion_tokens"}, ["system", "user"]),
    ],
)
def test_quirks_of_the_table_shape_the_request(loopback, model, absent, roles):
    server = loopback(lambda body: completion("42"))
    ask(server, model=model)
    assert absent & server.requests[0].keys() == set()
    assert [message["role"] for message in server.requests[0]["messages"]] == roles
    assert "Be brief." in server.requests[0]["messages"][0]["content"]


def test_a_quirk_that_the_table_does_not_know_is_learned_once(loopback):
    def respond(body):
        if "temperature" in body:
            return failure(400, "Unsupported value: 'temperature'", param="temperature")
        if "max_tokens" in body:
            return failure(400, "Use 'max_completion_tokens' instead.", param="max_tokens")
        return completion("42")

    server = loopback(respond)
    with pytest.warns(UserWarning, match="refused"):
        assert ask(server, model="new", times=2).text == "42"
    assert len(server.requests) == 4  # the first call learns two, the second needs no more
    assert "temperature" not in server.requests[-1]
    assert server.requests[-1]["max_completion_tokens"] == 2000


@pytest.mark.parametrize(
    ("body", "text", "finish_reason"),
    [
        (completion(""), "", "stop"),
        (completion(None), "", "stop"),
        (completion("cut", finish_reason="length"), "cut", "length"),
        (completion("", finish_reason="content_filter"), "", "content_filter"),
        (completion(None, refusal="I will not."), "I will not.", "refusal"),
        (completion([{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]), "42", "stop"),
        (completion("42", finish_reason="something_new"), "42", "stop"),
        (completion("\ud800"), "\ud800", "stop"),
        (completion("x" * 3_000_000), "x" * 3_000_000, "stop"),
    ],
    ids=["empty", "null", "cut", "filtered", "refused", "parts", "new reason", "surrogate", "3 MB"],
)
def test_an_odd_reply_is_a_reply(loopback, body, text, finish_reason):
    reply = ask(loopback(lambda _: body))
    assert (reply.text, reply.finish_reason) == (text, finish_reason)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, None),
        ({}, None),
        ({"prompt_tokens": -5, "completion_tokens": 1, "total_tokens": 1}, None),
        ({"prompt_tokens": "many", "completion_tokens": 1, "total_tokens": 1}, None),
        ({"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}, Usage(5, 0, 1, 0)),
    ],
)
def test_tokens_that_are_not_known_are_not_zero(loopback, usage, expected):
    assert ask(loopback(lambda _: {**completion("42"), "usage": usage})).usage == expected


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"id": "x"}, "malformed reply: it holds no choice"),
        ({**completion("42"), "choices": None}, "malformed reply: it holds no choice"),
        ({**completion("42"), "choices": []}, "malformed reply: it holds no choice"),
        (
            {**completion("42"), "choices": [{"index": 0, "finish_reason": "stop", "message": None}]},
            "malformed",
        ),
        (Answer(b'{"id": "x", "cho'), "not JSON"),
        (Answer(b"<html>Bad gateway</html>", headers={"content-type": "text/html"}), "not JSON ('<html>Bad"),
        (failure(500, "boom"), "answers 500 (boom)"),
        (failure(429, "slow down"), "answers 429 (slow down)"),
    ],
    ids=["no choices", "null choices", "no choice", "no message", "truncated", "HTML", "500", "429"],
)
def test_what_is_no_reply_is_an_error_that_says_so(loopback, answer, message):
    with pytest.raises(ModelError) as caught:
        ask(loopback(lambda _: answer))
    assert message in str(caught.value)
    assert str(caught.value).startswith("gpt-4o: ")
    assert "\n" not in str(caught.value)
    assert not caught.value.final


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (failure(401, "Incorrect API key"), "check OPENAI_API_KEY"),
        (failure(403, "Forbidden"), "check OPENAI_API_KEY"),
        (failure(404, "The model does not exist"), "did you mean 'gpt-4o'?"),
        (failure(429, "You have no credit", code="insufficient_quota"), "the quota is used up"),
    ],
)
def test_an_error_that_asking_again_cannot_mend_is_final_and_names_the_remedy(loopback, answer, message):
    with pytest.raises(ModelError) as caught:
        ask(loopback(lambda _: answer), model="gpt-4oo")
    assert message in str(caught.value)
    assert caught.value.final


def test_a_chat_that_is_too_long_is_a_limit(loopback):
    said = "This model's maximum context length is 4096 tokens."
    with pytest.raises(TooLong):
        ask(loopback(lambda _: failure(400, said, code="context_length_exceeded")))


def test_a_server_that_is_not_there_is_named(loopback):
    server = loopback(lambda _: None)
    server.close()
    with pytest.raises(ModelError) as caught:
        ask(server)
    assert f"cannot reach {server.url}" in str(caught.value)


def test_a_key_that_is_not_set_is_named_before_anything_is_asked(monkeypatch):
    with pytest.raises(ModelError, match="set MISTRAL_API_KEY"):
        open_model(read_name("mistral/open-mixtral-8x7b"), Settings())
    monkeypatch.setenv("MISTRAL_API_KEY", "k")
    assert open_model(read_name("mistral/open-mixtral-8x7b"), Settings()).name == "mistral/open-mixtral-8x7b"


@pytest.mark.parametrize("name", providers())
def test_every_provider_of_the_table_can_be_asked(loopback, monkeypatch, name):
    server = loopback(lambda body: completion(body["model"]))
    provider = providers()[name]
    if provider.key:
        monkeypatch.setenv(provider.key, f"key of {name}")
    model = open_model(read_name(f"{name}/some/model", server.url), Settings())
    assert asyncio.run(model.reply(QUESTION)).text == "some/model"
    assert server.keys == [f"Bearer key of {name}" if provider.key else "Bearer none"]


def test_names_are_taken_apart():
    assert read_name("gpt-4o").provider == "openai"
    assert read_name("openrouter/meta-llama/llama-3-70b").model == "meta-llama/llama-3-70b"
    assert read_name("local:/models/qwen.gguf").label == "local:qwen"
    assert read_name("meta-llama/llama", "http://127.0.0.1:1/v1").model == "meta-llama/llama"
    with pytest.raises(ModelError, match="did you mean 'mistral'"):
        read_name("mistrall/x")
    with pytest.raises(ModelError, match="'openai/' names no model; write provider/model"):
        read_name("openai/")


class TestPrices:
    def test_the_papers_models_had_their_price_at_its_time(self):
        prices, then = load_prices(), date(2024, 10, 4)
        usage = Usage(prompt=1_000_000, completion=1_000_000)
        assert {
            model: prices.find(provider, model, then).dollars(usage)
            for provider, model in (
                ("openai", "o1-preview"),
                ("openai", "gpt-4o"),
                ("openai", "gpt-4o-mini"),
                ("openai", "gpt-3.5-turbo-16k-0613"),
                ("anthropic", "claude-3-sonnet-20240229"),
                ("mistral", "open-mixtral-8x7b"),
            )
        } == {
            "o1-preview": 75.0,
            "gpt-4o": 12.5,
            "gpt-4o-mini": 0.75,
            "gpt-3.5-turbo-16k-0613": 7.0,
            "claude-3-sonnet-20240229": 18.0,
            "open-mixtral-8x7b": 1.4,
        }

    def test_a_price_holds_from_its_day(self):
        prices = load_prices()
        assert prices.find("openai", "gpt-4o", date(2024, 6, 1)).input == 5.0
        assert prices.find("openai", "gpt-4o", date(2024, 1, 1)) is None

    def test_cached_tokens_cost_less(self):
        price = load_prices().find("openai", "gpt-4o", date(2024, 12, 1))
        assert price.dollars(Usage(prompt=1_000_000, cached_prompt=1_000_000)) == 1.25

    def test_a_model_without_a_price_has_none(self):
        assert load_prices().find("openai", "gpt-99", date(2026, 1, 1)) is None

    @pytest.mark.parametrize(
        ("provider", "model", "of_cached"),
        [("openai", "gpt-4o", 1.25), ("openai", "gpt-5", 0.0625), ("vllm", "any", 0)],
    )
    def test_a_batch_has_its_own(self, provider, model, of_cached):
        """Input that OpenAI has in its cache is cheaper there only from GPT-5 on."""
        prices, day = load_prices(), date(2026, 1, 1)
        alone, batch = (prices.find(provider, model, day, batch=batch) for batch in (False, True))
        assert (batch.input, batch.output) == (alone.input / 2, alone.output / 2)
        assert batch.dollars(Usage(prompt=1_000_000, cached_prompt=1_000_000)) == of_cached
        reply = Reply("", Usage(completion=1_000_000), batch=True)
        assert prices.dollars(reply, provider, model, day) == batch.output

    def test_a_batch_without_one_has_an_unknown_cost(self):
        prices, day = load_prices(), date(2026, 1, 1)
        assert prices.find("google", "gemini-2.5-flash", day).input == 0.3
        assert prices.find("google", "gemini-2.5-flash", day, batch=True) is None
        assert prices.find("openai", "gpt-3.5-turbo", date(2024, 3, 1), batch=True) is None

    def test_a_container_that_was_used_for_an_unknown_time_has_an_unknown_cost(self):
        reply = Reply("", Usage(), seconds=None, containers=1, batch=True)
        assert load_prices().dollars(reply, "openai", "gpt-4o", date(2026, 1, 1)) is None

    def test_a_file_of_the_users_comes_first(self, tmp_path):
        path = tmp_path / "prices.toml"
        path.write_text(
            '[[price]]\nprovider = "openai"\nmodels = ["gpt-*"]\nsince = 2025-01-01\ninput = 1.0\noutput = 2.0\n'
        )
        prices = load_prices([path])
        assert prices.find("openai", "gpt-99", date(2026, 1, 1)).input == 1.0
        assert prices.find("openai", "gpt-4o", date(2024, 12, 1)).input == 2.5

    def test_all_faults_of_a_file_are_named(self, tmp_path):
        path = tmp_path / "prices.toml"
        path.write_text(
            '[[price]]\nprovider = 3\nmodels = ["x"]\nsince = 2025-01-01\ninput = -1\nextra = 1\n'
        )
        with pytest.raises(PriceError) as caught:
            load_prices([path])
        assert [line.partition(": price[0]: ")[2] for line in str(caught.value).splitlines()] == [
            "provider is missing or of the wrong type",
            "output is missing or of the wrong type",
            "unknown key 'extra'",
            "input is below 0",
        ]


def test_the_wire_is_utf8(loopback):
    server = loopback(lambda body: completion(body["messages"][1]["content"]))
    name = ModelName("m", "openai", "m", server.url, "m")
    reply = asyncio.run(ChatModel(name, Settings()).reply(Ask((user("a"), user("π≈3 \U0001f600")))))
    assert reply.text == json.loads('"\\u03c0\\u22483 \\ud83d\\ude00"')


def test_a_full_client_is_left_alone_and_the_first_with_room_takes_the_next_request(monkeypatch):
    made = []
    monkeypatch.setattr(client_module, "open_client", lambda *given: made.append(given) or len(made))
    clients = Clients(read_name("gpt-4o"), "k", 1.0)
    with ExitStack() as under_way:
        full = {under_way.enter_context(clients.free()) for _ in range(CLIENT_AT_ONCE)}
        with clients.free() as other:
            assert (full, other) == ({1}, 2)
        with pytest.raises(ModelError), clients.free():
            raise ModelError("no answer")
        with clients.free() as after:
            assert after == 2
    with clients.free() as again:
        assert again == 1
    assert len(made) == 2
