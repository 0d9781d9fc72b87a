"""A benchmark run in one process: collecting tasks, playing cases ahead, carrying records."""

import gc
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from pytest_codesteer.cache import OWN_FOLDER, Store
from pytest_codesteer.models import LOCAL_AT_ONCE, ModelError
from pytest_codesteer.models.local import LocalServer, start
from pytest_codesteer.plugin.batch import BatchReport
from pytest_codesteer.plugin.bench import Bench, keep
from pytest_codesteer.plugin.cache import CacheReport, tell_fault
from pytest_codesteer.plugin.endings import Endings, open_ledger
from pytest_codesteer.plugin.estimate import Estimator
from pytest_codesteer.plugin.gates import DECIDED, Gatekeeper, shuffled
from pytest_codesteer.plugin.hosts import Hosts, require_same_tasks
from pytest_codesteer.plugin.items import NEEDLESS, BrokenFolder, CaseItem, TaskFile
from pytest_codesteer.plugin.lost import LostFile
from pytest_codesteer.plugin.machines import NEIGHBOURS, is_elsewhere, machines_of
from pytest_codesteer.plugin.options import Options, read_options, task_roots
from pytest_codesteer.plugin.outputs import Outputs
from pytest_codesteer.plugin.places import require_places
from pytest_codesteer.plugin.progress import Progress
from pytest_codesteer.plugin.reporter import Reporter
from pytest_codesteer.plugin.selection import nameable_tasks
from pytest_codesteer.plugin.workers import Shares, case_places, own_share
from pytest_codesteer.sandbox import SandboxError
from pytest_codesteer.suggest import unknown
from pytest_codesteer.task import task_file

_ADDRESSES = "codesteer_addresses"  # under this key xdist brings the servers' addresses to its workers


def activate(config: pytest.Config) -> None:
    """Set a run up.  Raises `pytest.UsageError` for everything that the user can put right."""
    if str(config.rootpath) not in sys.path:
        sys.path.insert(0, str(config.rootpath))  # where --codesteer-method=module:function looks first
    options = read_options(config)
    if is_elsewhere(config):
        require_same_tasks(config, options)
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    bench = _made_bench(config, options, worker)
    keep(config, bench)  # which ends what it starts, also if that is interrupted
    _open_sandbox(bench, options)
    roots = task_roots(config, options)
    chosen = options.tasks is not None
    if options.suite or config.args_source is not pytest.Config.ArgsSource.ARGS:
        covered = [] if chosen else [arg for arg in config.args if Path(arg).exists()]
        stray = [
            root for root in roots if not any(root.is_relative_to(Path(arg).resolve()) for arg in covered)
        ]
        config.args[:] = [*covered, *map(str, stray)]
        if options.earlier and not config.option.codesteer_task:
            lost = set(options.earlier.tasks) - set(options.tasks or ())
            config.args += [str(options.earlier.path)] if lost else []
    sign = worker.get(DECIDED) if worker else None
    if options.estimate:
        config.option.dist, config.option.tx = "no", []  # a run without workers: there is nothing to run
        config.pluginmanager.register(Estimator(options, bench), "codesteer-estimator")
    elif worker is None:
        if not config.option.collectonly:
            folder = config.rootpath / OWN_FOLDER / "runs"
            require_places(config.option.codesteer_log, config.option.codesteer_report, folder)
        gatekeeper = Gatekeeper(options)
        sign = gatekeeper.sign
        config.pluginmanager.register(gatekeeper, "codesteer-gates")
        config.pluginmanager.register(Hosts(config, options), "codesteer-hosts")
        reporter = Reporter(config, options, bench, gatekeeper)
        config.pluginmanager.register(reporter, "codesteer-reporter")
        config.pluginmanager.register(Outputs(config, options, reporter), "codesteer-outputs")
        shares = Shares(config, nameable_tasks(config, options.task_dirs), reporter.done)
        config.pluginmanager.register(shares, "codesteer-shares")
        config.pluginmanager.register(Servers(config, options, bench), "codesteer-servers")
        if bench.store:
            config.pluginmanager.register(CacheReport(config, bench.store, reporter), "codesteer-cache")
        if bench.store and options.batch and not config.option.collectonly:
            config.pluginmanager.register(BatchReport(bench.store), "codesteer-batch")
        if bench.ledger and config.option.verbose >= 0:
            whole = None if any(machines_of(config)) else bench.ledger
            progress = Progress(whole, lambda: gatekeeper.planned, batch=options.batch)
            config.pluginmanager.register(progress, "codesteer-progress")
    session = Session(options, bench, Path(sign) if sign else None)
    config.pluginmanager.register(session, "codesteer-session")
    config.pluginmanager.register(Endings(config, bench), "codesteer-endings")


def _made_bench(config: pytest.Config, options: Options, worker: dict[str, Any] | None) -> Bench:
    """Return the bench of this process; *worker* is what xdist brings to one of its workers."""
    bench = Bench(
        concurrency=options.concurrency,
        processes=int(worker[NEIGHBOURS]) if worker else 1,
        settings=options.settings,
        prompts=options.prompts,
        prices=options.prices,
        names=options.models,
        tier=options.sandbox,
        guide=options.guide,
        store=Store(options.cache, read_only=options.replay)
        if options.cache and not options.estimate
        else None,
        replay=options.replay,
        batch=options.batch,
        ledger=open_ledger(config, options.budget),
    )
    bench.addresses = dict(worker.get(_ADDRESSES, {})) if worker else {}
    return bench


def _open_sandbox(bench: Bench, options: Options) -> None:
    """Open the sandbox now, so that what is missing shows before anything runs."""
    try:
        if not options.earlier:
            bench.sandbox  # noqa: B018
    except SandboxError as error:
        raise pytest.UsageError(f"--codesteer-sandbox={options.sandbox}: {error}") from error


class Session:
    """The hooks of every process of a run."""

    def __init__(self, options: Options, bench: Bench, sign: Path | None) -> None:
        self.options = options
        self.bench = bench
        self.sign = sign  # this file is there once all gates are decided
        self.started: frozenset[str] | None = None  # the cases that were under way by then
        self.shared = False  # whether this worker's share is planned
        self.taken: dict[str, Path] = {}
        self.levels_seen: dict[str, None] = {}

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect the TOML file of a task, in a task folder or named on the command line."""
        earlier = self.options.earlier
        if earlier and file_path == earlier.path:
            lost: LostFile = LostFile.from_parent(
                parent, path=file_path, options=self.options, earlier=earlier
            )
            return lost
        if file_path.suffix != ".toml":
            return None
        entry = file_path.parent if file_path.name == "task.toml" else file_path
        listed = entry.parent in self._folders() and task_file(entry) == file_path
        if not listed and not parent.session.isinitpath(file_path):
            return None
        file: TaskFile = TaskFile.from_parent(
            parent,
            path=file_path,
            options=self.options,
            bench=self.bench,
            taken=self.taken,
            levels_seen=self.levels_seen,
        )
        return file

    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Name a folder among the tasks that holds none."""
        if (
            path.parent not in self._folders()
            or path.name.startswith((".", "_"))
            or (path / "task.toml").is_file()
        ):
            return None
        folder: BrokenFolder = BrokenFolder.from_parent(parent, path=path)
        return folder

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the cases in random order where the run may end early."""
        if self.options.until_decided:
            items[:] = shuffled(items, self.options.seed)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Refuse a level that no task has; a worker leaves it to the process that reports."""
        for level in () if hasattr(session.config, "workerinput") else self.options.levels:
            if self.levels_seen and level not in self.levels_seen:
                raise pytest.UsageError(f"--codesteer-level: {unknown('level', level, self.levels_seen)}")

    def _folders(self) -> tuple[Path, ...]:
        from pytest_codesteer.prompts import bundled

        return (*self.options.task_dirs, bundled("task_specs"))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Start cases ahead of their items, in a process that knows them all beforehand."""
        alone = not hasattr(session.config, "workerinput") and not session.config.option.collectonly
        if alone and not self.options.earlier:
            self.bench.plan(
                item.case for item in session.items if isinstance(item, CaseItem) and item.plannable
            )
        return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Start cases ahead in a worker: its share, once it is sent the first of it, or the next one."""
        if hasattr(item.config, "workerinput") and not self.options.earlier and not self._decided():
            coming = [*self._share(item.session), item, nextitem]
            self.bench.plan(each.case for each in coming if isinstance(each, CaseItem) and each.plannable)

    def _share(self, session: pytest.Session) -> list[pytest.Item]:
        """Return the share of this worker, once."""
        if self.shared:
            return []
        self.shared = True
        tasks = nameable_tasks(session.config, self.options.task_dirs)
        places = case_places([item.nodeid for item in session.items], tasks)
        worker: dict[str, Any] = getattr(session.config, "workerinput", {})
        return [session.items[at] for at in own_share(worker, places)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip a case that no gate needs any more, unless it is under way and paid for."""
        if isinstance(item, CaseItem) and self._decided():
            if self.started is None:
                self.started = self.bench.give_up()
            if item.case.id not in self.started:
                item.needless = True
                pytest.skip("all gates are decided")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let the report of a case carry its record, also through xdist."""
        report = yield
        carried = getattr(item, "carried", None)
        if call.when == "call" and carried:
            report.codesteer = list(carried)  # type: ignore[attr-defined]  # reports take any attribute
            item.carried = None  # type: ignore[attr-defined]  # pytest keeps items, and this may be long
        if call.when == "setup" and isinstance(item, CaseItem) and item.needless:
            setattr(report, NEEDLESS, True)
        return report

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let a worker tell what became of the cache."""
        tell_fault(session.config, self.bench.store)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Collect the garbage, and let what is alive pass for needed.

        pytest collects five times at its very end, each time through all that the SDK and a run have made,
        which took half a second after 1,000 cases.  What one collection spares, the next ones would too.
        """
        gc.collect()
        gc.freeze()

    def _decided(self) -> bool:
        return self.sign is not None and self.sign.exists()


class Servers:
    """The embedded servers of a run, which its workers share."""

    def __init__(self, config: pytest.Config, options: Options, bench: Bench) -> None:
        self.config = config
        self.options = options
        self.bench = bench
        self.running: list[LocalServer] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Start a server for each embedded model, before xdist starts its workers."""
        if self.config.option.collectonly or self.options.replay or self.options.earlier:
            return
        for name in self.options.served:
            if name.provider != "local":
                continue
            try:
                server = start(name, LOCAL_AT_ONCE, self._tell)
            except ModelError as error:
                raise pytest.UsageError(str(error)) from error
            self.running.append(server)
            self.bench.addresses[name.label] = server.address

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker where the servers are."""
        node.workerinput[_ADDRESSES] = dict(self.bench.addresses)

    def pytest_unconfigure(self) -> None:
        """End the servers."""
        for server in self.running:
            server.close()

    def _tell(self, line: str) -> None:
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter:
            reporter.write_line(f"codesteer: {line}")
        else:
            sys.stderr.write(f"codesteer: {line}\n")
