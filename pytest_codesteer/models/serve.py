"""The embedded server, as a process: ``python -m pytest_codesteer.models.serve WEIGHTS LABEL AT_ONCE``.

It prints the address it listens on, a free port on loopback, and lives until its standard input ends,
which happens whenever the process that started it does, also when that was killed.
"""

import os
import signal
import sys

CONTEXT = 4096  # tokens of one chat


def main(weights: str, label: str, at_once: int) -> None:
    """Serve until standard input ends."""
    import xllamacpp

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which then closes our input
    parameters = xllamacpp.CommonParams()
    parameters.model.path = weights
    parameters.model_alias = {label}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_parallel = at_once
    parameters.n_ctx = CONTEXT * at_once
    parameters.ui = False
    parameters.endpoint_slots = False
    server = xllamacpp.Server(parameters)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()
    os._exit(0)  # the server's threads may be in the middle of a reply


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
