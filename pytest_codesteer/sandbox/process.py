"""The portable tier: a process of its own, in a process group, a scratch directory and resource limits.

It bounds time, memory, output and file size, hides the environment and kills the whole process group at
the end.  It does not stop a program that wants to do harm: it may read the user's files and use the
network.
"""

import os
import resource
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, NoReturn

from pytest_codesteer.conversation import Execution, RunCode, Status

ISOLATION = "process"
OUTPUT_BYTES = 1 << 20  # kept of each stream; a program that prints more is stopped
FILE_BYTES = 64 << 20  # of one file
MARGIN = 1.0  # seconds of wall-clock time beyond twice the processor time


class _Ended(NamedTuple):
    status: Status | None  # set when we stopped it
    streams: tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class ProcessSandbox:
    """Runs each program in a fresh process; safe to use from several threads."""

    isolation: str = ISOLATION

    def run(self, request: RunCode, *, seconds: float, memory_mb: int) -> Execution:
        """Run a program for at most *seconds* of processor time and twice that on the clock."""
        with tempfile.TemporaryDirectory(prefix="codesteer-", ignore_cleanup_errors=True) as scratch:
            program = Path(scratch, "program.py")
            program.write_bytes(request.source.encode("utf-8", "surrogatepass"))
            started = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-I", "-B", "-X", "utf8", str(program)],
                cwd=scratch,
                env=_environment(scratch),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                preexec_fn=lambda: _limit(seconds, memory_mb),  # noqa: PLW1509  (calls setrlimit alone)
            )
            try:
                ended = _watch(process, started + 2 * seconds + MARGIN)
            finally:
                _kill(process)
            out, err = (stream.decode("utf-8", "replace") for stream in ended.streams)
            return Execution(
                status=ended.status or _status(process.returncode, err),
                stdout=out,
                stderr=err,
                exit_code=None if ended.status else process.returncode,
                seconds=time.perf_counter() - started,
                isolation=ISOLATION,
            )

    def session(self, *, memory_mb: int) -> NoReturn:
        """Start an interpreter that keeps its state."""
        raise NotImplementedError

    def close(self) -> None:
        """Nothing was started."""


def _environment(scratch: str) -> dict[str, str]:
    """Return the whole environment of a program: no keys, no proxies, one thread per numeric library."""
    threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": scratch,
        "TMPDIR": scratch,
        "PYTHONHASHSEED": "0",
    } | {f"{library}_NUM_THREADS": "1" for library in threads}


def _limit(seconds: float, memory_mb: int) -> None:
    """Set the limits of the process that is about to become the program; runs between fork and exec."""
    cpu = max(1, int(seconds + 0.999))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # macOS refuses it
        resource.setrlimit(resource.RLIMIT_DATA, (memory_mb << 20, memory_mb << 20))


def _watch(process: "subprocess.Popen[bytes]", deadline: float) -> _Ended:
    """Read what the program prints until it ends, floods, or its time is over."""
    if process.stdout is None or process.stderr is None:
        raise AssertionError("the program has no pipes")
    kept = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for stream in kept:
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            left = deadline - time.perf_counter()
            if left <= 0:
                return _Ended("timeout", (bytes(kept[process.stdout]), bytes(kept[process.stderr])))
            for key, _ in selector.select(min(left, 0.1)):
                stream = process.stdout if key.fileobj is process.stdout else process.stderr
                chunk = stream.read1(1 << 16)  # type: ignore[attr-defined]  # a BufferedReader
                if not chunk:
                    selector.unregister(stream)
                elif len(kept[stream]) + len(chunk) > OUTPUT_BYTES:
                    kept[stream] += chunk[: OUTPUT_BYTES - len(kept[stream])]
                    return _Ended("output_limit", (bytes(kept[process.stdout]), bytes(kept[process.stderr])))
                else:
                    kept[stream] += chunk
            if process.poll() is not None and not selector.select(0):
                break  # a child of the program may hold its pipes for ever
    try:
        process.wait(max(0.0, deadline - time.perf_counter()))
        status: Status | None = None
    except subprocess.TimeoutExpired:
        status = "timeout"
    return _Ended(status, (bytes(kept[process.stdout]), bytes(kept[process.stderr])))


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End the program and whatever it started in its process group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


def _status(exit_code: int, stderr: str) -> Status:
    """Tell from how the program ended what became of it."""
    if exit_code == 0:
        return "ok"
    if exit_code == -signal.SIGXCPU:
        return "timeout"
    last = stderr.rstrip().rpartition("\n")[2]
    if last.startswith("MemoryError"):
        return "memory"
    return "killed" if exit_code < 0 else "error"
