"""Cgroups for programs: where they may be made, on made-up trees; what they do, where there are some."""

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pytest_codesteer.conversation import RunCode
from pytest_codesteer.sandbox import SandboxError, delegation, open_sandbox
from pytest_codesteer.sandbox.delegation import open_share, own_group
from tests.test_sandbox import MIXED, SOAK

ME = os.getpid()
ALL = "cpu io memory pids"
SEVERAL = """\
8:pids:/
4:memory:/elsewhere
0::{name}
"""
MOUNTS = """\
23 1 254:0 / / rw,relatime - ext4 /dev/root rw
30 23 0:30 / /mnt/\udcff rw,relatime - tmpfs tmpfs rw
35 23 0:32 / {tmp}/memory rw,relatime - cgroup cgroup rw,memory
41 23 0:38 {root} {tmp}/tree rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate
"""


# Where they may be made


@pytest.fixture
def machine(tmp_path):
    """Makes a /proc and a tree of cgroups up; returns both and this process's place in the tree."""

    def make(name="/ours", *, inside=(ME,), controllers=ALL, divided="", root="/", alive=(ME,)):
        proc = tmp_path / "proc"
        (proc / "self").mkdir(parents=True)
        for process in alive:
            (proc / str(process)).mkdir()
        (proc / "self" / "cgroup").write_text(SEVERAL.format(name=name))
        mounts = MOUNTS.format(tmp=tmp_path, root=root)
        (proc / "self" / "mountinfo").write_text(mounts, "utf-8", "surrogateescape")
        own = tmp_path / "tree" / name.lstrip("/")
        put_group(own, inside=inside, controllers=controllers, divided=divided)
        return proc, tmp_path / "tree", own

    return make


def put_group(folder, *, inside=(), controllers=ALL, divided=""):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cgroup.procs").write_text("".join(f"{process}\n" for process in inside))
    (folder / "cgroup.controllers").write_text(f"{controllers}\n")
    (folder / "cgroup.subtree_control").write_text(f"{divided}\n")


def contents(tree):
    return {
        str(path.relative_to(tree)): path.read_text() if path.is_file() else None for path in tree.rglob("*")
    }


def read(path):
    return path.read_text().strip()


def test_the_place_of_a_process_is_found_among_mounts_of_both_versions(machine):
    proc, tree, own = machine("/user/ours")
    assert own_group(proc) == own == tree / "user" / "ours"


def test_the_place_of_a_process_is_told_from_the_part_of_the_tree_that_is_mounted(machine):
    proc, tree, _ = machine("/docker/one/inner", root="/docker/one")
    assert own_group(proc) == tree / "inner"


@pytest.mark.parametrize(("name", "root"), [("/docker/other", "/docker/one"), ("/../elsewhere", "/")])
def test_a_place_that_is_not_mounted_is_none(machine, name, root):
    proc, _, _ = machine(name, root=root)
    assert own_group(proc) is None
    assert open_share(None, proc) is None


def test_a_machine_with_version_1_alone_has_none(machine):
    proc, _, _ = machine()
    (proc / "self" / "cgroup").write_text("4:memory:/\n1:name=systemd:/\n")
    assert open_share(None, proc) is None
    (proc / "self" / "cgroup").unlink()  # nor one without cgroups at all
    assert open_share(None, proc) is None


def test_a_process_that_is_alone_steps_aside_and_its_cgroup_is_divided(machine):
    proc, _, own = machine()
    share = open_share(None, proc)
    assert read(own / f"pytest-codesteer-{ME}" / "cgroup.procs") == str(ME)
    assert read(own / "cgroup.subtree_control") == "+memory +pids"
    assert read(share.path / "cgroup.subtree_control") == "+memory +pids"
    assert share.path.parent == own
    assert share.path.name.startswith(f"pytest-codesteer-{ME}-")
    share.admit(4321)
    assert read(share.path / "wardens" / "cgroup.procs") == "4321"


@pytest.mark.parametrize(
    "place",
    [
        {"inside": (ME, 1)},
        {"inside": (0, ME)},  # somebody of another process namespace
        {"controllers": "cpu pids"},
        {"controllers": ""},
    ],
)
def test_what_is_not_ours_alone_or_lacks_something_is_left_as_it_is(machine, place):
    proc, tree, _ = machine(**place)
    before = contents(tree)
    assert open_share(None, proc) is None
    assert contents(tree) == before


def test_a_cgroup_with_others_below_it_is_left_as_it_is(machine):
    proc, tree, own = machine()
    put_group(own / "another", inside=(1,))
    before = contents(tree)
    assert open_share(None, proc) is None
    assert contents(tree) == before


def test_a_process_whose_cgroup_cannot_be_divided_after_all_goes_back(machine, monkeypatch):
    def refuse(group, *, on):
        (own / "cgroup.procs").write_text("")  # as it is when the process has moved out
        raise OSError(16, "Device or resource busy")

    proc, _, own = machine()
    monkeypatch.setattr(delegation, "_divide", refuse)
    assert open_share(None, proc) is None
    assert read(own / "cgroup.procs") == str(ME)


def test_a_share_that_cannot_be_divided_is_removed(machine, monkeypatch):
    def refuse(group, *, on):
        raise OSError(16, "Device or resource busy")

    proc, _, own = machine("/", divided=ALL)
    monkeypatch.setattr(delegation, "_divide", refuse)
    assert open_share(None, proc) is None
    assert [path for path in own.iterdir() if path.is_dir()] == []


def test_a_process_that_a_harness_has_started_makes_its_cgroups_beside_it(machine):
    """So do the workers of a run, all in the cgroup to which the run has stepped aside."""
    proc, tree, own = machine("/given/pytest-codesteer-77", inside=(77, ME, 99))
    put_group(own.parent, divided="memory pids")
    inside = read(own / "cgroup.procs")
    share = open_share(None, proc)
    assert share.path.parent == tree / "given"
    assert read(own / "cgroup.procs") == inside


def test_the_last_sandbox_to_close_puts_everything_back(machine):
    proc, _, own = machine()
    aside = own / f"pytest-codesteer-{ME}"
    shares = [open_share(None, proc)]
    (proc / "self" / "cgroup").write_text(f"0::/ours/{aside.name}\n")
    put_group(own, divided="memory pids")
    shares.append(open_share(None, proc))
    (own / "pytest-codesteer-4-ab12").mkdir()  # of a worker that was killed
    shutil.rmtree(shares[0].path)
    shares[0].close()
    assert not (own / "pytest-codesteer-4-ab12").exists()
    assert read(own / "cgroup.subtree_control") == "memory pids"
    shutil.rmtree(shares[1].path)
    shares[1].close()
    assert read(own / "cgroup.subtree_control") == "-memory -pids"
    assert read(own / "cgroup.procs") == str(ME)


def test_a_process_that_has_company_stays_where_it_is(machine):
    """Such as a worker of the run: it was started in the cgroup to which the run has stepped aside."""
    proc, _, own = machine()
    share = open_share(None, proc)
    aside = f"pytest-codesteer-{ME}"
    (proc / "self" / "cgroup").write_text(f"0::/ours/{aside}\n")
    put_group(own / aside, inside=(ME, 99))
    shutil.rmtree(share.path)
    share.close()
    assert read(own / "cgroup.subtree_control") == "+memory +pids"


def test_the_root_of_all_is_used_only_if_it_is_divided_already(machine):
    proc, tree, own = machine("/", inside=(1, 2, ME), divided=ALL)
    share = open_share(None, proc)
    assert share.path.parent == own == tree
    assert (read(own / "cgroup.subtree_control"), read(own / "cgroup.procs").split()[0]) == (ALL, "1")


def test_only_empty_cgroups_of_our_name_whose_makers_are_gone_are_removed(machine):
    proc, _, own = machine("/", inside=(ME,), divided=ALL, alive=(ME, 5))
    for name in ("pytest-codesteer-4", "pytest-codesteer-4-ab12/cell", "pytest-codesteer-5-ab12"):
        (own / name).mkdir(parents=True)
    for name in ("pytest-codesteer-notes", "pytest-codesteer", "other/pytest-codesteer-4", "4"):
        (own / name).mkdir(parents=True)
    put_group(own / "pytest-codesteer-4-ab13")  # holds something, so it cannot be removed
    share = open_share(None, proc)
    left = {path.name for path in own.iterdir() if path.is_dir()} - {share.path.name}
    assert left == {
        *("pytest-codesteer-5-ab12", "pytest-codesteer-4-ab13"),
        *("pytest-codesteer-notes", "pytest-codesteer", "other", "4"),
    }
    assert (own / "other" / "pytest-codesteer-4").exists()


# What they do

HIDDEN = """
import gc, mmap, os, time
gc.unfreeze()
for _ in range(95):
    if os.fork() == 0:
        gc.collect()  # writes to what it was forked with: copies, where /proc shows the same as before
        tables = mmap.mmap(-1, 2 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ)
        for at in range(0, 2 << 30, 2 << 20): tables[at]  # a page each to say where there is nothing
        break
time.sleep(60)
"""
HARNESS = """
import sys, time
from pytest_codesteer.conversation import RunCode
from pytest_codesteer.sandbox import open_sandbox
sandbox = open_sandbox(sys.argv[1])
print(sandbox.run(RunCode("print(1)"), seconds=10, memory_mb=128).isolation, flush=True)
sys.stdin.read()
sandbox.close()
"""


@pytest.fixture(scope="module", params=["namespaces", "landlock"])
def tier(request):
    """A tier whose programs have cgroups here."""
    try:
        sandbox = open_sandbox(request.param)
    except SandboxError as error:
        pytest.skip(str(error))
    sandbox.close()
    if "cgroup" not in sandbox.isolation:
        pytest.skip("no cgroup of version 2 with memory and pids is delegated to this process")
    return request.param


@pytest.fixture
def sandbox(tier):
    opened = open_sandbox(tier)
    yield opened
    opened.close()


def run(sandbox, source, *, seconds=60.0, memory_mb=128):
    return sandbox.run(RunCode(source), seconds=seconds, memory_mb=memory_mb)


def groups():
    """Return the cgroups that sandboxes have made around here."""
    top = own_group() or Path("/nowhere")
    return {path for each in (top, top.parent) for path in each.glob("pytest-codesteer-*-*/**")}


def test_a_program_is_in_a_cgroup_with_its_limits_from_its_start(sandbox):
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(run, sandbox, "import os, time\nos.fork()\ntime.sleep(1.5)")
        time.sleep(0.7)
        cells = [each for each in groups() if (each / "memory.max").exists() and each.parent in groups()]
        inside = {each.name: len(read(each / "cgroup.procs").split()) for each in cells}
        (cell,) = (each for each in cells if inside[each.name] == 2 and each.name != "wardens")
        limits = {name: read(cell / name) for name in ("memory.max", "pids.max", "memory.oom.group")}
    assert done.result().status == "ok"
    assert 128 << 20 < int(limits["memory.max"]) < 700 << 20
    assert (limits["pids.max"], limits["memory.oom.group"]) == ("101", "1")


def test_memory_that_no_process_shows_counts(sandbox):
    assert run(sandbox, HIDDEN, memory_mb=16).status == "memory"


def test_a_program_killed_after_one_without_memory_is_not_taken_for_another(sandbox):
    statuses = [
        run(sandbox, source, memory_mb=16).status
        for source in (HIDDEN, "import os; os.kill(os.getpid(), 9)", "print(1)")
    ]
    assert statuses == ["memory", "killed", "ok"]


def test_a_session_that_runs_out_of_memory_starts_again(sandbox):
    session = sandbox.session(memory_mb=16)
    try:
        assert session.run("x = 1", seconds=10).status == "ok"
        assert session.run(HIDDEN, seconds=60).status == "memory"
        assert session.run("print('x' in globals())", seconds=10).stdout == "False\n"
    finally:
        session.close()


def test_the_c_library_knows_who_a_program_is(sandbox):
    """Its own fork notes that down; the one into a cgroup has to."""
    source = """
import os, threading, time
clock = time.pthread_getcpuclockid(threading.get_ident())
print(~(clock >> 3) == os.getpid())  # clock_getcpuclockid(3): the number of the thread, inverted, is in it
"""
    assert run(sandbox, source).stdout == "True\n"
    assert run(sandbox, "import os; os.abort()").exit_code == -signal.SIGABRT


def test_many_runs_leak_no_cgroups(tier):
    place, before = own_group(), groups()
    sandbox = open_sandbox(tier)
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda at: run(sandbox, MIXED[at % len(MIXED)], seconds=2), range(SOAK)))
        time.sleep(0.1)
        assert len(groups() - before) <= 2 + 4 + 2  # the sandbox's, its cells', one ending, one starting
    finally:
        sandbox.close()
    assert (own_group(), groups()) == (place, before)


def test_harnesses_at_the_same_time_do_not_disturb_each_other(tier):
    place, before = own_group(), groups()
    sandbox = open_sandbox(tier)
    others = [start(tier) for _ in range(2)]
    for other in others:
        assert "cgroup" in other.stdout.readline()
    other, killed = others
    other.communicate("")
    killed.kill()
    killed.communicate()
    assert run(sandbox, "print(1)").stdout == "1\n"
    open_sandbox(tier).close()  # removes what the killed one left
    assert run(sandbox, "print(1)").stdout == "1\n"
    sandbox.close()
    deadline = time.monotonic() + 20
    while groups() != before and time.monotonic() < deadline:  # what the killed one left may be ending
        open_sandbox(tier).close()
    assert (own_group(), groups()) == (place, before)


def start(tier):
    command = [sys.executable, "-c", HARNESS, tier]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, **pipes)
