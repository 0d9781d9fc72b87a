"""The fork server: imports modules once and forks cells, which fork programs.

It is started with a clean environment and talks to one harness over one socket.  A guard stands above it,
which enters the namespaces or, without them, sweeps up what is left when the server ends.
"""

import gc
import importlib
import os
import signal
import socket
import sys
from collections.abc import Iterable
from typing import NoReturn

from pytest_codesteer.jail import (
    amend,
    census,
    cgroup,
    kernel,
    landlock,
    landlocked,
    namespaces,
    no_anonymous,
    no_shm,
)
from pytest_codesteer.jail.cell import Warden
from pytest_codesteer.jail.walls import Walls
from pytest_codesteer.jail.watch import measure_idle
from pytest_codesteer.jail.wire import Open, Opened, Report, Setup, receive, send


def main(descriptor: int) -> NoReturn:
    """Serve the harness at the other end of this socket."""
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)  # the source of the call of this function came from there
    kernel.close_from(descriptor + 1)
    harness = socket.socket(fileno=descriptor)
    setup, groups = receive(harness, Setup)
    if setup is None:
        os._exit(0)
    try:
        _offer_to_the_oom_killer()
        if setup.tier == "namespaces":
            namespaces.leave(setup)
        else:
            landlocked.leave()
    except OSError as error:
        send(harness, Opened(fault=str(error)))
        os._exit(1)
    server = os.fork()
    if server == 0:
        _serve(harness, setup, groups)
    harness.close()
    _guard(server)


def _offer_to_the_oom_killer() -> None:
    """When memory runs out, programs and all that is here are to go before the harness."""
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")


def _guard(server: int) -> NoReturn:
    """Wait for the end of the server; kill what it leaves, where that is not the kernel's doing."""
    while os.wait()[0] != server:
        pass
    while processes := census.descendants(os.getpid()):
        for process in processes:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        os.wait()
    os._exit(0)


def _serve(harness: socket.socket, setup: Setup, groups: list[int]) -> NoReturn:
    """Fork a cell whenever the harness asks for one, until it is gone."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    groups = [each for each in groups if cgroup.works(each)]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # cells need no waiting for
    try:
        if setup.tier == "namespaces":
            namespaces.settle()
            amend.install(no_anonymous.CHANGES)
        else:
            amend.install(no_anonymous.CHANGES | no_shm.CHANGES)
        own = os.open("/proc/self/ns/pid", os.O_RDONLY)
        _forget(setup)
    except OSError as error:
        send(harness, Opened(fault=str(error)))
        os._exit(1)
    send(harness, Opened(landlock=landlock.abi(setup.landlock), cgroups=bool(groups)))
    while True:
        request, descriptors = receive(harness, Open)
        if request is None:
            os._exit(0)
        with socket.socket(fileno=descriptors[0]) as far_end:
            loaded = _load(request.preload)
            gc.collect()
            gc.freeze()  # or a collection would write to, and so copy, every page of a forked process
            threads = len(os.listdir("/proc/self/task"))
            try:
                process = namespaces.fork_cell(own) if setup.tier == "namespaces" else os.fork()
                if process == 0:
                    harness.close()
                    _be_cell(far_end, setup, groups)
                cell = os.pidfd_open(process)
            except OSError as error:
                send(harness, Opened(fault=str(error)))
                continue
        send(harness, Opened(loaded=loaded, threads=threads), (cell,))
        os.close(cell)


def _be_cell(harness: socket.socket, setup: Setup, groups: list[int]) -> NoReturn:
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)  # from inside its namespace none of them reaches a warden then
    try:
        walls: Walls
        if setup.tier == "namespaces":
            namespaces.settle_cell()
            walls = namespaces.walls(setup)
        else:
            walls = landlocked.walls(setup)
        group = cgroup.make(groups[0]) if groups else None
        Warden(walls, harness, measure_idle(), group).serve()
    except BaseException as error:  # noqa: BLE001  (told to the harness: there is nobody to raise it to)
        send(harness, Report(fault=f"{type(error).__name__}: {error}"))
        os._exit(1)


def _forget(setup: Setup) -> None:
    """Leave nothing of this package for programs to find, and let them import what the harness can."""
    sys.path[:] = [path for path in sys.path if os.path.exists(path)]
    libraries = [path for path in setup.libraries if path not in sys.path]
    if libraries:
        sys.path += libraries
        os.environ["PYTHONPATH"] = os.pathsep.join(libraries)  # for interpreters that programs start
    sys.argv = [""]
    sys.orig_argv = [sys.executable]
    for name in [name for name in sys.modules if name.partition(".")[0] == "pytest_codesteer"]:
        del sys.modules[name]
    importlib.invalidate_caches()


def _load(names: Iterable[str]) -> tuple[str, ...]:
    """Import modules that programs want; return those that are there."""
    loaded = []
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001  (then a program that imports it is told why)
            continue
        loaded.append(name)
    return tuple(loaded)
