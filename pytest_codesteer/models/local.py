"""Running an embedded model: starting its server, waiting until it is healthy, and ending it."""

import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from pytest_codesteer.models.providers import ModelError, ModelName
from pytest_codesteer.models.weights import find_weights

START_SECONDS = 120.0  # loading a model of some GB from a cold disk


class LocalServer:
    """An embedded server.  It ends with `close`, and with this process, however that ends."""

    def __init__(self, process: "subprocess.Popen[str]", address: str, log: IO[bytes]) -> None:
        self.address = address  # of the API, e.g. "http://127.0.0.1:40001/v1"
        self._process = process
        self._log = log

    def close(self) -> None:
        """End the server and wait for it."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._log.close()


def start(name: ModelName, at_once: int, tell: Callable[[str], None] = lambda _: None) -> LocalServer:
    """Start the server of a local model and wait until it answers.  Raises `ModelError`."""
    if find_spec("xllamacpp") is None:
        raise ModelError(
            f"model {name.given!r} needs the embedded server: pip install 'pytest-codesteer[local]'",
            final=True,
        )
    weights = find_weights(name.model, tell)
    log = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the server)
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest_codesteer.models.serve", weights, name.label, str(at_once)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        cwd=Path(__file__).parents[2],  # so that the package is found when it is not installed
    )
    server = LocalServer(process, "", log)
    try:
        server.address = f"{_address(process, name, weights, log)}/v1"
        _wait_until_healthy(server.address, name)
    except BaseException:
        server.close()
        raise
    return server


def _address(process: "subprocess.Popen[str]", name: ModelName, weights: Path, log: IO[bytes]) -> str:
    """Return the address that the server prints when its model is loaded."""
    line = process.stdout.readline().strip() if process.stdout else ""
    if not line:
        process.wait()
        log.seek(0)
        said = [text for text in log.read().decode("utf-8", "replace").splitlines() if text.strip()]
        reason = next(
            (text for text in reversed(said) if "error" in text.lower()),
            (said or ["no reason given"])[-1],
        )
        hint = f"is {weights} a GGUF file of a chat model?"
        raise ModelError(
            f"model {name.given!r}: the embedded server did not start: {reason[-200:]}; {hint}",
            final=True,
        )
    return line


def _wait_until_healthy(address: str, name: ModelName) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback is not for a proxy
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with direct.open(address.removesuffix("/v1") + "/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.05)
    raise ModelError(
        f"model {name.given!r}: the embedded server is not healthy after {START_SECONDS:g} s",
        final=True,
    )
