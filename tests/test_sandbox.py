"""Running programs: what is reported, what is fresh each time, what sessions keep, what is left afterwards."""

import gc
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_codesteer.conversation import RunCode
from pytest_codesteer.jail import census
from pytest_codesteer.jail.wire import Order, send
from pytest_codesteer.sandbox import SandboxError, open_sandbox, tiers
from pytest_codesteer.sandbox.imports import preloads
from tests import honest

TIERS = ("namespaces", "landlock", "process", "none")
SOAK = int(os.environ.get("CODESTEER_SOAK", "300"))  # runs; the long one is 2000


@pytest.fixture(scope="module", params=TIERS)
def tier(request):
    """A sandbox of each tier that this machine offers."""
    try:
        sandbox = open_sandbox(request.param)
    except SandboxError as error:
        pytest.skip(str(error))
    yield request.param, sandbox
    sandbox.close()


@pytest.fixture(scope="module")
def sandbox(tier):
    return tier[1]


@pytest.fixture(scope="module")
def strongest():
    opened = open_sandbox()
    yield opened
    opened.close()


def run(sandbox, source, *, seconds=5.0, memory_mb=512):
    return sandbox.run(RunCode(source), seconds=seconds, memory_mb=memory_mb)


# Honest programs


def test_honest_programs_are_not_hindered(tier):
    name, sandbox = tier
    if name == "none":
        pytest.skip("what runs them is the same as in the portable tier")
    programs = [
        each
        for each in honest.PROGRAMS
        if name not in each.not_in and (not each.needs or find_spec(each.needs))
    ]

    def judged(program):
        done = run(sandbox, program.source, seconds=20.0, memory_mb=1024)
        wanted = (program.stdout, program.status, program.exit_code)
        found = (done.stdout, done.status, done.exit_code)
        return None if found == wanted else (program.name, found, done.stderr[-300:])

    with ThreadPoolExecutor(4) as pool:
        hindered = [each for each in pool.map(judged, programs) if each]
    assert hindered == []
    assert len(programs) > 60


# What is reported


@pytest.mark.parametrize(
    ("source", "status", "exit_code"),
    [
        ("print(1)", "ok", 0),
        ("1/0", "error", 1),
        ("import sys; sys.exit(3)", "error", 3),
        ("while True: pass", "timeout", None),
        ("print('x' * 3_000_000)", "output_limit", None),
        ("import os; os.kill(os.getpid(), 9)", "killed", -9),
        ("import ctypes; ctypes.string_at(0)", "killed", -11),
    ],
)
def test_the_status_tells_ends_apart(sandbox, source, status, exit_code):
    done = run(sandbox, source, seconds=0.5)
    assert (done.status, done.exit_code) == (status, exit_code)


def test_too_much_memory_is_told_from_other_errors(tier):
    name, sandbox = tier
    if name == "none" or (name == "process" and sys.platform != "linux"):
        pytest.skip("no limit on memory here")
    done = run(sandbox, "x = bytearray(10**9)", memory_mb=200)
    assert done.status == "memory"


FULL_SOCKETS = """
import os, socket, time
for _ in range(20):
    if os.fork() == 0:
        kept = []
        while True:
            try: kept.append(socket.socketpair())
            except OSError: break
            kept[-1][0].setblocking(False)
            try:
                while True: kept[-1][0].send(bytes(65536))
            except OSError: pass
        time.sleep(60)
time.sleep(60)
"""


def test_memory_that_sockets_hold_in_the_kernel_counts(tier):
    name, sandbox = tier
    if name in ("process", "none"):
        pytest.skip("memory is limited for each process there")
    if not census.descriptors([os.getpid()]):
        pytest.skip("needs Linux 6.2")
    assert run(sandbox, FULL_SOCKETS, seconds=2.0, memory_mb=160).status == "memory"


def test_the_program_says_what_is_printed_and_nothing_else(sandbox):
    done = run(sandbox, "import os\nos.write(1, b'\\xff\\x00a'); os.write(2, b'e')\nprint('\\udc80')")
    assert done.stdout == "\ufffd\x00a\ufffd\n"
    assert done.stderr == "e"
    assert done.isolation == sandbox.isolation


def test_processor_time_decides_and_not_the_clock(sandbox):
    assert run(sandbox, "import time; time.sleep(0.6); print(1)", seconds=0.3).status == "ok"


def test_the_clock_stops_programs_that_only_wait(sandbox):
    started = time.perf_counter()
    assert run(sandbox, "import time; time.sleep(60)", seconds=0.1).status == "timeout"
    assert time.perf_counter() - started < 10


def test_verdicts_under_load_are_those_without(strongest):
    """Many programs at a time, each of which needs most of the time it may use."""
    source = "import time\nwhile time.process_time() < 0.25: pass\nprint('done')"
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: run(strongest, source, seconds=0.5), range(12)))
    assert [each.stdout for each in done] == ["done\n"] * 12


# What is fresh


def test_nothing_goes_from_one_program_to_the_next(sandbox):
    look = "import os, sys\ndef is_open(at):\n    try: return os.fstat(at)\n    except OSError: return None\nprint(sorted(os.listdir('.')), 'seen' in sys.modules, 'SEEN' in os.environ, [at for at in range(3, 64) if is_open(at)])"
    first = run(sandbox, look).stdout
    run(
        sandbox,
        "import os, sys\nopen('x', 'w').close(); sys.modules['seen'] = sys; os.environ['SEEN'] = '1'\nos.open('/', 0)\nos.chdir('/')",
    )
    assert run(sandbox, look).stdout == first
    assert first.startswith("['program.py'] False False")


def test_random_numbers_differ_and_hashes_do_not(sandbox):
    source = "import random, hashlib, os\nprint(random.random(), os.urandom(4).hex())"
    assert len({run(sandbox, source).stdout for _ in range(4)}) == 4
    assert len({run(sandbox, "print(hash('a'))").stdout for _ in range(3)}) == 1


@pytest.mark.parametrize(
    ("package", "draw"),
    [
        ("numpy", "import numpy; print(numpy.random.rand(), numpy.random.default_rng().random())"),
        ("sympy", "import sympy; print(sympy.randprime(1, 10**12))"),
        ("sympy", "import sympy; print(sympy.randMatrix(4))"),
    ],
)
def test_random_numbers_of_libraries_that_are_imported_ahead_differ(strongest, package, draw):
    if not find_spec(package):
        pytest.skip(f"needs {package}")
    assert len({run(strongest, draw, seconds=20).stdout for _ in range(3)}) == 3


def test_signals_are_as_in_a_fresh_interpreter(sandbox):
    source = """import signal
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.getsignal(signal.SIGTERM) is signal.SIG_DFL,
      signal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL)"""
    assert run(sandbox, source).stdout == "set() True True True\n"


def test_the_environment_holds_no_secret(sandbox, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "a-secret")
    assert "a-secret" not in run(sandbox, "import os; print(os.environ)").stdout


@pytest.mark.skipif(not find_spec("numpy"), reason="needs numpy")
def test_only_what_programs_import_is_imported_ahead(strongest):
    loaded = "import sys; print('numpy' in sys.modules)"
    assert run(strongest, loaded).stdout == "False\n"
    assert run(strongest, "import numpy; print(numpy.ones(2).sum())").stdout == "2.0\n"
    assert run(strongest, loaded).stdout == "False\n"


SYMPY = ("sympy", "sympy.tensor.tensor", "sympy.sets.setexpr", "sympy.assumptions.wrapper")


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("print(1)", ()),
        ("import math, os", ()),
        ("import sympy as sp", SYMPY),
        ("from sympy.abc import x", SYMPY),
        ("def f():\n    import numpy.linalg", ("numpy", "numpy.random", "numpy.linalg")),
        ("# numpy\nx = 'sympy'", ()),
    ],
)
def test_a_programs_own_imports_choose_its_server(source, modules):
    assert preloads(source) == modules


# Sessions


@pytest.fixture
def session(sandbox):
    opened = sandbox.session(memory_mb=512)
    yield opened
    opened.close()


def test_a_session_keeps_its_state_and_shows_the_last_value(session):
    assert session.run("x = 20\nimport math", seconds=5).stdout == ""
    assert session.run("print('a')\nx + math.floor(1.5)", seconds=5).stdout == "a\n21\n"


def test_an_exception_does_not_end_a_session(session):
    session.run("x = 1", seconds=5)
    failed = session.run("y = 2\n1/0", seconds=5)
    assert (failed.status, failed.exit_code) == ("error", 1)
    assert "ZeroDivisionError" in failed.stderr
    assert session.run("x + y", seconds=5).stdout == "3\n"


@pytest.mark.parametrize(
    "end", ["while True: pass", "import os; os._exit(0)", "import os; os.kill(os.getpid(), 9)"]
)
def test_a_session_whose_interpreter_ends_goes_on_empty_and_says_so(session, end):
    session.run("x = 1", seconds=5)
    assert "restarted" in session.run(end, seconds=0.4).stderr
    assert "NameError" in session.run("x", seconds=5).stderr
    assert session.run("1 + 1", seconds=5).stdout == "2\n"


def test_every_run_of_a_session_has_its_own_time(session):
    burn = "import time\nend = time.process_time() + 0.25\nwhile time.process_time() < end: pass\nprint('ok')"
    assert [session.run(burn, seconds=0.4).stdout for _ in range(2)] == ["ok\n"] * 2


def test_what_a_session_started_does_not_run_between_its_runs(session):
    session.run(
        "import threading, time\nn = 0\ndef count():\n    global n\n    while True: n += 1; time.sleep(0.001)",
        seconds=5,
    )
    session.run("threading.Thread(target=count, daemon=True).start()", seconds=5)
    before = int(session.run("n", seconds=5).stdout)
    time.sleep(0.3)
    assert int(session.run("n", seconds=5).stdout) - before < 200


# What is left


def leftovers():
    return set(census.descendants(os.getpid()))


def lasts(process):
    """Whether it is there and stays: what is killed takes a moment to end."""
    deadline = time.monotonic() + 5
    while (there := census.resident(process) > 0) and time.monotonic() < deadline:
        time.sleep(0.01)
    return there


WAKING = """
import ctypes, signal, threading
signal.signal(signal.SIGCONT, lambda *_: None)
class Event(ctypes.Structure): _fields_ = [("value", ctypes.c_void_p), ("number", ctypes.c_int), ("rest", ctypes.c_char * 64)]
libc, timer = ctypes.CDLL(None), ctypes.c_void_p()
libc.timer_create(1, ctypes.byref(Event(None, signal.SIGCONT)), ctypes.byref(timer))
libc.timer_settime(timer, 0, (ctypes.c_long * 4)(0, 10**8, 0, 10**8), None)
def burn():
    while True: pass
threading.Thread(target=burn, daemon=True).start()
"""


def test_a_session_that_does_not_pause_is_ended(tier):
    name, sandbox = tier
    if name in ("process", "none"):
        pytest.skip("sessions are only stopped there")
    session = sandbox.session(memory_mb=256)
    try:
        assert session.run(WAKING, seconds=5).status == "ok"
        time.sleep(0.1)
        running = census.descendants(os.getpid())
        before = census.processor_seconds(running)
        time.sleep(2.5)
        assert census.processor_seconds(running) - before < 2.0
        assert "restarted" in session.run("1", seconds=5).stderr
        assert session.run("2", seconds=5).stdout == "2\n"
    finally:
        session.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("name", TIERS)
def test_nothing_is_left_of_a_closed_sandbox(name, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = census.children(os.getpid())
    descriptors = len(os.listdir("/proc/self/fd"))
    try:
        sandbox = open_sandbox(name)
    except SandboxError as error:
        pytest.skip(str(error))
    session = sandbox.session(memory_mb=256)
    session.run("x = 1", seconds=5)
    run(sandbox, "open('x', 'w').write('x')")
    started = set(census.children(os.getpid())) - set(before)
    own = [*started, *(each for child in started for each in census.descendants(child))]
    assert own or name in ("process", "none")
    session.close()
    sandbox.close()
    assert [process for process in own if lasts(process)] == []
    assert list(tmp_path.iterdir()) == []
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= descriptors


MIXED = (
    "print(1)",
    "1/0",
    "import os\nif os.fork() == 0:\n    os.setsid()\n    import time; time.sleep(100)",
    "open('x', 'wb').write(b'x' * 100_000)",
    "import threading; threading.Thread(target=print, args=(1,)).start()",
    "import os; os._exit(3)",
    "print('x' * 10_000)",
    "import subprocess; subprocess.Popen(['sleep', '100'])",
    "import tempfile; tempfile.mkdtemp()",
    "import os; os.abort()",
)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_many_runs_leak_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sandbox = open_sandbox()

    def soak(runs):
        with ThreadPoolExecutor(4) as pool:
            list(
                pool.map(
                    lambda at: run(sandbox, MIXED[at % len(MIXED)], seconds=2, memory_mb=128), range(runs)
                )
            )
        time.sleep(0.1)
        processes = leftovers()
        return len(processes), len(os.listdir("/proc/self/fd")), sum(map(census.resident, processes)) >> 20

    try:
        before = soak(40)
        after = soak(SOAK)
    finally:
        sandbox.close()
    assert after[0] <= before[0] + 2  # a cell may be ending or starting
    assert after[1] <= before[1] + 4
    assert after[2] <= before[2] + 32  # megabytes
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "harm",
    [
        "shutil.rmtree(root)",
        "os.rename(root, root + '-moved')",
        "shutil.rmtree(root); open(root, 'w').close()",
        "os.chmod(root, 0)",
    ],
)
def test_a_program_of_the_portable_tier_that_takes_the_scratch_away_harms_no_later_run(
    harm, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sandbox = open_sandbox("process")
    session = sandbox.session(memory_mb=512)
    try:
        assert session.run("x = 1", seconds=5).status == "ok"
        source = f"import os, shutil\nroot = os.path.dirname(os.getcwd())\n{harm}"
        run(sandbox, source)
        assert run(sandbox, "open('x', 'w').close(); print(1)").stdout == "1\n"
        assert session.run("print(x)", seconds=5).stdout == "1\n"
        made = sandbox.scratch.path.stat().st_ino
        open_sandbox("process").close()  # removes what nobody holds
        assert sandbox.scratch.path.stat().st_ino == made
    finally:
        session.close()
        sandbox.close()
    assert [each for each in tmp_path.iterdir() if not each.name.endswith("-moved")] == []


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(data=st.one_of(st.binary(max_size=200), st.text(st.characters(exclude_categories=()), max_size=80)))
def test_any_bytes_give_an_execution_in_bounded_time(strongest, data):
    source = data.decode("utf-8", "surrogateescape") if isinstance(data, bytes) else data
    started = time.perf_counter()
    done = run(strongest, source, seconds=1)
    assert done.status in {"ok", "error", "timeout", "memory", "output_limit", "killed"}
    assert time.perf_counter() - started < 10


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("name", ["namespaces", "landlock"])
def test_a_server_that_dies_is_started_again(name):
    before = leftovers()
    try:
        sandbox = open_sandbox(name)
    except SandboxError as error:
        pytest.skip(str(error))
    try:
        assert run(sandbox, "print(1)").stdout == "1\n"
        for process in leftovers() - before:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        assert run(sandbox, "print(2)").stdout == "2\n"
    finally:
        sandbox.close()


@pytest.mark.parametrize(("faults", "runs"), [(1, True), (2, False)])
def test_a_cell_that_fails_before_the_program_runs_is_replaced_once(faults, runs, monkeypatch):
    from pytest_codesteer.sandbox.cells import Cell

    perform, left = Cell.perform, [None] * faults

    def failing(cell, order, source):
        if left:
            left.pop()
            raise SandboxError("the process of a program ended before it started")
        return perform(cell, order, source)

    try:
        sandbox = open_sandbox("landlock")
    except SandboxError as error:
        pytest.skip(str(error))
    monkeypatch.setattr(Cell, "perform", failing)
    try:
        with nullcontext() if runs else pytest.raises(SandboxError, match="ended before it started"):
            assert run(sandbox, "print(2)").stdout == "2\n"
    finally:
        sandbox.close()


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
@pytest.mark.parametrize("landlock", [None, 1], ids=["this kernel", "an older kernel"])
@pytest.mark.parametrize("name", ["namespaces", "landlock"])
def test_no_signal_reaches_what_watches_a_program(name, landlock):
    from pytest_codesteer.sandbox.strong import open_strong

    source = """
import os
for number in {*range(1, 32)} - {17, 18}:
    for process in {1, os.getppid()} - {0}:
        try: os.kill(process, number)
        except OSError: pass
print("done")
"""
    try:
        sandbox = open_strong(name, landlock=landlock)
    except SandboxError as error:
        pytest.skip(str(error))
    try:
        assert [run(sandbox, source).stdout for _ in range(3)] == ["done\n"] * 3
    finally:
        sandbox.close()


def test_programs_of_several_threads_do_not_mix(strongest):
    with ThreadPoolExecutor(6) as pool:
        done = pool.map(
            lambda at: run(strongest, f"import time; time.sleep(0.01); print({at})").stdout, range(60)
        )
    assert list(done) == [f"{at}\n" for at in range(60)]


def test_programs_run_from_a_thread_that_ends(strongest):
    done = []
    thread = threading.Thread(target=lambda: done.append(run(strongest, "print(1)")))
    thread.start()
    thread.join()
    time.sleep(0.05)
    assert [done[0].stdout, run(strongest, "print(2)").stdout] == ["1\n", "2\n"]


# The tiers by name


def refuse(monkeypatch):
    import pytest_codesteer.sandbox.strong as strong

    def refused(tier, **_):
        raise SandboxError(f"this machine offers no {tier}")

    monkeypatch.setattr(strong, "open_strong", refused)


def test_without_isolation_the_portable_tier_says_why(monkeypatch):
    refuse(monkeypatch)
    sandbox = open_sandbox()
    try:
        assert sandbox.isolation.startswith("process limits only")
        assert "this machine offers no namespaces" in sandbox.isolation
        assert run(sandbox, "print(1)").stdout == "1\n"
    finally:
        sandbox.close()


def test_strict_refuses_to_run_without_isolation(monkeypatch):
    refuse(monkeypatch)
    with pytest.raises(SandboxError, match="nothing here keeps programs from files, network and processes"):
        open_sandbox("strict")


def test_an_unknown_tier_is_named_with_the_known_ones():
    with pytest.raises(SandboxError, match="did you mean 'landlock'"):
        open_sandbox("landlok")


def test_no_program_reads_the_package_or_the_project(tier):
    name, sandbox = tier
    if name in ("process", "none"):
        pytest.skip("files are open to programs there")
    files = [path for path in Path.home().iterdir() if path.is_file()]
    places = [str(path) for path in (Path(tiers.__file__), Path(__file__), Path.cwd() / "task_specs", *files)]
    source = f"""
import os
for path in {places!r}:
    for look in (os.listdir, open):
        try: look(path); print("reached", path)
        except OSError: pass
"""
    assert run(sandbox, source).stdout == ""


def test_an_order_to_stop_a_program_that_has_ended_by_itself_does_not_meet_the_next_one(strongest):
    if strongest.isolation.startswith(("process", "none")):
        pytest.skip("there are no cells there")
    jail = strongest._jail
    cell = jail.bare.take(())
    send(cell.connection, Order("stop", cause="output_limit"))
    performed = jail.perform(cell, Order("run", 5.0, 256 << 20), "print(42)")
    jail.bare.give(cell, worn=performed.report.worn)
    assert (performed.stdout, performed.report.exit_code) == ("42\n", 0)
