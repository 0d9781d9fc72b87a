"""Programs that do what model-written code must not be able to do, by kind."""

from tests.hostile import files, forgery, memory, network, output, processes, secrets, time
from tests.hostile.program import Program

KINDS: dict[str, tuple[Program, ...]] = {
    "time": time.PROGRAMS,
    "processes": processes.PROGRAMS,
    "memory": memory.PROGRAMS,
    "files": files.PROGRAMS,
    "output": output.PROGRAMS,
    "secrets": secrets.PROGRAMS,
    "network": network.PROGRAMS,
    "forgery": forgery.PROGRAMS,
}
