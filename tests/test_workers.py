"""Cases among xdist workers: who plays what, how many at once, and what becomes of a dead one's."""

import signal
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_codesteer.plugin.scheduler import Dealing
from pytest_codesteer.plugin.workers import Shares, case_places, dealt, own_share
from pytest_codesteer.runlog import read_run
from tests.loopback import completion
from tests.test_plugin import write_task

BARE = ("-p", "no:hypothesispytest")


class TestDealing:
    @given(st.lists(st.integers(), max_size=60), st.integers(1, 9))
    def test_every_case_is_dealt_once_in_shares_of_equal_size_and_in_order(self, cases, count):
        numbered = list(range(len(cases)))
        shares = [dealt(numbered, place, count) for place in range(count)]
        assert sorted(at for share in shares for at in share) == numbered
        assert all(share == sorted(share) for share in shares)
        assert max(map(len, shares)) - min(map(len, shares)) <= 1

    @pytest.mark.parametrize("methods", [2, 3, 4, 6])
    @pytest.mark.parametrize("count", [2, 3, 4, 8])
    def test_every_share_holds_every_method(self, methods, count):
        cases = range(methods * 1000)
        for place in range(count):
            held = [at % methods for at in dealt(cases, place, count)]
            assert min(held.count(method) for method in range(methods)) > 0.7 * 1000 / count

    def test_cases_are_told_from_other_tests_by_file_and_task(self):
        ids = ["t.py::sum[a]", "d/sum/task.toml::sum[a]", "other.toml::case", "::sum[b]", "::test"]
        assert case_places(ids, {"sum": None}) == [1, 3]


class Node:
    """A worker as the scheduler sees it."""

    def __init__(self, name):
        self.gateway = SimpleNamespace(id=name)
        self.workerinput = {"workercount": 2}
        self.shutting_down = False
        self.gone = False  # but not reported yet
        self.sent = []

    def send_runtest_some(self, places):
        if self.gone:
            raise OSError("cannot send (already closed?)")
        self.sent += places

    def shutdown(self):
        self.shutting_down = True


class Fleet:
    """Two workers, a run of ten cases and as many ordinary tests, and what happens to them."""

    def __init__(self, config, *, restarts=4, tests=0):
        config.option.dist, config.option.tx, config.option.maxworkerrestart = "load", ["2*popen"], restarts
        self.done = set()
        self.ids = [f"test_it.py::test_{at}" for at in range(tests)]
        self.ids += [f"sum/task.toml::sum[{at}]" for at in range(10)]
        self.shares = Shares(config, {"sum": None}, self.done)
        self.nodes = []
        self.start(), self.start()
        self.scheduler = self.shares.pytest_xdist_make_scheduler(config, None)
        assert isinstance(self.scheduler, Dealing)

    def start(self):
        node = Node(f"gw{len(self.nodes)}")
        self.nodes.append(node)
        self.shares.pytest_configure_node(node)
        return node

    def collect(self, *nodes):
        for node in nodes:
            self.scheduler.add_node(node)
            self.scheduler.add_node_collection(node, self.ids)
            if self.scheduler.collection_is_completed:
                self.scheduler.schedule()

    def finish(self, node, count):
        for at in self.scheduler.node2pending[node][:count]:
            self.done.add(self.ids[at])
            self.scheduler.mark_test_complete(node, at)

    def die(self, node):
        self.shares.pytest_testnodedown(node, "Not properly terminated")
        return self.scheduler.remove_node(node) if node in self.scheduler.nodes else None


@pytest.fixture
def fleet(pytester):
    return lambda **options: Fleet(pytester.parseconfig(), **options)


class TestScheduler:
    def test_a_worker_is_sent_the_share_that_it_works_out_itself(self, fleet):
        fleet = fleet()
        fleet.collect(*fleet.nodes)
        cases = case_places(fleet.ids, {"sum": None})
        assert [own_share(node.workerinput, cases) for node in fleet.nodes] == [
            node.sent for node in fleet.nodes
        ]
        assert sorted(fleet.nodes[0].sent + fleet.nodes[1].sent) == cases

    def test_the_replacement_is_told_and_sent_what_a_dead_worker_left(self, fleet):
        fleet = fleet()
        first, second = fleet.nodes
        fleet.collect(first, second)
        share = list(first.sent)
        fleet.finish(first, 2)
        assert fleet.die(first) is None
        third = fleet.start()
        fleet.finish(second, 5)
        assert not fleet.scheduler.tests_finished
        assert own_share(third.workerinput, range(10)) == share[2:]
        fleet.collect(third)
        assert third.sent == share[2:]
        fleet.finish(third, 4)
        assert fleet.scheduler.tests_finished

    def test_a_replacement_that_dies_before_it_collects_passes_its_cases_on(self, fleet):
        fleet = fleet()
        first, second = fleet.nodes
        fleet.collect(first, second)
        fleet.die(first)
        fleet.die(fleet.start())
        fourth = fleet.start()
        fleet.collect(fourth)
        assert fourth.sent == first.sent

    def test_the_replacement_of_a_worker_that_dies_before_the_cases_are_dealt_takes_its_place(self, fleet):
        fleet = fleet()
        first, second = fleet.nodes
        fleet.collect(first)
        fleet.die(first)
        third = fleet.start()
        fleet.collect(second, third)
        assert third.workerinput == first.workerinput
        assert sorted(second.sent + third.sent) == list(range(10))

    def test_a_case_whose_record_is_there_is_not_tried_again(self, fleet):
        fleet = fleet()
        first, second = fleet.nodes
        fleet.collect(first, second)
        fleet.done.add(fleet.ids[first.sent[0]])
        assert fleet.die(first) is None
        assert own_share(fleet.start().workerinput, range(10)) == first.sent[1:]

    def test_a_case_with_which_two_workers_died_has_failed(self, fleet):
        fleet = fleet()
        first, second = fleet.nodes
        fleet.collect(first, second)
        assert fleet.die(first) is None
        third = fleet.start()
        fleet.collect(third)
        assert fleet.die(third) == fleet.ids[first.sent[0]]
        assert own_share(fleet.start().workerinput, range(10)) == first.sent[1:]

    def test_where_no_worker_is_started_any_more_the_others_take_over(self, fleet):
        fleet = fleet(restarts=0)
        first, second = fleet.nodes
        fleet.collect(first, second)
        fleet.finish(second, 4)
        fleet.die(first)
        assert second.sent[5:] == first.sent
        assert fleet.scheduler.node2pending[second] == second.sent[4:]

    def test_the_other_may_be_gone_as_well_and_the_next_one_takes_over(self, fleet):
        fleet = fleet(restarts=1)
        first, second = fleet.nodes
        fleet.collect(first, second)
        second.gone = True
        fleet.die(first)
        third = fleet.start()
        fleet.die(second)
        fleet.collect(third)
        assert sorted(third.sent) == list(range(10))

    def test_two_that_are_gone_at_once_leave_their_cases(self, fleet):
        fleet = fleet(restarts=0)
        first, second = fleet.nodes
        fleet.collect(first, second)
        second.gone = True
        fleet.die(first)
        fleet.die(second)
        assert not fleet.scheduler.nodes
        assert sorted(fleet.shares.left) == list(range(10))

    def test_ordinary_tests_go_to_the_worker_that_is_short_of_work(self, fleet):
        fleet = fleet(tests=8)
        first, second = fleet.nodes
        fleet.collect(first, second)
        assert set(first.sent + second.sent) == set(range(8, 18))
        fleet.finish(first, 5)
        assert set(first.sent[5:]) < set(range(8))
        assert not first.shutting_down
        while not fleet.scheduler.tests_finished:
            fleet.finish(first, 1)
            fleet.finish(second, 1)
        assert sorted(first.sent + second.sent) == list(range(18))

    def test_an_ordinary_test_that_a_worker_dies_with_has_crashed_it(self, fleet):
        fleet = fleet(tests=8)
        first, second = fleet.nodes
        fleet.collect(first, second)
        fleet.finish(first, 5)
        assert fleet.die(first) == fleet.ids[first.sent[5]]

    def test_another_way_to_distribute_is_the_users(self, pytester):
        config = pytester.parseconfig("--dist=loadscope", "--tx=2*popen")
        shares, node = Shares(config, {"sum": None}, ()), Node("gw0")
        shares.pytest_configure_node(node)
        assert shares.pytest_xdist_make_scheduler(config, None) is None
        assert own_share(node.workerinput, range(10)) == []


@pytest.fixture
def project(pytester):
    write_task(pytester.path / "task_specs" / "sum")
    return pytester


class Crowd:
    """Answers once *size* requests are there at the same time, and a while has passed in which more may come."""

    def __init__(self, size, while_seconds=0.0):
        self.size, self.while_seconds = size, while_seconds
        self.within = self.most = 0
        self.changed = threading.Condition()

    def __call__(self, body):
        with self.changed:
            self.within += 1
            self.most = max(self.most, self.within)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.most >= self.size, 20)
        time.sleep(self.while_seconds)
        with self.changed:
            self.within -= 1
        return completion("<<<1>>>")


def records(project):
    [log] = (project.path / ".codesteer" / "runs").glob("*.jsonl")
    return read_run(log).records


class TestRuns:
    @pytest.mark.parametrize(
        "dist",
        [("-n2",), ("--dist=load", f"--tx=2*popen//python={sys.executable}"), ("-n2", "--dist=loadscope")],
    )
    def test_the_workers_have_so_many_in_flight_each_and_ask_for_each_case_once(
        self, project, loopback, dist
    ):
        scoped = "--dist=loadscope" in dist  # here xdist deals the cases out
        crowd = Crowd(2 if scoped else 16)
        server = loopback(crowd)
        project.makepyfile("def test(): pass")
        options = (
            f"--codesteer-base-url={server.url}",
            "--codesteer-concurrency=8",
            "--codesteer-samples=40",
            "--codesteer-no-cache",  # questions that are alike would be asked once
        )
        result = project.runpytest_subprocess(
            "--codesteer-model=served", "--codesteer-method=all_text", *options, *dist, *BARE
        )
        assert result.ret == 0
        assert crowd.most == 16 or scoped
        assert len(server.requests) == len(records(project)) == 40

    def test_a_process_has_no_more_requests_in_flight_than_it_may(self, project, loopback):
        crowd = Crowd(8)
        server = loopback(crowd)
        options = (
            f"--codesteer-base-url={server.url}",
            "--codesteer-concurrency=8",
            "--codesteer-samples=40",
        )
        result = project.runpytest_subprocess(
            "--codesteer-model=served", "--codesteer-method=all_text", "--codesteer-no-cache", *options, *BARE
        )
        assert result.ret == 0
        assert (crowd.most, len(server.requests)) == (8, 40)

    def test_a_killed_workers_cases_are_played_by_another_and_leave_one_record_each(self, project):
        project.makepyfile(
            mine=f"""
            import os
            from pathlib import Path
            from pytest_codesteer import ask, user

            def dies(question, prompts):
                if "PYTEST_XDIST_WORKER" in os.environ and sum(1 for _ in Path("asked").open()) == 12:
                    try:
                        Path("once").unlink()
                    except FileNotFoundError:  # the other worker was first
                        pass
                    else:
                        os.kill(os.getpid(), {int(signal.SIGKILL)})
                with Path("asked").open("a") as file:
                    file.write("x\\n")
                reply = yield from ask(user(question))
                return reply.text
            """
        )
        (project.path / "once").touch()
        (project.path / "asked").touch()
        options = ("--codesteer-method=mine:dies", "--codesteer-samples=30", "--codesteer-concurrency=2")
        result = project.runpytest_subprocess("--codesteer-model=oracle", *options, "-n2", *BARE)
        assert not (project.path / "once").exists()
        result.stdout.fnmatch_lines(["replacing crashed worker gw?"])
        result.assert_outcomes(passed=30)
        assert result.ret == 0
        assert sorted(record.instance for record in records(project)) == [f"one-{at:03}" for at in range(30)]

    def test_a_case_that_no_worker_survives_leaves_a_record_of_that(self, project):
        project.makeconftest(
            """
            import os, pytest
            @pytest.fixture(autouse=True)
            def accident(request):
                if "one-002" in request.node.name:
                    os._exit(1)
            """
        )
        result = project.runpytest_subprocess(
            "--codesteer-model=oracle", "--codesteer-method=all_text", "-n2", *BARE
        )
        result.assert_outcomes(passed=3, failed=1)
        [crashed] = [record for record in records(project) if record.outcome == "error"]
        assert (crashed.instance, len(records(project))) == ("one-002", 4)
        assert "crashed while running" in crashed.error
