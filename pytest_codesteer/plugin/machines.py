"""Which machine a process of a run is on: xdist starts workers on this one, or on others."""

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from execnet import XSpec

NEIGHBOURS = "codesteer_neighbours"  # under this key xdist brings how many workers a worker's machine has
TASKS = "codesteer_tasks"  # and, to one on another machine, the digests of the run's tasks


def machine_of(spec: "XSpec") -> str:
    """Return which machine a worker is on; "" for the one on which the run was started."""
    return str(spec.via or spec.ssh or spec.vagrant_ssh or spec.socket or "")


def is_elsewhere(config: pytest.Config) -> bool:
    """Whether this process is a worker on another machine than its run."""
    return TASKS in getattr(config, "workerinput", {})


def own_cache() -> Path:
    """Return where a worker on another machine keeps replies.

    Not in its copy of the project, which each run replaces, and not in a file that two machines might share:
    SQLite cannot keep one whole.
    """
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "codesteer"
    return folder / f"replies-{platform.node()}.sqlite"


def machines_of(config: pytest.Config) -> list[str]:
    """Return the machine of each worker; [] where there are none."""
    if config.getoption("dist", "no") == "no":
        return []
    from execnet import XSpec
    from xdist.workermanage import parse_tx_spec_config

    return [machine_of(XSpec(spec)) for spec in parse_tx_spec_config(config)]
