"""Workers on other machines (`--tx ssh=HOST`), which play their share like any other.

They have the files, the environment, the sandbox and the cache of their machine.  What cannot hold there is
refused before anything is paid for.
"""

import signal
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_codesteer.plugin.machines import NEIGHBOURS, TASKS, machine_of, machines_of
from pytest_codesteer.plugin.options import Options, task_roots
from pytest_codesteer.task import TaskError, listed, task_name

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

_ENTER = """
import os
for folder in {folders!r}:
    if os.path.isdir(folder):
        os.chdir(folder)
        break
"""


def require_same_tasks(config: pytest.Config, options: Options) -> None:
    """Refuse to play other tasks than the run.  Raises `pytest.UsageError`."""
    meant: Mapping[str, str] = config.workerinput[TASKS]  # type: ignore[attr-defined]  # given by xdist
    here = _digests(config, options)
    if here != meant:
        other = [name for name in {**meant, **here} if here.get(name) != meant.get(name)]
        raise pytest.UsageError(
            f"{Path.cwd()} does not hold the tasks of this run ({', '.join(other[:3])}): copy the"
            " project with --rsyncdir=., or have it in the same folder; with the same pytest-codesteer"
        )


def _digests(config: pytest.Config, options: Options) -> dict[str, str]:
    """Return the digests of the tasks that a run without paths plays; what cannot be loaded shows later."""
    digests = {}
    for root in task_roots(config, options):
        files = listed([root]) if root.is_dir() else {task_name(root): root}
        for name, path in files.items():
            with suppress(TaskError):
                digests[name] = options.load(path).digest
    return digests


class Hosts:
    """The machines that the workers of a run are on; lives in the process that reports."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self.config = config
        self.options = options
        self.machines = machines_of(config)
        self._collected: set[WorkerController] = set()
        if elsewhere := [machine for machine in self.machines if machine]:
            _require_portable(options, elsewhere[0])
            if config.option.maxworkerrestart is None:
                config.option.maxworkerrestart = "0"  # a machine that is gone: the others take its cases over

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionstart(self) -> Generator[None, object, object]:
        """Say in one line why a worker does not start."""
        others = ", ".join(dict.fromkeys(filter(None, self.machines)))
        if not others:
            return (yield)
        from execnet import HostNotFound

        try:
            with _held_back(signal.SIGINT):
                return (yield)
        except ValueError as error:
            if "rsync" not in str(error):
                raise
            raise pytest.UsageError(
                f"{error}: choose tasks with --codesteer-task and write options as --codesteer-log=FILE"
            ) from error
        except (HostNotFound, EOFError, OSError) as error:
            where = str(error) if isinstance(error, HostNotFound) else others
            raise pytest.UsageError(
                f"--tx: no worker can be started on {where}: `ssh HOST PYTHON -m pytest --version` has to"
                " work, without a password"
            ) from error

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_configure_node(self, node: "WorkerController") -> None:
        """Tell a worker what its machine is to know, and lead it to the project."""
        machine = machine_of(node.gateway.spec)
        node.workerinput[NEIGHBOURS] = self.machines.count(machine)
        if machine:
            node.workerinput[TASKS] = self._tasks
            if self.config.args_source is not pytest.Config.ArgsSource.ARGS:  # which xdist has made relative
                enter = _ENTER.format(folders=self._folders(node.nodemanager.roots))
                node.gateway.remote_exec(enter).waitclose()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: "WorkerController") -> None:
        """Note which workers have come so far that they can run something."""
        self._collected.add(node)

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_testnodedown(self, node: "WorkerController", error: object) -> None:
        """End the run with what keeps a worker on another machine from starting."""
        machine = machine_of(node.gateway.spec)
        if machine and error and node not in self._collected:
            said = str(error).strip()
            _, _, fault = said.rpartition("UsageError: ")
            raise pytest.UsageError(f"--tx: the worker on {machine}: {fault or said.splitlines()[-1]}")

    @cached_property
    def _tasks(self) -> dict[str, str]:
        return _digests(self.config, self.options)

    def _folders(self, copied: Sequence[Path]) -> list[str]:
        """Return where the project may be on another machine: in its copy, or in the same folder as here."""
        here = self.config.invocation_params.dir
        roots = [root for root in copied if here.is_relative_to(root)]
        return [*(str(root.name / here.relative_to(root)) for root in roots), str(here)]


@contextmanager
def _held_back(number: signal.Signals) -> Iterator[None]:
    """Let a signal wait, and never reach what is started meanwhile.

    A terminal sends Ctrl-C to all that runs in it: ssh would end, and take its worker along.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _require_portable(options: Options, machine: str) -> None:
    """Refuse what holds on one machine alone.  Raises `pytest.UsageError`."""
    for option, limit in (("max-cost", options.budget.dollars), ("max-requests", options.budget.requests)):
        if limit is not None:
            raise pytest.UsageError(
                f"--codesteer-{option} holds on one machine, and --tx has a worker on {machine}: run a"
                " part on each instead (--codesteer-shard), with a limit of its own"
            )
    for name in options.served:
        if name.provider == "local" and not options.replay:
            raise pytest.UsageError(
                f"--codesteer-model={name.given}: its server answers this machine alone, and --tx has a"
                f" worker on {machine}: start a server that both reach and name it with --codesteer-base-url"
            )
