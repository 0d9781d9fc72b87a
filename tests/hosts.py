"""More machines, as namespaces of this one, which sshd lets the tests into.

Each has a network and processes of its own, and sees nothing of the tests' temporary folders.  What runs there
ends with the process that started it, however that ends, and a namespace is gone with the last of its processes.
"""

import ctypes
import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.loopback import Loopback

PROGRAMS = ("ip", "nsenter", "setpriv", "sshd", "ssh", "ssh-keygen", "unshare")
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"  # a user's need not lead to sshd
NEW_NETWORK = 0x40000000  # CLONE_NEWNET

SSHD = """\
Port 22
HostKey /run/sshd/host_key
AuthorizedKeysFile /run/sshd/key.pub
StrictModes no
UsePAM no
PidFile none
PermitRootLogin prohibit-password
LogLevel QUIET
"""
SSH = """\
User root
IdentityFile {folder}/key
UserKnownHostsFile {folder}/known_hosts
StrictHostKeyChecking no
BatchMode yes
ConnectTimeout 5
ConnectionAttempts 2
LogLevel ERROR
"""
ALONE = "echo ready; exec sleep infinity"
HOST = """
mount -t tmpfs none /run
mkdir /run/sshd
cp {folder}/host_key {folder}/key.pub {folder}/sshd_config /run/sshd
mkdir /run/shared
mount --bind {shared} /run/shared
mount -t tmpfs none {hidden}
mkdir -p {hidden}/home {shared}
mount --bind /run/shared {shared}
sed 's|^root:.*|root:x:0:0::{hidden}/home:/bin/sh|' /etc/passwd > /run/sshd/passwd
mount --bind /run/sshd/passwd /etc/passwd
echo ready
exec {sshd} -D -e -f /run/sshd/sshd_config
"""


def lacking() -> str:
    """Return why there can be no such machines here; "" if there can."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "needs root, to make network namespaces"
    if missing := [name for name in PROGRAMS if not shutil.which(name, path=PATH)]:
        return f"needs {', '.join(missing)}: apt-get install openssh-server iproute2"
    tried = _run("unshare", "--net", "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "none", "/run")
    return f"no namespaces can be made here: {tried.stderr.strip()}" if tried.returncode else ""


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": PATH}


class Machine:
    """A network namespace, and the process with which it ends."""

    def __init__(self, script: str, *namespaces: str) -> None:
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", *namespaces, "sh", "-ec", script]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment()
        )
        self.network = f"/proc/{self.process.pid}/ns/net"
        assert self.process.stdout is not None
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError(self.process.communicate()[1])

    def inside(self, script: str) -> None:
        """Run a shell script in its network."""
        done = _run("nsenter", f"--net={self.network}", "sh", "-ec", script)
        if done.returncode:
            raise RuntimeError(done.stderr)

    def processes(self) -> int:
        """Count what runs there; the process with which it ends alone is one."""
        parents: dict[int, int] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it has ended meanwhile
                parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        found = {self.process.pid}
        while more := {each for each, parent in parents.items() if parent in found} - found:
            found |= more
        return len(found) - 1

    def end(self) -> None:
        """Let it go down, with all its processes."""
        with self.process:
            self.process.kill()


def _wired(device: str, mine: str, other: str) -> str:
    return f"ip address add {mine}/32 peer {other} dev {device}; ip link set {device} up"


class Machines:
    """A machine to start runs on, and two that can be reached from it alone."""

    def __init__(self, folder: Path, hidden: Path, shared: Path) -> None:
        self.folder = folder  # of keys and settings
        self.shared = shared  # the folder that all of them see, within the hidden one
        self.base = Machine(ALONE)
        self.hosts: list[Machine] = []
        self._servers: list[Loopback] = []
        for name in ("key", "host_key"):
            _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
        (folder / "sshd_config").write_text(SSHD)
        (folder / "ssh_config").write_text(SSH.format(folder=folder))
        self.base.inside("ip link set lo up")
        script = HOST.format(
            folder=folder, hidden=hidden, shared=shared, sshd=shutil.which("sshd", path=PATH)
        )
        for at in (2, 3):
            host = Machine(script, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
            self.hosts.append(host)
            self.base.inside(f"ip link add host{at} type veth peer name wire netns {host.process.pid}")
            self.base.inside(_wired(f"host{at}", "10.9.8.1", f"10.9.8.{at}"))
            host.inside("ip link set lo up;" + _wired("wire", f"10.9.8.{at}", "10.9.8.1"))

    def serve(self, respond: Callable[[dict[str, Any]], Any]) -> Loopback:
        """Start a model server on the machine that runs are started on."""

        def start() -> None:
            with open(self.base.network) as network:
                if ctypes.CDLL(None).setns(network.fileno(), NEW_NETWORK):  # of this thread alone
                    raise RuntimeError("the network namespace cannot be entered")
            self._servers.append(Loopback(respond, "10.9.8.1"))

        thread = threading.Thread(target=start)
        thread.start()
        thread.join()
        return self._servers[-1]

    def __enter__(self) -> "Machines":
        return self

    def __exit__(self, *error: object) -> None:
        for server in self._servers:
            server.close()
        for machine in (*self.hosts, self.base):
            machine.end()
