"""The attacked side: a harness with secrets, files, sockets and a state, and what has become of them."""

import ctypes
import gc
import json
import os
import resource
import secrets
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pytest_codesteer.jail import census

#: Programs that leave something outside call it by this name.
TRACES = "codesteer-hostile"
_OUTSIDE = ("/tmp", "/var/tmp", "/dev/shm")
_SETTLING = 10.0  # seconds within which all processes must be gone, those that tidy up included
_MEMORY, _DISK = 1 << 30, 450 << 20  # bytes that a program may not reach, whatever its own limits
_TASKS = 130  # processes and threads that one may not reach, the sandbox's own included
_SAMPLE = 0.03  # seconds
_LOOKS = 3
_IPC_PRIVATE, _IPC_RMID = 0, 0


@dataclass
class Listener:
    """A socket that nothing inside may reach."""

    name: str
    socket: socket.socket
    reached: int = 0


@dataclass
class World:
    """One attacked harness: this process."""

    folder: Path
    canary: str
    jobs: int  # programs at a time
    listeners: list[Listener] = field(default_factory=list)
    state: dict[str, object] = field(default_factory=dict)
    files: dict[str, object] = field(default_factory=dict)
    processes: int = 0
    peaks: list[str] = field(default_factory=list)
    kept: bytes = b""  # a secret in memory
    segment: int = 0  # the number of another one, in memory that processes of this user may share
    done: threading.Event = field(default_factory=threading.Event)
    looking: threading.Lock = field(default_factory=threading.Lock)  # while it has files open

    def settle(self) -> None:
        """Take the present for what must stay."""
        self.processes = max(_count() for _ in range(_LOOKS))
        with self.looking:
            self.state, self.files = _state(), self._files()

    def fill_in(self, source: str) -> str:
        """Put the things of this world where a program names them."""
        named = {listener.name: listener.socket for listener in self.listeners}
        words = {
            "HARNESS": os.getpid(),
            "PROJECT": self.folder / "project",
            "HOME": self.folder / "home",
            "OTHER": self.folder / "other",
            "TMP": self.folder / "tmp",
            "PACKAGE": Path(sys.modules["pytest_codesteer"].__file__ or "").parent,
            "TCP": named["tcp"].getsockname()[1],
            "UDP": named["udp"].getsockname()[1],
            "UNIX": self.folder / "project" / "socket",
            "DATAGRAMS": self.folder / "project" / "datagrams",
            "ABSTRACT": self._abstract(),
            "ADDRESS": id(self.kept) + sys.getsizeof(b"") - 1,
            "FREE": 0,
            "SEGMENT": self.segment,
        }
        for word, value in words.items():
            source = source.replace(f"@{word}@", str(value))
        return source

    def faults(self) -> list[str]:
        """Return what is not as it was, and take it for what must stay from now on."""
        found = self._left_behind()
        with self.looking:
            state, files = _state(), self._files()
        found += [
            f"changed: {name} from {self.state[name]} to {value}"
            for name, value in state.items()
            if value != self.state[name]
        ]
        found += [
            f"file: {name}"
            for name in sorted(files.keys() | self.files.keys())
            if files.get(name) != self.files.get(name)
        ]
        for listener in self.listeners:
            if listener.reached:
                found.append(f"reached the {listener.name} socket")
                listener.reached = 0
        found += self.peaks
        self.peaks = []
        for folder in _OUTSIDE:
            for trace in Path(folder).glob(f"{TRACES}*"):
                trace.unlink(missing_ok=True)
        self.settle()
        return found

    def watch(self) -> None:
        """Note, in a thread of its own, what programs take while they run."""
        shared = _shared_memory()
        while not self.done.wait(_SAMPLE):
            with self.looking:
                processes = census.descendants(os.getpid())
                if census.tasks(processes) > self.jobs * _TASKS:
                    self.peaks.append("too many processes")
                private = sum(map(_private_memory, processes))
                if private + _shared_memory() - shared > self.jobs * _MEMORY:
                    self.peaks.append("too much memory")
                if _size(self.folder / "tmp") > self.jobs * _DISK:
                    self.peaks.append("too much disk")
            self.peaks = list(dict.fromkeys(self.peaks))

    def listen(self) -> None:
        """Open the sockets."""
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        path, datagrams, abstract = (
            socket.socket(socket.AF_UNIX, kind)
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_STREAM)
        )
        path.bind(str(self.folder / "project" / "socket"))
        datagrams.bind(str(self.folder / "project" / "datagrams"))
        abstract.bind(f"\0{self._abstract()}")
        for name, each in (
            ("tcp", tcp),
            ("udp", udp),
            ("unix", path),
            ("datagrams", datagrams),
            ("abstract", abstract),
        ):
            if each.type == socket.SOCK_STREAM:
                each.listen()
            listener = Listener(name, each)
            self.listeners.append(listener)
            threading.Thread(target=_serve, args=[listener], daemon=True).start()

    def _abstract(self) -> str:
        return f"codesteer-hostile-{os.getpid()}"

    def _left_behind(self) -> list[str]:
        """Wait until there are no more processes than before."""
        deadline = time.monotonic() + (_SETTLING if self.processes else _SAMPLE)
        while (left := _count() - self.processes) > 0 and time.monotonic() < deadline:
            pass
        if not self.processes:
            _tidy_up()
        return [f"{left} processes left"] if left > 0 else []

    def _files(self) -> dict[str, object]:
        """Return all files outside the scratch that a program may have made or changed."""
        own = [path for part in ("project", "home", "other") for path in (self.folder / part).rglob("*")]
        traces = [path for folder in _OUTSIDE for path in Path(folder).glob(f"{TRACES}*")]
        left = [
            path
            for path in (self.folder / "tmp").iterdir()
            if not path.name.startswith("pytest-codesteer-scratch-")
        ]
        return {str(path): _look(path) for path in (*own, *traces, *left)}


def build(folder: Path, *, jobs: int) -> World:
    """Make the world in an empty folder; the environment already names its home and holds its canary."""
    canary = os.environ["CODESTEER_HOSTILE_CANARY"]
    for part in ("project", "home/.ssh", "other", "tmp"):
        (folder / part).mkdir(parents=True)
    (folder / "project" / "answers.json").write_text(json.dumps({"answer": canary}), "utf-8")
    (folder / "home" / ".ssh" / "id_test").write_text(canary, "utf-8")
    (folder / "other" / "secret.txt").write_text(canary, "utf-8")
    os.chdir(folder / "project")
    world = World(
        folder, canary, jobs, kept=(canary + secrets.token_hex(8)).encode(), segment=_segment(canary)
    )
    os.set_inheritable(os.open(folder / "home" / ".ssh" / "id_test", os.O_RDONLY), True)
    world.listen()
    return world


def _segment(text: str) -> int:
    """Put a text where only its number is needed to read it; it goes with this process."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    number: int = libc.shmget(_IPC_PRIVATE, len(text), 0o600)
    ctypes.memmove(libc.shmat(number, None, 0), text.encode(), len(text))
    libc.shmctl(number, _IPC_RMID, None)  # as soon as nobody is attached
    return number


def _count() -> int:
    """Return how many processes there are below this one, a moment later: the sandbox prepares its next."""
    time.sleep(_SAMPLE)
    return len(_alive())


def _tidy_up() -> None:
    """End all that a tier without a server has left, so that the next program starts afresh."""
    with suppress(ChildProcessError):
        while True:
            for process in census.descendants(os.getpid()):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            os.waitpid(-1, 0)


def _alive() -> list[int]:
    """Return the processes below this one; those that have ended only wait to be noticed."""
    return [process for process in census.descendants(os.getpid()) if census.resident(process)]


def _state() -> dict[str, object]:
    """Return what a program could change about this process."""
    mask = os.umask(0)
    os.umask(mask)
    gc.collect()
    kinds = (resource.RLIMIT_NOFILE, resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_NPROC)
    return {
        "current directory": str(Path.cwd()),
        "umask": mask,
        "limits": [resource.getrlimit(kind) for kind in kinds],
        "niceness": os.getpriority(os.PRIO_PROCESS, 0),
        "processors": sorted(os.sched_getaffinity(0)),
        "scheduler": os.sched_getscheduler(0),
        "signals": [str(signal.getsignal(number)) for number in signal.valid_signals()],
        "environment": dict(os.environ),
        "threads": threading.active_count(),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "umounted": Path("/proc/self/mountinfo").read_text("utf-8").count("\n"),
    }


def _serve(listener: Listener) -> None:
    while True:
        if listener.socket.type == socket.SOCK_STREAM:
            listener.socket.accept()[0].close()
        else:
            listener.socket.recv(1 << 10)
        listener.reached += 1


def _look(path: Path) -> object:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_mode, found.st_size, found.st_mtime_ns, found.st_uid


def _private_memory(process: int) -> int:
    try:
        resident, shared = Path(f"/proc/{process}/statm").read_text("ascii").split()[1:3]
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")


def _shared_memory() -> int:
    """Return the bytes of all shared mappings and files in memory, of the whole machine."""
    return int(Path("/proc/meminfo").read_text("ascii").split("Shmem:")[1].split()[0]) << 10


def _size(folder: Path) -> int:
    total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(base) / name).lstat().st_blocks * 512
            except OSError:
                continue
    return total
