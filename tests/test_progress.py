"""The line of progress, as text, on a terminal, and where there is none."""

import os
import pty
import re
import select
import subprocess
import sys

import pytest

from pytest_codesteer.engine import Account
from pytest_codesteer.plugin.progress import Screen, Standing

ACCOUNT = Account(
    requests=9, prompt_tokens=20_000, completion_tokens=5_400, dollars=0.1234, held={"1": (3, 0.0)}
)


@pytest.mark.parametrize(
    ("standing", "line"),
    [
        (Standing(0, 40, 0.0, Account()), "0/40 cases"),
        (Standing(10, 40, 5.0, Account()), "10/40 cases, 2/s, 0:15 left"),
        (
            Standing(10, 40, 5.0, ACCOUNT),
            "10/40 cases, 3 in flight, 25k tokens, US$ 0.1234, 2/s, 0:15 left",
        ),
        (
            Standing(1, 10_000, 1.0, Account(requests=1, unpriced=1)),
            "1/10000 cases, 0 in flight, 0 tokens, US$ ?, 1/s, 2:46:39 left",
        ),
    ],
)
def test_the_line_says_where_a_run_stands(standing, line):
    assert standing.line() == line


def test_a_plain_line_is_written_each_time_and_none_while_pytest_writes():
    reading, writing = os.pipe()
    screen = Screen(writing, lambda: Standing(1, 2, 1.0, Account()), terminal=False, seconds=0.01)
    line = b"\ncodesteer: 1/2 cases, 1/s, 0:01 left\n"
    assert os.read(reading, len(line)) == line
    assert os.read(reading, len(line)) == line
    with screen.writing:
        while select.select([reading], [], [], 0.05)[0]:
            os.read(reading, 4096)
        assert not select.select([reading], [], [], 0.1)[0]
    screen.close()
    os.close(reading)


MODEL = """
import asyncio
from pytest_codesteer import Reply
from pytest_codesteer.models import Oracle
import pytest_codesteer.plugin.progress
pytest_codesteer.plugin.progress.TERMINAL_SECONDS = pytest_codesteer.plugin.progress.PLAIN_SECONDS = 0.02
class Model:
    name = "oracle"
    async def reply(self, request):
        await asyncio.sleep(0.1)
        return Reply("<<<1>>>")
Oracle.knowing = lambda self, *known: Model()
"""
COMMAND = [sys.executable, "-m", "pytest", "--codesteer-model=oracle", "--codesteer-method=all_text"]
COMMAND += ["--codesteer-concurrency=1", "-p", "no:cacheprovider"]


def on_a_terminal(project, *options, **environment):
    """Run pytest on a terminal; return what it wrote."""
    leader, follower = pty.openpty()
    settings = {**os.environ, "TERM": "xterm", **environment}
    process = subprocess.Popen(
        [*COMMAND, *options], cwd=project.path, stdout=follower, stderr=follower, env=settings
    )
    os.close(follower)
    written = b""
    while True:
        try:
            more = os.read(leader, 65536)
        except OSError:  # the other end is closed
            break
        if not more:
            break
        written += more
    process.wait()
    os.close(leader)
    return written.decode()


def test_on_a_terminal_it_is_redrawn_below_pytests_own_line(project):
    project.makeconftest(MODEL)
    written = on_a_terminal(project)
    assert re.search(r"\x1b7\r+\n\d/4 cases, [^\n]*\x1b\[K\x1b8", written)
    assert written.rindex("\x1b[J\x1b8") > written.rindex("cases, ")  # the last thing it did was to go
    shown = re.sub(r"\x1bD\x1b\[A\x1b7\r+\n[^\x1b]*\x1b\[[KJ]\x1b8", "", written)
    assert re.search(r"task\.toml (\x1b\[\d+m|[.wu])+", shown.replace("\x1b[0m", ""))
    assert "cases, " not in shown


def test_it_is_silent_where_pytest_is_to_be_quiet(project):
    project.makeconftest(MODEL)
    assert "cases, " not in on_a_terminal(project, "-q")


def test_in_ci_it_is_a_plain_line(project):
    project.makeconftest(MODEL)
    written = on_a_terminal(project, CI="true")
    assert re.search(r"\ncodesteer: \d/4 cases", written)
    assert "\x1b7" not in written
