"""Workers on other machines, over ssh: two network namespaces play the machines."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from types import SimpleNamespace

import pytest

from pytest_codesteer.engine import Budget
from pytest_codesteer.plugin.endings import open_ledger
from pytest_codesteer.plugin.machines import TASKS
from pytest_codesteer.runlog import read_run
from tests.hosts import Machines, lacking
from tests.loopback import completion
from tests.test_limits import GRACE
from tests.test_plugin import TASK, write_task

BARE = ("-p", "no:hypothesispytest", "-W", "ignore::DeprecationWarning")
NO_PROGRAMS = "--codesteer-sandbox=none"  # whose opening takes each process of a run its time
UNLIKE = TASK.replace("(0, top)", "(0, 10**12)")  # no two questions alike, which one reply would answer
HOSTS = ("10.9.8.2", "10.9.8.3")
REASON = lacking()
PRICES = """
[[price]]
provider = "openai"
models = ["served"]
since = 2026-01-01
input = 1.0
output = 1.0
"""


@pytest.fixture
def machines(tmp_path_factory):
    folders = (
        tmp_path_factory.mktemp("keys"),
        tmp_path_factory.getbasetemp(),
        tmp_path_factory.mktemp("shared"),
    )
    with Machines(*folders) as machines:
        yield machines


def asking(server, method="all_text"):
    sandbox = [NO_PROGRAMS] if method == "all_text" else []
    url = f"--codesteer-base-url={server.url}"
    return ("--codesteer-model=served", f"--codesteer-method={method}", url, *sandbox)


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Cluster:
    """A project, from which runs are started on other machines."""

    def __init__(self, project, machines):
        self.project = project
        self.machines = machines

    def command(self, *options, hosts=HOSTS, copied=True):
        pytest = ("nsenter", f"--net={self.machines.base.network}", sys.executable, "-m", "pytest")
        config = self.machines.folder / "ssh_config"
        tx = [f"--tx=ssh={host}//ssh_config={config}//python={sys.executable}" for host in hosts]
        copy = ["--rsyncdir=."] if copied else []
        return [*pytest, "--dist=load", *tx, *copy, *options, *BARE]

    def run(self, *options, **places):
        return self.project.run(*self.command(*options, **places), timeout=60)

    def ask(self, server, *options, **places):
        return self.run(*asking(server), *options, **places)

    def start(self, *options):
        """Start a run as a terminal does: with all that it starts in one process group."""
        return self.project.popen(
            self.command(*options),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def stand_alone(self):
        return all(host.processes() == 1 for host in self.machines.hosts)

    @property
    def instances(self):
        [log] = (self.project.path / ".codesteer" / "runs").glob("*.jsonl")
        return [record.instance for record in read_run(log).records]


@pytest.fixture
def cluster(project, machines, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(project.path))  # which other machines do not see
    project.makeini("[pytest]")
    return Cluster(project, machines)


def answer(body):
    return completion("<<<1>>>")


@pytest.mark.skipif(bool(REASON), reason=REASON)
class TestHosts:
    def test_each_plays_its_share_with_the_files_of_the_project_and_keeps_its_replies(
        self, cluster, monkeypatch
    ):
        server = cluster.machines.serve(answer)
        (cluster.project.path / "prices.toml").write_text(PRICES)
        (cluster.project.path / "words").mkdir()
        (cluster.project.path / "words" / "all_text.j2").write_text("In our own words: {{ question }}")
        options = (
            "--codesteer-prices=prices.toml",
            "--codesteer-prompts=words",
            "--codesteer-samples=8",
            "--codesteer-gate=all_text: solved <= 50%",
            "--codesteer-inconclusive=pass",
            "--codesteer-log=run.jsonl",
            "--codesteer-max-time=2m",
            "-v",
        )
        first = cluster.ask(server, *options)
        assert first.ret == 0
        assert first.stdout.str().count("[gw0]") == first.stdout.str().count("[gw1]") > 0
        records = read_run(cluster.project.path / "run.jsonl").records
        assert len({record.instance for record in records}) == len(records) == 8
        assert all(record.dollars for record in records)
        assert len(server.requests) == 8
        assert "In our own words" in server.requests[0]["messages"][-1]["content"]
        without_log = shutil.ignore_patterns("run.jsonl")
        shared = shutil.copytree(
            cluster.project.path, cluster.machines.shared / "project", ignore=without_log
        )
        monkeypatch.chdir(shared)
        again = cluster.ask(server, *options, copied=False)
        again.stdout.fnmatch_lines(["8 of 8 requests came from the cache; spent in this run: $0.0000"])
        assert len(server.requests) == 8

    @pytest.mark.parametrize("fallen", [1, 2])
    def test_the_cases_of_one_that_goes_down_are_played_by_others_or_missed(self, cluster, fallen):
        def fall(body):
            if len(server.requests) == 6:
                for host in cluster.machines.hosts[:fallen]:
                    host.end()
            return completion("<<<1>>>")

        server = cluster.machines.serve(fall)
        result = cluster.ask(
            server, "--codesteer-samples=30", "--codesteer-concurrency=2", "--codesteer-no-cache"
        )
        assert len(set(cluster.instances)) == len(cluster.instances)
        if fallen == 1:
            assert (result.ret, len(cluster.instances)) == (0, 30)
        else:
            assert result.ret == 1
            said = "gw?, gw? died, and no other worker took the cases over"
            result.stdout.fnmatch_lines([f"codesteer: * of 30 cases were not run: {said}"])

    def test_ctrl_c_is_heard_on_all_of_them_and_the_same_command_goes_on(self, cluster):
        go = threading.Event()

        def hold(body):
            if len(server.requests) > 3:
                go.wait(60)
            return completion("<<<1>>>")

        server = cluster.machines.serve(hold)
        write_task(cluster.project.path / "task_specs" / "sums", task=UNLIKE)
        options = ("--codesteer-task=sums", "--codesteer-samples=40", "--codesteer-concurrency=4")
        run = cluster.start(*asking(server), *options)
        wait_until(lambda: len(server.requests) >= 8)
        os.killpg(run.pid, signal.SIGINT)
        time.sleep(0.5)  # the word comes while the cases wait; nothing rests on how long this is
        asked = len(server.requests)
        go.set()
        output = run.communicate(timeout=60)[0].decode()
        assert run.returncode == 2, output
        assert len(server.requests) == asked == len(cluster.instances)
        assert f"{40 - asked} of 40 cases were not run: stopped by Ctrl-C" in output
        wait_until(cluster.stand_alone)
        again = cluster.run(*asking(server), *options)
        assert again.ret == 0
        again.stdout.fnmatch_lines([f"{asked} of 40 requests came from the cache*"])
        assert len(server.requests) == 40

    def test_the_second_time_nothing_is_left_on_any_of_them(self, cluster):
        go, hosts = threading.Event(), cluster.machines.hosts
        cluster.project.makeconftest(GRACE.format(seconds=1000))

        def program(body):
            go.wait(60)
            return completion("```python\nimport time\ntime.sleep(100)\n```")

        server = cluster.machines.serve(program)
        run = cluster.start(*asking(server, "all_code"), "--codesteer-samples=8")
        wait_until(lambda: len(server.requests) == 8)
        before = [host.processes() for host in hosts]
        go.set()
        wait_until(lambda: all(host.processes() > count for host, count in zip(hosts, before, strict=True)))
        run.terminate()
        time.sleep(0.2)
        run.terminate()
        output = run.communicate(timeout=60)[0].decode()
        assert run.returncode == 2
        assert "8 of 8 cases were not run: stopped by SIGTERM" in output
        wait_until(cluster.stand_alone)

    @pytest.mark.parametrize(
        ("options", "places", "said"),
        [
            (("--codesteer-model=gpt-4o",), {"hosts": HOSTS[:1]}, "the worker on 10.9.8.2: *OPENAI_API_KEY*"),
            (("--codesteer-model=oracle",), {"hosts": HOSTS[:1], "copied": False}, "*/pyexecnetcache does not hold the tasks of this run (sum, *"),
            (("--codesteer-model=oracle",), {"hosts": ("10.9.8.9",)}, "no worker can be started on 10.9.8.9*"),
        ],
    )  # fmt: skip
    def test_what_is_lacking_there_is_said_in_a_line(self, cluster, monkeypatch, options, places, said):
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        result = cluster.run(*options, NO_PROGRAMS, **places)
        assert result.ret == 4
        result.stderr.fnmatch_lines([f"ERROR: --tx: {said}"])
        assert "Traceback" not in result.stderr.str() + result.stdout.str()


ELSEWHERE = ("--dist=load", "--tx=ssh=far//python=python3", "--codesteer-method=all_text", *BARE)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--codesteer-model=served", "--codesteer-max-requests=3"),
            "--codesteer-max-requests*on far*-shard*",
        ),
        (
            ("--codesteer-model=gpt-4o", "--codesteer-max-cost=1"),
            "--codesteer-max-cost holds on one machine*",
        ),
        (("--codesteer-model=local",), "--codesteer-model=local: *--codesteer-base-url"),
    ],
)
def test_what_holds_on_one_machine_is_refused_where_a_worker_is_on_another(
    project, monkeypatch, options, said
):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    result = project.runpytest_inprocess(*options, *ELSEWHERE)
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"ERROR: {said}"])


def test_a_worker_on_another_machine_has_the_time_that_the_run_has_left(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def ledger(left):
        worker = {TASKS: {}, "codesteer_seconds": left}
        config = SimpleNamespace(workerinput=worker, add_cleanup=lambda clean: None)
        return open_ledger(config, Budget(seconds=60))

    assert ledger(0.0).over().startswith("--codesteer-max-time")
    assert ledger(30.0).over() == ""
