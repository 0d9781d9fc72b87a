"""Runs with a cache, from outside: the second one pays nothing and tells the same."""

import random
from dataclasses import replace

import pytest

from pytest_codesteer.plugin import session as session_module
from pytest_codesteer.plugin.cache import spent
from pytest_codesteer.runlog import read_run
from tests.kills import Counting, answer, killed, timeless, undisturbed
from tests.records import BASE
from tests.test_plugin import MODEL, RUN, TOML, WORKERS, run, write_task

#: In dollars for a million tokens: a reply, of 11 tokens and 7, costs $0.000025.
PRICES = '[[price]]\nprovider = "vllm"\nmodels = ["*"]\nsince = 2024-01-01\ninput = 1.0\noutput = 2.0\n'


@pytest.fixture
def project(pytester):
    write_task(pytester.path / "task_specs" / "sum", toml=TOML.replace("top = 9", "top = 999"))
    (pytester.path / "prices.toml").write_text(PRICES)
    return pytester


@pytest.fixture
def server(loopback):
    return loopback(answer)


def options(server, *more, method="all_text"):
    where = f"--codesteer-base-url={server.url}"
    return ["--codesteer-model=vllm/served", where, f"--codesteer-method={method}", *more]


def runs(project):
    """Return the records of each run, by case."""
    paths = sorted((project.path / ".codesteer" / "runs").glob("*.jsonl"))
    return [{record.id: record for record in read_run(path).records} for path in paths]


def cache_of(project):
    return project.path / ".codesteer" / "cache.sqlite"


class TestSecondRun:
    @WORKERS
    def test_it_asks_nothing_and_tells_the_same(self, project, server, workers):
        command = options(
            server, "--codesteer-method=code_text_sum", "--codesteer-prices=prices.toml", *workers
        )
        run(project, *command)
        asked = len(server.requests)
        result = run(project, *command)
        assert len(server.requests) == asked > 0
        first, second = runs(project)
        assert {case: timeless(record) for case, record in first.items()} == {
            case: timeless(record) for case, record in second.items()
        }
        for case, record in second.items():
            assert record.cached_requests == record.requests > 0
            assert (record.spent_dollars, record.dollars) == (0.0, first[case].dollars)
            assert record.model_seconds == first[case].model_seconds > 0
        requests = sum(record.requests for record in second.values())
        result.stdout.fnmatch_lines(
            [f"{requests} of {requests} requests came from the cache; spent in this run: $0.0000"]
        )

    def test_what_a_run_spends_is_said(self, project, server):
        result = run(project, *options(server, "--codesteer-prices=prices.toml"))
        result.stdout.fnmatch_lines(["0 of 4 requests came from the cache; spent in this run: $0.0001"])
        result = run(project, *options(server, "--codesteer-samples=8", "--codesteer-prices=prices.toml"))
        result.stdout.fnmatch_lines(["4 of 8 requests came from the cache; spent in this run: $0.0001"])

    def test_what_is_not_known_to_have_been_spent_is_a_question_mark(self):
        costs = [replace(BASE, spent_dollars=dollars) for dollars in (0.5, 0.25, None)]
        assert (spent(costs[:2]), spent(costs[2:])) == ("$0.7500", "?")
        assert spent(costs) == "$0.7500 and ? for 1 cases"

    def test_epochs_are_asked_one_by_one(self, project, server):
        command = options(server, "--codesteer-epochs=2", "--codesteer-samples=2")
        run(project, *command)
        assert len(server.requests) == 4
        run(project, *command)
        assert len(server.requests) == 4

    def test_without_a_cache_it_asks_anew_and_leaves_no_file(self, project, server):
        for _ in range(2):
            result = run(project, *options(server, "--codesteer-no-cache"))
            result.stdout.no_fnmatch_line("*came from the cache*")
        assert len(server.requests) == 8
        assert not cache_of(project).exists()

    def test_a_test_of_ones_own_that_asks_twice_gets_two_replies(self, project, server):
        project.makepyfile(
            """
            def test_steady(steering):
                for _ in range(2):
                    assert steering("What is 1 + 2?", method="all_text").final_text
            """
        )
        for _ in range(2):
            run(project, *options(server), "test_a_test_of_ones_own_that_asks_twice_gets_two_replies.py")
        assert len(server.requests) == 2

    def test_a_model_of_ones_own_is_asked_each_time(self, project, server):
        project.makeconftest(MODEL)
        for _ in range(2):
            run(project, *options(server))
        assert not any(record.cached_requests for each in runs(project) for record in each.values())


class TestFile:
    def test_it_lies_in_the_projects_own_folder_which_git_passes_over(self, project, server):
        run(project, *options(server))
        assert cache_of(project).is_file()
        assert (project.path / ".codesteer" / ".gitignore").read_text() == "*\n"

    def test_it_can_lie_elsewhere_and_then_git_sees_it(self, project, server):
        run(project, *options(server, "--codesteer-cache=replies/of_mine.sqlite"))
        assert [path.name for path in (project.path / "replies").iterdir()] == ["of_mine.sqlite"]
        assert not cache_of(project).exists()

    def test_a_run_that_asks_nobody_makes_none(self, project, server):
        run(project, *options(server, "--collect-only"))
        assert not (project.path / ".codesteer").exists()
        run(project, *RUN)
        assert not cache_of(project).exists()

    @WORKERS
    def test_a_broken_one_is_named_once_at_the_start_and_at_the_end_and_the_run_goes_on(
        self, project, server, workers
    ):
        cache_of(project).parent.mkdir()
        cache_of(project).write_text("This is no database.")
        result = run(project, *options(server), *workers)
        assert result.parseoutcomes().get("failed", 0) == 0
        assert result.ret == 0
        assert len(server.requests) == 4
        named = [line for line in result.outlines if "file is not a database" in line]
        assert [line.partition(": /")[0] for line in named] == [
            "codesteer: the cache is not used",
            "codesteer: the cache was given up",
        ]

    def test_a_folder_that_cannot_be_made_costs_no_case(self, project, server):
        (project.path / "taken").write_text("")
        result = run(project, *options(server, "--codesteer-cache=taken/cache.sqlite"))
        assert result.ret == 0
        result.stdout.fnmatch_lines(["codesteer: the cache was given up: *taken*"])


class TestReplay:
    def test_the_network_is_not_touched(self, project, server):
        run(project, *options(server))
        server.close()
        result = run(project, *options(server, "--codesteer-replay"))
        assert result.ret == 0
        first, second = runs(project)
        assert {case: timeless(record) for case, record in first.items()} == {
            case: timeless(record) for case, record in second.items()
        }

    @pytest.mark.parametrize("model", ["gpt-4o", "local"])
    def test_what_is_not_there_is_an_error_of_its_case_and_needs_neither_key_nor_server(
        self, project, server, model, monkeypatch
    ):
        def start(*arguments):
            raise AssertionError("a server is started")

        monkeypatch.setattr(session_module, "start", start)
        run(project, *options(server))
        result = run(
            project, f"--codesteer-model={model}", "--codesteer-method=all_text", "--codesteer-replay"
        )
        result.assert_outcomes(failed=4)
        said = f"{model}: *cache.sqlite does not hold this request; --codesteer-replay asks nobody"
        result.stdout.fnmatch_lines([said])
        assert "Traceback" not in result.stdout.str()

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            (
                ["--codesteer-replay"],
                "--codesteer-replay: *cache.sqlite: there is no such file; run without*",
            ),
            (
                ["--codesteer-replay", "--codesteer-no-cache"],
                "*--codesteer-replay and --codesteer-no-cache: take one*",
            ),
            (
                ["--codesteer-cache=x", "--codesteer-no-cache"],
                "*--codesteer-cache and --codesteer-no-cache: take one*",
            ),
        ],
    )
    def test_options_that_cannot_hold_are_refused(self, project, server, more, said):
        result = run(project, *options(server, *more))
        assert result.ret == 4
        result.stderr.fnmatch_lines([f"ERROR: {said}"])


def test_a_run_that_is_killed_and_started_again_loses_nothing_and_asks_nothing_twice(tmp_path):
    seed = random.randrange(10**9)
    counting = Counting()
    try:
        whole = undisturbed(tmp_path / "whole", counting)
        tally = killed(tmp_path / "killed", counting, random.Random(seed), 5, whole)
    finally:
        counting.server.close()
    assert tally.cases == 20
    assert tally.sound, f"seed {seed}: {tally}"
