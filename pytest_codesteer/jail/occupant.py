"""The process that will be the program: forked ahead of time, it gives everything up and waits for one."""

import os
import signal
import socket
from typing import NoReturn

from pytest_codesteer.jail import kernel
from pytest_codesteer.jail.assignment import carry_out
from pytest_codesteer.jail.walls import Walls

_CHANNEL = 3  # the descriptor of the warden's socket


def start(walls: Walls, channel: socket.socket) -> NoReturn:
    """Wait for a program inside the walls, then be it."""
    try:
        os.setsid()
        os.dup2(channel.fileno(), _CHANNEL)
        kernel.close_from(_CHANNEL + 1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(walls.scratch.work)
        walls.enclose()
    except BaseException as error:  # noqa: BLE001  (told to the warden: there is nobody to raise it to)
        os.write(_CHANNEL, f"{type(error).__name__}: {error}".encode())
        os._exit(1)
    carry_out(socket.socket(fileno=_CHANNEL), walls.scratch.work)
