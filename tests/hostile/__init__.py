"""Programs that do what model-written code must not be able to do, by kind."""

from tests.hostile import (
    files,
    forgery,
    hiding,
    kernel,
    lasting,
    memory,
    network,
    output,
    processes,
    secrets,
    source,
    time,
)
from tests.hostile.program import Program

KINDS: dict[str, tuple[Program, ...]] = {
    "time": time.PROGRAMS,
    "processes": processes.PROGRAMS,
    "kernel": kernel.PROGRAMS,
    "memory": memory.PROGRAMS,
    "hiding": hiding.PROGRAMS,
    "files": files.PROGRAMS,
    "output": output.PROGRAMS,
    "secrets": secrets.PROGRAMS,
    "network": network.PROGRAMS,
    "forgery": forgery.PROGRAMS,
    "source": source.PROGRAMS,
    "lasting": lasting.PROGRAMS,
}
