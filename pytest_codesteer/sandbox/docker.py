"""The tier of those who trust a container more, or have nothing else."""

from pytest_codesteer.sandbox.outcome import SandboxError
from pytest_codesteer.sandbox.protocol import Sandbox


def open_docker(image: str) -> Sandbox:
    """Open it."""
    raise SandboxError(image)
