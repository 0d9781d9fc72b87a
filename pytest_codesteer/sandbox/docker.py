"""The tier of those who trust a container more, or have nothing else: a container for each program.

It has no network, a read-only root, no capabilities, and limits on memory, processes, files and processor
time; what is protected then depends on the Docker daemon and the image.  A container's exit code above 128
is read as the number of a signal.  Starting one takes a few hundred milliseconds.
"""

import json
import secrets
import select
import shutil
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

from pytest_codesteer.conversation import Execution, RunCode
from pytest_codesteer.jail import program
from pytest_codesteer.jail.walls import CORE_BYTES, SCRATCH_BYTES, SCRATCH_FILES, TASKS
from pytest_codesteer.jail.watch import time_allowed
from pytest_codesteer.sandbox.gate import Gate, Timeout
from pytest_codesteer.sandbox.outcome import SandboxError, status_of, with_restart
from pytest_codesteer.sandbox.streams import Stream, open_stream

IMAGE = "python:3-slim"
_FOLDER = "/scratch"
_USER = 65534  # nobody
_START_SECONDS = 10.0  # that a container may take to start, beyond the time of its program
_SIGNALS = range(129, 129 + 64)  # exit codes by which Docker tells of a signal
_NEVER_STARTED = "0001-01-01"  # the date that Docker gives then

#: After the source of `jail.program`.  One line of JSON for each run comes in; a token that nobody inside
#: knows beforehand goes out on both streams when it has ended.
_DRIVER = """
import json
orders = os.fdopen(os.dup(0), encoding="utf-8")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
notebook = None
for line in orders:
    order = json.loads(line)
    source = order["source"].encode("utf-8", "surrogatepass")
    if not order["token"]:
        os._exit(run(source, os.getcwd()) & 0xFF)
    notebook = notebook or Notebook(os.getcwd())
    ending = order["token"] + str(notebook.run(source))
    for descriptor in (1, 2):
        os.write(descriptor, ending.encode())
"""


class _End(NamedTuple):
    stopped: Literal["timeout", "output_limit"] | None
    answered: int | None = None  # by a session that goes on


@dataclass(frozen=True, slots=True)
class _Container:
    """A container that waits for what it is to run."""

    name: str
    process: "subprocess.Popen[bytes]"
    streams: tuple[Stream, Stream]

    def run(self, source: str, seconds: float, token: str = "") -> _End:
        """Hand a program over and read what it prints until it ends or has to."""
        for stream in self.streams:
            stream.kept.clear()
        line = json.dumps({"source": source, "token": token}) + "\n"
        try:
            if self.process.stdin is not None:
                self.process.stdin.write(line.encode())
                self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it is gone, which its streams tell
        poller = select.poll()
        by_descriptor = {stream.read_end: stream for stream in self.streams}
        for descriptor in by_descriptor:
            poller.register(descriptor, select.POLLIN)
        deadline = time.monotonic() + time_allowed(seconds, float("inf")) + _START_SECONDS
        while by_descriptor:
            ready = poller.poll(max(0.0, deadline - time.monotonic()) * 1000)
            if not ready:
                return _End("timeout")
            for descriptor, _ in ready:
                stream = by_descriptor[descriptor]
                stream.read()
                if stream.flooded:
                    return _End("output_limit")
                if stream.ended:
                    poller.unregister(descriptor)
                    del by_descriptor[descriptor]
            if token and (answer := self._answer(token)) is not None:
                return _End(None, answer)
        return _End(None)

    def exit_code(self) -> tuple[int, bool]:
        """Return how a container ended, and whether for lack of memory."""
        self.process.wait()
        shown = _docker(
            "inspect", "--format", "{{.State.ExitCode}} {{.State.OOMKilled}} {{.State.StartedAt}}", self.name
        ).split()
        if len(shown) != 3 or shown[2].startswith(_NEVER_STARTED):
            raise SandboxError(f"the container did not start: {self.streams[1].text.strip()[-200:]}")
        code = int(shown[0])
        return (128 - code if code in _SIGNALS else code), shown[1] == "true"

    def remove(self) -> None:
        """End the container and all in it."""
        _docker("rm", "--force", "--volumes", self.name)
        self.process.kill()
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
        for stream in self.streams:
            stream.close()

    def _answer(self, token: str) -> int | None:
        """Take the token off what was printed, if it ends both streams."""
        for status in (0, 1):
            ending = f"{token}{status}".encode()
            if all(stream.kept.endswith(ending) for stream in self.streams):
                for stream in self.streams:
                    del stream.kept[-len(ending) :]
                return status
        return None


@dataclass(frozen=True, slots=True)
class DockerSandbox:
    """Runs each program in a container of its own."""

    image: str
    gate: Gate

    @property
    def isolation(self) -> str:
        """What this place protects with."""
        return f"docker {self.image}, no network"

    def run(self, request: RunCode, *, seconds: float, memory_mb: int) -> Execution:
        """Run a program for at most *seconds* of processor time.

        How it spent its time is not known here: so each timeout is tried again, alone.
        """
        unknown = Timeout(seconds, computed=0.0, waited=float("inf"))
        return self.gate.run(
            lambda: self._run_once(request.source, seconds, memory_mb),
            lambda execution: unknown if execution.status == "timeout" else None,
        )

    def session(self, *, memory_mb: int) -> "DockerSession":
        """Start an interpreter that keeps its state."""
        return DockerSession(self, memory_mb)

    def close(self) -> None:
        """Keep nobody waiting; nothing else is kept from one program to the next."""
        self.gate.close()

    def start(self, memory_mb: int, seconds: float | None = None) -> _Container:
        """Start a container; one for *seconds* of processor time has the kernel count them.

        It is made first, so that it is there to be removed whatever becomes of its start.
        """
        name = f"codesteer-{secrets.token_hex(8)}"
        command = (self.image, "python3", "-c", _driver())
        if not _docker("create", "--name", name, *_limits(memory_mb, seconds), *command):
            raise SandboxError(f"Docker makes no container of {self.image}; see what it says: docker info")
        streams = open_stream(), open_stream()
        process = subprocess.Popen(
            ["docker", "start", "--attach", "--interactive", name],
            stdin=subprocess.PIPE,
            stdout=streams[0].write_end,
            stderr=streams[1].write_end,
        )
        for stream in streams:
            stream.close_write_end()
        return _Container(name, process, streams)

    def perform(
        self, container: _Container, source: str, seconds: float, token: str = ""
    ) -> tuple[Execution, bool]:
        """Run a program in a container; tell what became of it and whether the container goes on."""
        started = time.perf_counter()
        end = container.run(source, seconds, token)
        taken = time.perf_counter() - started
        out, err = (stream.text for stream in container.streams)
        execution = Execution(end.stopped or "ok", out, err, seconds=taken, isolation=self.isolation)
        if end.stopped:
            return execution, False
        if end.answered is not None:
            return replace(execution, status=status_of(end.answered, err), exit_code=end.answered), True
        exit_code, out_of_memory = container.exit_code()
        status = "memory" if out_of_memory else status_of(exit_code, err)
        return replace(execution, status=status, exit_code=exit_code), False

    def _run_once(self, source: str, seconds: float, memory_mb: int) -> Execution:
        container = self.start(memory_mb, seconds)
        try:
            return self.perform(container, source, seconds)[0]
        finally:
            container.remove()


class DockerSession:
    """An interpreter in a container of its own."""

    def __init__(self, sandbox: DockerSandbox, memory_mb: int) -> None:
        self._sandbox = sandbox
        self._memory_mb = memory_mb
        self._container: _Container | None = None

    def run(self, source: str, *, seconds: float) -> Execution:
        """Run *source* where the runs before it left off, for at most *seconds*, on the clock twice that."""
        if self._container is None:
            self._container = self._sandbox.start(self._memory_mb)
        token = secrets.token_hex(16)
        with self._sandbox.gate.shared():
            execution, goes_on = self._sandbox.perform(self._container, source, seconds, token)
        if goes_on:
            return execution
        self.close()
        return replace(execution, stderr=with_restart(execution.stderr))

    def close(self) -> None:
        """End the interpreter."""
        if self._container is not None:
            self._container.remove()
            self._container = None


def open_docker(image: str, run_folder: Path | None = None) -> DockerSandbox:
    """Open this tier.  Raises `SandboxError` if no daemon answers or it lacks the image."""
    image = image or IMAGE
    if shutil.which("docker") is None:
        raise SandboxError("there is no docker command")
    if not _docker("version", "--format", "{{.Server.Version}}"):
        raise SandboxError("no Docker daemon answers; start it, or see whether you may use it: docker info")
    if not _docker("image", "inspect", "--format", "{{.Id}}", image):
        raise SandboxError(f"there is no image {image}; get it: docker pull {image}")
    return DockerSandbox(image, Gate(run_folder))


def _limits(memory_mb: int, seconds: float | None) -> list[str]:
    options = [
        "--interactive",
        "--init",
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        f"--pids-limit={TASKS}",
        f"--memory={memory_mb}m",
        f"--memory-swap={memory_mb}m",
        # Owned by the user: runc replaces a mode by that of the folder that is covered.
        f"--tmpfs={_FOLDER}:rw,exec,uid={_USER},gid={_USER},size={SCRATCH_BYTES},nr_inodes={SCRATCH_FILES}",
        f"--workdir={_FOLDER}",
        f"--user={_USER}:{_USER}",
        f"--ulimit=core={CORE_BYTES}",
        "--pull=never",
    ]
    if seconds is not None:
        most = int(seconds) + 1
        options.append(f"--ulimit=cpu={most}:{most + 1}")  # SIGXCPU, which tells why, before SIGKILL
    fixed = {"HOME": _FOLDER, "TMPDIR": _FOLDER, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "LANG": "C.UTF-8"}
    return [*options, *(f"--env={name}={value}" for name, value in fixed.items())]


def _driver() -> str:
    return Path(program.__file__).read_text("utf-8") + _DRIVER


def _docker(*arguments: str) -> str:
    """Return what a docker command says; nothing if it fails."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
