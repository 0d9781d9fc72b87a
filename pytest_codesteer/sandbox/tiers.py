"""The tiers by name, and the choice among them.  A tier is imported when it is opened."""

from pathlib import Path
from typing import Literal

from pytest_codesteer.sandbox.outcome import SandboxError
from pytest_codesteer.sandbox.protocol import Sandbox
from pytest_codesteer.suggest import unknown

TIERS = ("auto", "strict", "namespaces", "landlock", "process", "docker", "none")
_STRONG: tuple[Literal["namespaces", "landlock"], ...] = ("namespaces", "landlock")


def open_tier(name: str, run_folder: Path | None = None) -> Sandbox:
    """Return a sandbox.  Raises `SandboxError`, which says why there is none and what would help.

    ``auto`` takes the strongest of namespaces, landlock and process; ``strict`` refuses the last;
    ``docker:IMAGE`` names an image.  *run_folder*: see `open_sandbox`.
    """
    if name in ("auto", "strict"):
        return _strongest(run_folder, strict=name == "strict")
    kind, _, image = name.partition(":")
    if kind not in TIERS or (image and kind != "docker"):
        raise SandboxError(unknown("sandbox", name, TIERS))
    try:
        match kind:
            case "namespaces" | "landlock":
                return _open_strong(kind, run_folder)
            case "docker":
                return _open_docker(image, run_folder)
            case _:
                return _open_weak(kind, run_folder)
    except SandboxError as error:
        raise SandboxError(f"the sandbox {name} is not to be had here: {error}") from error


def _strongest(run_folder: Path | None, *, strict: bool) -> Sandbox:
    from pytest_codesteer.sandbox.strong import open_strong

    reasons = []
    for tier in _STRONG:
        try:
            return open_strong(tier, strict=strict, run_folder=run_folder)
        except SandboxError as error:
            reasons.append(f"no {tier}: {error}")
    if strict:
        raise SandboxError(
            f"nothing here keeps programs from files, network and processes; {'; '.join(reasons)}"
        )
    return _open_weak("process", run_folder, f" ({'; '.join(reasons)})")


def _open_strong(tier: Literal["namespaces", "landlock"], run_folder: Path | None) -> Sandbox:
    from pytest_codesteer.sandbox.strong import open_strong

    return open_strong(tier, run_folder=run_folder)


def _open_docker(image: str, run_folder: Path | None) -> Sandbox:
    from pytest_codesteer.sandbox.docker import open_docker

    return open_docker(image, run_folder)


def _open_weak(tier: str, run_folder: Path | None, because: str = "") -> Sandbox:
    from pytest_codesteer.sandbox.process import open_none, open_process

    return open_process(because, run_folder) if tier == "process" else open_none(run_folder)
