"""The tool "python" over the wire: as a function, hosted by the provider, and in words."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from pytest_codesteer import Ask, Prompts, RunCode, ToolCall, Usage, user
from pytest_codesteer.conversation import Limits, assistant, output
from pytest_codesteer.engine import World, perform
from pytest_codesteer.methods import find_method
from pytest_codesteer.methods.code_interpreter import ROUNDS
from pytest_codesteer.models import ChatModel, ModelError, ModelName, Settings, open_model, read_name
from pytest_codesteer.models.client import Clients
from pytest_codesteer.models.prices import PriceError, load_prices
from pytest_codesteer.sandbox import open_sandbox
from tests.loopback import NO_PATIENCE, completion, failure

QUESTION = "What is 6 * 7? Answer as <<<number>>>."
OFFERED = Ask((user(QUESTION),), ("python",))
CALL = ToolCall("c1", "python", '{"code": "print(42)"}')
PROMPTS = Prompts()


def chat_model(server, *, hosted=False, model="gpt-4o", provider="openai", settings=None):
    name = ModelName(model, provider, model, server.url, model)
    return ChatModel(name, settings or Settings(patience=NO_PATIENCE), key="secret", hosted=hosted)


def reply(model, *requests):
    async def talk():
        return [await model.reply(request) for request in requests or (OFFERED,)]

    return asyncio.run(talk())[-1]


def steer(model, times=1):
    """Play Code Interpreter against a model over the wire, with real programs; return the last episode."""

    async def go():
        with ThreadPoolExecutor(2) as pool:
            world = World(model, open_sandbox(), pool)
            method = find_method("code_interpreter")
            return [await perform(method(QUESTION, PROMPTS), world, Limits()) for _ in range(times)][-1]

    return asyncio.run(go())


def function(name="python", arguments='{"code": "print(6 * 7)"}', call_id="c1"):
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls, text=None):
    return completion(text, finish_reason="tool_calls", tool_calls=list(calls))


def script(*answers):
    """Return a server's behaviour: one answer after another, and the last one for ever."""
    left = list(answers)
    return lambda body: left.pop(0) if len(left) > 1 else left[0]


def message(text, **part):
    content = {"type": "output_text", "text": text, "annotations": []} | part
    return {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [content],
    }


def interpreter(code="print(6 * 7)", logs="42\n", container="cntr_1", **item):
    return {
        "type": "code_interpreter_call",
        "id": "ci_1",
        "code": code,
        "container_id": container,
        "outputs": [{"type": "logs", "logs": logs}],
        "status": "completed",
    } | item


def response(*items, **fields):
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "served-model",
        "status": "completed",
        "output": [{"type": "reasoning", "id": "rs_1", "summary": []}, *items],
        "usage": {
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 30},
            "output_tokens": 50,
            "output_tokens_details": {"reasoning_tokens": 20},
            "total_tokens": 150,
        },
    } | fields


class TestAsAFunction:
    def test_it_is_offered_and_its_result_goes_back(self, loopback):
        server = loopback(script(calling(function(), text="I compute."), completion("It is <<<42>>>.")))
        played = steer(chat_model(server))
        first, second = server.requests
        assert server.paths == ["/v1/chat/completions"] * 2
        [tool] = first["tools"]
        assert tool["function"]["name"] == "python"
        assert tool["function"]["description"] == PROMPTS.render("python_tool")
        assert tool["function"]["parameters"]["required"] == ["code"]
        assert "tool_choice" not in first
        assert second["messages"] == [
            {"role": "user", "content": QUESTION},
            {"role": "assistant", "content": "I compute.", "tool_calls": [function()]},
            {"role": "tool", "tool_call_id": "c1", "content": "The program printed:\n42"},
        ]
        assert second["tools"] == first["tools"]
        assert (played.final_text, played.answered_by) == ("It is <<<42>>>.", "code")
        assert played.usage == Usage(22, 6, 14, 4)  # reasoning tokens included

    def test_several_calls_of_one_reply_share_their_state_and_are_answered_in_order(self, loopback):
        calls = [
            function(arguments='{"code": "x = 6"}', call_id="a"),
            function(arguments='{"code": "print(x * 7)"}', call_id="b"),
        ]
        server = loopback(script(calling(*calls), completion("<<<42>>>")))
        steer(chat_model(server))
        assert [
            (m["tool_call_id"], m["content"]) for m in server.requests[1]["messages"] if m["role"] == "tool"
        ] == [("a", "The program printed nothing."), ("b", "The program printed:\n42")]

    @pytest.mark.parametrize(
        ("call", "told", "sent_back"),
        [
            (function(arguments="print(6 * 7)"), "The program printed:\n42", {"code": "print(6 * 7)"}),
            (
                function(arguments='{"code": "pri'),
                "Nothing was run: the arguments",
                {"code": '{"code": "pri'},
            ),
            (function(arguments=""), "Nothing was run: the arguments", {"code": ""}),
            (function(arguments='{"code": 1}'), "The program printed", {"code": 1}),
            (function(arguments='["print(1)"]'), "Nothing was run: the arguments", {"code": '["print(1)"]'}),
            (function(arguments='"print(6 * 7)"'), "The program printed:\n42", {"code": "print(6 * 7)"}),
            (function("browser", "{}"), "There is no tool 'browser'", {}),
            (function("", "{}"), "There is no tool ''", {}),
        ],
    )
    def test_calls_that_do_not_keep_to_the_protocol_are_told_so_in_the_protocol(
        self, loopback, call, told, sent_back
    ):
        server = loopback(script(calling(call), completion("<<<42>>>")))
        played = steer(chat_model(server))
        asked, answered = server.requests[1]["messages"][1:]
        assert json.loads(asked["tool_calls"][0]["function"]["arguments"]) == sent_back
        assert answered["content"].startswith(told)
        assert played.final_text == "<<<42>>>"

    @pytest.mark.parametrize(
        "calls",
        [
            [{"type": "function", "function": {"name": "python", "arguments": "print(1)"}}],
            [
                {
                    "id": None,
                    "type": "function",
                    "function": {"name": "python", "arguments": {"code": "print(1)"}},
                }
            ],
            [{"id": "x", "type": "function", "function": None}],
            [{"id": "x", "type": "function"}],
            [{}],
        ],
        ids=["no id", "null id, object", "null function", "no function", "nothing"],
    )
    def test_odd_calls_of_odd_servers_are_calls(self, loopback, calls):
        server = loopback(script(calling(*calls), completion("<<<1>>>")))
        assert steer(chat_model(server)).final_text == "<<<1>>>"
        assert server.requests[1]["messages"][2]["tool_call_id"] in ("call-0", "x")

    def test_text_that_is_no_utf8_goes_back_all_the_same(self, loopback):
        call = function(arguments="print('\ud800') or print('\u00e9')", call_id="\ud800")
        server = loopback(script(calling(call, text="\ud800"), completion("<<<\ud800>>>")))
        assert steer(chat_model(server)).final_text == "<<<\ud800>>>"
        asked = server.requests[1]["messages"][1]
        assert asked["content"] == "?"
        assert "print('\u00e9')" in json.loads(asked["tool_calls"][0]["function"]["arguments"])["code"]

    def test_an_endless_loop_of_calls_ends_in_a_request_without_tools(self, loopback):
        server = loopback(
            lambda body: completion("<<<42>>>") if body.get("tool_choice") == "none" else calling(function())
        )
        played = steer(chat_model(server))
        assert (played.stopped, played.final_text) == ("finished", "<<<42>>>")
        assert len(server.requests) == ROUNDS + 1
        assert (
            server.requests[-1]["tools"] == server.requests[0]["tools"]
        )  # a chat with calls names its tools
        assert "No more programs" in server.requests[-1]["messages"][-1]["content"]

    def test_a_model_that_calls_for_ever_comes_to_an_end_too(self, loopback):
        server = loopback(lambda body: calling(function(), text="again"))
        played = steer(chat_model(server))
        assert (played.stopped, played.final_text) == ("finished", "again")

    def test_without_an_offer_no_tools_are_named(self, loopback):
        server = loopback(lambda body: completion("42"))
        reply(chat_model(server), Ask((user("Q"), assistant("A"), output("It printed 1."), user("So?"))))
        assert set(server.requests[0]) == {"model", "messages", "temperature", "max_tokens"}
        assert server.requests[0]["messages"] == [
            {"role": "user", "content": "Q"},
            {"role": "assistant", "content": "A"},
            {"role": "user", "content": "It printed 1.\n\nSo?"},
        ]

    def test_users_can_describe_the_tool_in_their_words(self, loopback, tmp_path):
        (tmp_path / "python_tool.j2").write_text("A calculator.")
        server = loopback(lambda body: completion("42"))
        reply(chat_model(server, settings=Settings(prompts=Prompts((tmp_path,)))))
        assert server.requests[0]["tools"][0]["function"]["description"] == "A calculator."


class TestHosted:
    def test_the_request_is_the_providers_and_the_runs_come_back(self, loopback):
        server = loopback(lambda body: response(message("I compute."), interpreter(), message("<<<42>>>")))
        played = steer(chat_model(server, hosted=True))
        assert server.paths == ["/v1/responses"]
        assert server.requests == [
            {
                "model": "gpt-4o",
                "input": [{"role": "user", "content": QUESTION}],
                "tools": [{"type": "code_interpreter", "container": {"type": "auto"}}],
                "include": ["code_interpreter_call.outputs"],
                "store": False,
                "temperature": 0.0,
                "max_output_tokens": 2000,
            }
        ]
        assert (played.final_text, played.answered_by, played.used_code) == ("<<<42>>>", "code", True)
        [run] = played.replies[0].executions
        assert (run.source, run.execution.stdout, run.execution.isolation) == (
            "print(6 * 7)",
            "42\n",
            "hosted",
        )
        assert played.usage == Usage(100, 30, 50, 20)
        assert played.replies[0].model == "served-model"
        assert played.replies[0].containers == 1

    def test_a_model_that_uses_no_code_answers_in_words_but_has_a_container(self, loopback):
        server = loopback(lambda body: response(message("It is <<<42>>>.")))
        played = steer(chat_model(server, hosted=True))
        assert (played.final_text, played.answered_by) == ("It is <<<42>>>.", "text")
        assert not played.used_code
        assert played.replies[0].containers == 1

    @pytest.mark.parametrize(
        ("body", "text", "finish_reason"),
        [
            (response(interpreter(), message("cut"), status="incomplete",
                      incomplete_details={"reason": "max_output_tokens"}), "cut", "length"),
            (response(status="incomplete", incomplete_details={"reason": "content_filter"}), "", "content_filter"),
            (response(status="incomplete"), "", "length"),
            (response(message("", type="refusal", refusal="I will not.")), "I will not.", "refusal"),
            (response(message("a"), message("b")), "a\n\nb", "stop"),
            (response(message("I said <<<42>>>."), interpreter()), "I said <<<42>>>.", "stop"),
            (response(), "", "stop"),
            (response(interpreter(outputs=None, code=None)), "", "stop"),
            (response({"type": "something_new", "id": "x"}, message("a")), "a", "stop"),
            (response(message("\ud800")), "\ud800", "stop"),
        ],
    )  # fmt: skip
    def test_an_odd_response_is_a_reply(self, loopback, body, text, finish_reason):
        got = reply(chat_model(loopback(lambda _: body), hosted=True))
        assert (got.text, got.finish_reason) == (text, finish_reason)

    def test_runs_of_any_kind_are_runs(self, loopback):
        items = [
            interpreter("a", outputs=[{"type": "image", "url": "https://x"}, {"type": "logs", "logs": "1"}]),
            interpreter("b", status="failed", container="cntr_2"),
            interpreter("c", status="incomplete", outputs=[], container="cntr_2"),
        ]
        got = reply(chat_model(loopback(lambda _: response(*items, message("x"))), hosted=True))
        assert [(run.source, run.execution.status, run.execution.stdout) for run in got.executions] == [
            ("a", "ok", "1"),
            ("b", "error", "42\n"),
            ("c", "error", ""),
        ]
        assert got.containers == 2

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            (response(status="failed", error={"code": "server_error", "message": "The server\nhad an error"}),
             "the response is failed (The server had an error)"),
            (response(status="queued"), "the response is queued"),
            ({"id": "x"}, "the response is malformed"),
            (response(output=None), "the response is completed"),
            (failure(500, "boom"), "answers 500 (boom)"),
            (failure(401, "bad key"), "check OPENAI_API_KEY"),
        ],
    )  # fmt: skip
    def test_what_is_no_reply_is_an_error_that_says_so(self, loopback, body, said):
        with pytest.raises(ModelError) as caught:
            reply(chat_model(loopback(lambda _: body), hosted=True))
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_only_asks_that_offer_the_tool_go_there(self, loopback):
        server = loopback(lambda body: completion("42"))
        reply(chat_model(server, hosted=True), Ask((user("Q"),)))
        assert server.paths == ["/v1/chat/completions"]

    def test_quirks_hold_there_too(self, loopback):
        server = loopback(lambda body: response(message("42")))
        reply(chat_model(server, hosted=True, model="o3"))
        assert {"temperature", "max_output_tokens"} & server.requests[0].keys() == set()

    def test_a_model_that_it_is_not_for_is_offered_a_function_from_then_on(self, loopback):
        refused = failure(400, "Hosted tool 'code_interpreter' is not supported with gpt-4o.", param="tools")
        server = loopback(script(refused, calling(function()), completion("<<<42>>>")))
        model = chat_model(server, hosted=True)
        with pytest.warns(UserWarning, match="gpt-4o refused the hosted interpreter; it is asked"):
            assert steer(model, times=2).final_text == "<<<42>>>"
        assert server.paths == ["/v1/responses", *["/v1/chat/completions"] * 3]

    @pytest.mark.parametrize(
        ("name", "url", "path"),
        [
            ("gpt-4o", "", "/v1/responses"),
            ("gpt-3.5-turbo-16k-0613", "", "/v1/chat/completions"),
            ("o1-preview", "", "/v1/chat/completions"),
            ("gpt-4o", "other", "/v1/chat/completions"),
            ("mistral/open-mixtral-8x7b", "", "/v1/chat/completions"),
        ],
    )
    def test_it_is_used_where_the_provider_itself_serves_it(self, loopback, monkeypatch, name, url, path):
        server = loopback(lambda body: response(message("1")) if "input" in body else completion("1"))
        for key in ("OPENAI_API_KEY", "MISTRAL_API_KEY"):
            monkeypatch.setenv(key, "none")
        model = open_model(read_name(name, server.url if url else ""), Settings())
        model._clients = Clients(read_name(name, server.url), "none", 20.0)  # all else as if it went out
        reply(model)
        assert server.paths == [path]


class TestInWords:
    BLOCK = "I compute.\n```python\nprint(6 * 7)\n```\n"

    def test_it_is_offered_after_the_question_and_called_by_a_block(self, loopback):
        server = loopback(script(completion(self.BLOCK), completion("It is <<<42>>>.")))
        played = steer(chat_model(server, model="o1-preview"))
        first, second = server.requests
        assert "tools" not in first
        assert first["messages"] == [
            {"role": "user", "content": PROMPTS.render("python_tool_in_words", content=QUESTION)}
        ]
        assert second["messages"] == [
            *first["messages"],
            {"role": "assistant", "content": self.BLOCK},
            {"role": "user", "content": "The program printed:\n42"},
        ]
        assert (played.final_text, played.answered_by) == ("It is <<<42>>>.", "code")

    def test_its_blocks_share_their_state(self, loopback):
        blocks = [completion(f"```python\n{source}\n```") for source in ("x = 6", "print(x * 7)")]
        server = loopback(script(*blocks, completion("<<<42>>>")))
        played = steer(chat_model(server, model="o1-preview"))
        assert [step.request for step in played.steps if isinstance(step.request, RunCode)] == [
            RunCode("x = 6\n", "python"),
            RunCode("print(x * 7)\n", "python"),
        ]
        assert server.requests[2]["messages"][-1]["content"] == "The program printed:\n42"

    def test_blocks_without_end_end_in_a_request_without_the_offer(self, loopback):
        server = loopback(lambda body: completion(self.BLOCK))
        played = steer(chat_model(server, model="o1-preview"))
        assert len(server.requests) == ROUNDS + 1
        assert server.requests[-1]["messages"][0]["content"] == QUESTION
        assert played.final_text == "42\n"  # the last block, run in the session

    def test_the_embedded_model_is_asked_in_words(self, loopback):
        server = loopback(lambda body: completion("<<<42>>>"))
        model = open_model(read_name("local"), Settings(), address=server.url)
        reply(model)
        assert "tools" not in server.requests[0]
        assert "Python interpreter" in server.requests[0]["messages"][0]["content"]

    @pytest.mark.parametrize(
        "refusal",
        [
            failure(400, "registry.ollama.ai/library/x:latest does not support tools"),
            failure(400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser'),
            failure(404, "No endpoints found that support tool use"),
            failure(422, "Extra inputs are not permitted", param="tools"),
            failure(500, "Unsupported param: tools"),
            failure(500, "tools param requires --jinja flag"),
        ],
        ids=["ollama", "vLLM", "OpenRouter", "param", "old llama.cpp", "llama.cpp without templates"],
    )
    def test_that_a_model_takes_no_tools_is_learned(self, loopback, refusal):
        server = loopback(lambda body: refusal if "tools" in body else completion("<<<42>>>"))
        model = chat_model(server)
        with pytest.warns(UserWarning, match="refused tools"):
            assert steer(model, times=2).final_text == "<<<42>>>"
        assert ["tools" in body for body in server.requests] == [True, False, False]

    @pytest.mark.parametrize(
        "error",
        [
            failure(400, "maximum context length is 8 tokens (7 in the messages, 9 in the tools)",
                    code="context_length_exceeded"),
            failure(400, "messages with role 'tool' must follow 'tool_calls'", param="messages.[2].role"),
            failure(401, "your key is not for tools"),
            failure(429, "too many tools"),
            failure(400, "boom"),
        ],
    )  # fmt: skip
    def test_another_error_is_not_taken_for_that(self, loopback, error):
        server = loopback(lambda body: error)
        with pytest.raises(ModelError):
            reply(chat_model(server))
        assert len(server.requests) == 1

    def test_a_model_learns_while_other_calls_are_under_way(self, loopback):
        refused = failure(400, "x does not support tools")
        server = loopback(lambda body: refused if "tools" in body else completion("42"))
        model = chat_model(server)

        async def talk():
            return await asyncio.gather(*[model.reply(OFFERED) for _ in range(5)])

        with pytest.warns(UserWarning, match="refused tools") as warned:
            assert [got.text for got in asyncio.run(talk())] == ["42"] * 5
        assert len([each for each in warned if "refused" in str(each.message)]) == 1

    def test_several_results_are_one_message(self, loopback):
        server = loopback(lambda body: completion("42"))
        calls = (CALL, ToolCall("c2", "python", "print(43)"))
        chat = (user("Q"), assistant("", calls), output("42", "c1"), output("43", "c2"), user("So?"))
        reply(chat_model(server, model="o1-preview"), Ask(chat, ("python",)))
        assert [message["content"] for message in server.requests[0]["messages"][1:]] == [
            "```python\nprint(42)\n```\n\n```python\nprint(43)\n```",
            "42\n\n43\n\nSo?",
        ]

    def test_from_hosted_to_words_in_one_call(self, loopback):
        def respond(body):
            if "tools" in body:
                return failure(400, "tools are not supported", param="tools")
            return completion("<<<42>>>")

        server = loopback(respond)
        with pytest.warns(UserWarning, match="refused"):
            assert steer(chat_model(server, hosted=True)).final_text == "<<<42>>>"
        assert server.paths == ["/v1/responses", *["/v1/chat/completions"] * 2]

    def test_a_chat_with_calls_is_told_in_words(self, loopback):
        server = loopback(lambda body: completion("42"))
        chat = (user("Q"), assistant("", (CALL,)), output("The program printed:\n42", "c1"))
        reply(chat_model(server, model="o1-preview"), Ask(chat))
        assert server.requests[0]["messages"][1:] == [
            {"role": "assistant", "content": "```python\nprint(42)\n```"},
            {"role": "user", "content": "The program printed:\n42"},
        ]


class TestContainers:
    def reply(self, loopback, seconds=3.0, **fields):
        from dataclasses import replace

        got = reply(chat_model(loopback(lambda _: response(interpreter(), message("x"))), hosted=True))
        return replace(got, seconds=seconds, **fields)

    @pytest.mark.parametrize(
        ("on", "seconds", "containers", "dollars"),
        [
            (date(2025, 6, 1), 3.0, 1, 0.03),
            (date(2025, 6, 1), 3.0, 2, 0.06),
            (date(2026, 7, 1), 3.0, 1, 0.0075),
            (date(2026, 7, 1), 8.5 * 60, 1, 0.0135),
            (date(2026, 7, 1), 3.0, 0, 0.0),
        ],
    )
    def test_are_billed_besides_the_tokens(self, loopback, on, seconds, containers, dollars):
        prices = load_prices()
        got = self.reply(loopback, seconds, containers=containers)
        tokens = prices.find("openai", "gpt-4o", on).dollars(got.usage)
        assert prices.dollars(got, "openai", "gpt-4o", on) == pytest.approx(tokens + dollars)

    def test_without_a_price_make_the_cost_unknown(self, loopback):
        got = self.reply(loopback)
        assert load_prices().dollars(got, "openai", "gpt-4o", date(2024, 12, 1)) is None
        assert load_prices().dollars(got, "openai", "gpt-99", date(2026, 12, 1)) is None

    def test_a_users_price_comes_beside_the_packages(self, tmp_path):
        path = tmp_path / "prices.toml"
        path.write_text('[[container]]\nprovider = "xai"\nsince = 2026-01-01\nminute = 0.5\nleast = 1\n')
        assert load_prices([path]).find_container("xai", date(2026, 2, 1)).dollars(61) == 1.0
        assert load_prices([path]).find_container("xai", date(2025, 2, 1)) is None

    def test_faults_are_named(self, tmp_path):
        path = tmp_path / "prices.toml"
        path.write_text('[[container]]\nprovider = "xai"\nsince = 2026-01-01\nminute = -1\nmore = 1\n')
        with pytest.raises(PriceError) as caught:
            load_prices([path])
        assert [line.partition(": container[0]: ")[2] for line in str(caught.value).splitlines()] == [
            "least is missing or of the wrong type",
            "unknown key 'more'",
            "minute is below 0",
        ]
