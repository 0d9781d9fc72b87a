import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.batches import BatchServer
from tests.loopback import Loopback


@pytest.fixture
def loopback() -> Iterator[Callable[[Callable[[dict[str, Any]], Any]], Loopback]]:
    """Start servers; they end with the test."""
    servers: list[Loopback] = []

    def start(respond: Callable[[dict[str, Any]], Any]) -> Loopback:
        servers.append(Loopback(respond))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def batches() -> Iterator[Callable[[Callable[[dict[str, Any]], Any]], BatchServer]]:
    """Start servers that take batches; they end with the test."""
    servers: list[BatchServer] = []

    def start(respond: Callable[[dict[str, Any]], Any], **how: Any) -> BatchServer:
        servers.append(BatchServer(respond, **how))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A user's repository with one task."""
    from tests.test_plugin import write_task

    write_task(pytester.path / "task_specs" / "sum")
    return pytester


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test of this process reach beyond this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise AssertionError(f"a test tried to reach {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test see a real key, or talk through a proxy."""
    for name in list(os.environ):
        if (
            name.endswith("_API_KEY")
            or name.lower().endswith("_proxy")
            or name in ("CI", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY")
        ):
            monkeypatch.delenv(name)
