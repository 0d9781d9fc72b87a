"""A program that tries to get out of the sandbox in the three ways that matter most."""

import os
import socket
import tempfile
from typing import Literal

from pytest_codesteer.conversation import RunCode
from pytest_codesteer.sandbox.jailed import JailedSandbox
from pytest_codesteer.sandbox.outcome import SandboxError

Outside = Literal["files", "the network", "processes"]

_SECONDS, _MEMORY_MB = 10.0, 256
_WORDS: dict[str, Outside] = {"files": "files", "network": "the network", "processes": "processes"}
_OWN_NAMESPACE = 100  # process numbers below may be those of processes inside as well

_PROGRAM = """
import os, socket
def attempt(word, action):
    try:
        action()
    except OSError:
        return
    print(word)
attempt("files", lambda: open({path!r}).close())
attempt("network", lambda: socket.create_connection(("127.0.0.1", {port}), timeout=1).close())
attempt("processes", lambda: os.kill({process}, 0))
print("done")
"""


def reached(sandbox: JailedSandbox) -> list[Outside]:
    """Return what a program could reach outside.  Raises `SandboxError` if it cannot be run."""
    with tempfile.NamedTemporaryFile() as canary, socket.create_server(("127.0.0.1", 0)) as listener:
        process = os.getpid() if os.getpid() > _OWN_NAMESPACE else 1 << 22
        source = _PROGRAM.format(path=canary.name, port=listener.getsockname()[1], process=process)
        execution = sandbox.run(RunCode(source), seconds=_SECONDS, memory_mb=_MEMORY_MB)
    *found, last = execution.stdout.split() or [""]
    if execution.status != "ok" or last != "done":
        raise SandboxError(
            f"a trial program ended with {execution.status}: {execution.stderr.strip()[-200:]}"
        )
    return [_WORDS[word] for word in found]
