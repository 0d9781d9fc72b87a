"""An honest program and what it prints."""

from dataclasses import dataclass
from textwrap import dedent

from pytest_codesteer.conversation import Status


@dataclass(frozen=True, slots=True)
class Honest:
    """A program and exactly what it prints."""

    name: str
    source: str
    stdout: str
    status: Status = "ok"
    exit_code: int | None = 0
    needs: str = ""  # a package that may not be installed
    not_in: tuple[str, ...] = ()  # tiers that do not offer this, as their documentation says


def honest(
    name: str,
    source: str,
    stdout: str,
    *,
    status: Status = "ok",
    exit_code: int | None = 0,
    needs: str = "",
    not_in: tuple[str, ...] = (),
) -> Honest:
    return Honest(name, dedent(source).lstrip("\n"), stdout, status, exit_code, needs, not_in)
