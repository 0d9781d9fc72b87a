"""The portable tier: an interpreter of its own for each program, in a process group, with resource limits.

It bounds processor time, file size, output and, on Linux, memory; it hides the environment and kills the
whole process group at the end.  It does not stop a program that wants to do harm: such a program may read
the user's files, use the network, send signals, and leave processes behind in a session of their own.
"""

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from pytest_codesteer.conversation import Execution, RunCode
from pytest_codesteer.jail.assignment import Task, new_token
from pytest_codesteer.sandbox.gate import Gate, Timeout
from pytest_codesteer.sandbox.interpreter import Ended, Interpreter, start_interpreter
from pytest_codesteer.sandbox.outcome import status_of, with_restart
from pytest_codesteer.sandbox.scratch import ScratchFolder, open_scratch

_FILE_BYTES = 64 << 20  # of one file
_SLACK = 1  # seconds of RLIMIT_CPU, which knows whole seconds only


@dataclass(frozen=True, slots=True)
class ProcessSandbox:
    """Runs each program in a fresh process."""

    isolation: str
    tier: Literal["process", "none"] = "process"
    scratch: ScratchFolder = field(default_factory=open_scratch)
    gate: Gate = field(default_factory=Gate)

    def run(self, request: RunCode, *, seconds: float, memory_mb: int) -> Execution:
        """Run a program for at most *seconds* of processor time; see `Gate.run`."""
        task = Task()
        if self.tier == "process":
            task = replace(_limits(memory_mb), processor_seconds=int(seconds) + _SLACK)
        ended = self.gate.run(
            lambda: self._perform(task, request.source, seconds), lambda ended: self._timeout(ended, seconds)
        )
        return self.execution(ended)

    def session(self, *, memory_mb: int) -> "ProcessSession":
        """Start an interpreter that keeps its state."""
        return ProcessSession(self, _limits(memory_mb) if self.tier == "process" else Task())

    def close(self) -> None:
        """Remove what programs left."""
        self.gate.close()
        self.scratch.close()

    def execution(self, ended: Ended) -> Execution:
        """Say what became of a program."""
        return Execution(
            ended.stopped or status_of(ended.exit_code or 0, ended.stderr),
            ended.stdout,
            ended.stderr,
            exit_code=ended.exit_code,
            seconds=ended.seconds,
            isolation=self.isolation,
        )

    def _timeout(self, ended: Ended, seconds: float) -> Timeout | None:
        if self.execution(ended).status != "timeout":
            return None
        return Timeout(seconds, ended.computed, ended.waited)

    def _perform(self, task: Task, source: str, seconds: float) -> Ended:
        interpreter = start_interpreter(self.scratch)
        try:
            return interpreter.run(task, source, seconds)
        finally:
            interpreter.close()


class ProcessSession:
    """An interpreter that is stopped between runs."""

    def __init__(self, sandbox: ProcessSandbox, task: Task) -> None:
        self._sandbox = sandbox
        self._task = task
        self._interpreter: Interpreter | None = None

    def run(self, source: str, *, seconds: float) -> Execution:
        """Run *source* where the runs before it left off, for at most *seconds* of processor time."""
        if self._interpreter is None:
            self._interpreter = start_interpreter(self._sandbox.scratch)
        with self._sandbox.gate.shared():
            ended = self._interpreter.run(replace(self._task, token=new_token()), source, seconds)
        execution = self._sandbox.execution(ended)
        if ended.stays:
            return execution
        self.close()
        return replace(execution, stderr=with_restart(execution.stderr))

    def close(self) -> None:
        """End the interpreter."""
        if self._interpreter is not None:
            self._interpreter.close()
            self._interpreter = None


def _limits(memory_mb: int) -> Task:
    """Return what the system is asked to hold each process to; macOS has no limit on memory that holds."""
    return Task(data=memory_mb << 20 if sys.platform == "linux" else 0, file=_FILE_BYTES)


def open_process(because: str = "", run_folder: Path | None = None) -> ProcessSandbox:
    """Open the portable tier.  *because*: why it is no stronger one."""
    isolation = f"process limits only: files and network are open to programs{because}"
    return ProcessSandbox(isolation, gate=Gate(run_folder))


def open_none(run_folder: Path | None = None) -> ProcessSandbox:
    """Open the tier that does nothing but stop a program that takes too long or prints too much."""
    isolation = "none: programs run as you, without limits but of time and output"
    return ProcessSandbox(isolation, "none", gate=Gate(run_folder))
