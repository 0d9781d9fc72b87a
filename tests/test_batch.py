"""Runs whose models are asked in batches, against a server that speaks the Batch API."""

import pytest

import pytest_codesteer.batch
from pytest_codesteer.runlog import read_run
from tests.batches import QUICK, BatchServer
from tests.kills import answer, timeless
from tests.test_plugin import TOML, WORKERS, run, write_task


@pytest.fixture
def server():
    server = BatchServer(answer)
    yield server
    server.close()


@pytest.fixture
def project(pytester, monkeypatch):
    write_task(pytester.path / "task_specs" / "sum", toml=TOML.replace("top = 9", "top = 999"))
    pytester.makeconftest(QUICK)
    monkeypatch.setattr(
        pytest_codesteer.batch, "TIMING", pytest_codesteer.batch.TIMING
    )  # put back at the end
    return pytester


def options(server, *more, model="gpt-4o", method="all_text"):
    where = f"--codesteer-base-url={server.url}"
    return [f"--codesteer-model={model}", where, f"--codesteer-method={method}", "--codesteer-batch", *more]


def runs(project):
    """Return the records of each run, by case."""
    paths = sorted((project.path / ".codesteer" / "runs").glob("*.jsonl"))
    return [{record.id: record for record in read_run(path).records} for path in paths]


class TestRun:
    @WORKERS
    def test_a_round_is_one_batch_of_each_process(self, project, server, workers, monkeypatch):
        monkeypatch.setenv("OPENAI_API_KEY", "secret")
        result = run(project, *options(server, *workers))
        assert result.ret == 0
        result.stdout.fnmatch_lines(["codesteer: batch: a round of requests may take 24 hours"])
        assert server.sizes == ([2, 2] if workers else [4])
        assert server.keys == {"Bearer secret"}
        [records] = runs(project)
        assert len(records) == 4
        for record in records.values():
            assert (record.requests, record.batch_requests, record.model_seconds) == (1, 1, None)
            assert record.outcome in ("correct", "wrong")
