"""What model-written programs must not be able to do, tried for real on every tier that this machine offers.

All programs go against the strongest tier; the other tiers and users get every eighth.  With
CODESTEER_SIEGE=all each gets all of them.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_codesteer.sandbox import SandboxError, open_sandbox
from tests.hostile import KINDS, matrix
from tests.hostile.matrix import NAMES, USER, Column
from tests.hostile.siege import THE_TIER, besiege

PAGE = Path(__file__).parents[1] / "docs" / "sandbox.md"
OPTIONS = ("--jobs", "6", "--seconds", "0.3", "--memory", "160")
STRONG = ("namespaces", "landlock")
PLACES = {
    "as this user": (),
    "as an ordinary user": ("--user", str(USER)),
    "as root in a container": ("--container",),
    "as an ordinary user in a container": ("--container", "--user", str(USER)),
}


def offered(tier):
    try:
        open_sandbox(tier).close()
    except SandboxError as error:
        return str(error)
    return ""


@pytest.fixture(scope="module")
def missing():
    """Why there is no such tier here, for those that there are not."""
    return {tier: reason for tier in STRONG if (reason := offered(tier))}


def attacked(tier, place, missing):
    everything = os.environ.get("CODESTEER_SIEGE") == "all"
    strongest = place == "as this user" and tier == next(
        (each for each in STRONG if each not in missing), None
    )
    only = () if everything or strongest else ("--only", *NAMES[::8])
    findings = besiege(*OPTIONS, "--tier", tier, *only, place=PLACES[place])
    retried = matrix.again(Column(place, tier, PLACES[place]), findings)
    return [retried.get(finding.name, finding) for finding in findings]


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
@pytest.mark.parametrize(
    ("tier", "place"),
    [
        *((tier, place) for tier in STRONG for place in ("as this user", "as an ordinary user")),
        ("landlock", "as root in a container"),
        ("landlock", "as an ordinary user in a container"),
    ],
)
def test_a_tier_with_isolation_withstands_every_program(tier, place, missing):
    if PLACES[place] and os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    if tier in missing:
        pytest.skip(missing[tier])
    findings = attacked(tier, place, missing)
    if PLACES[place] and "is not to be had here" in str(findings[0].faults):
        pytest.skip(f"{tier} is not to be had {place}")
    assert findings[0].name == THE_TIER
    assert [(each.name, each.status, each.faults) for each in findings if each.faults] == []
    assert len(findings) > len(NAMES) // 8


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_the_filter_does_what_landlock_did_not_yet_do_in_older_kernels(missing):
    """For a program of the same user as the harness, and the first version of Landlock."""
    if "landlock" in missing:
        pytest.skip(missing["landlock"])
    only = ("signals_of_a_file", "truncate_outside", "change_modes_and_times_outside", "tcp", "udp")
    options = ("--tier", "landlock", "--landlock", "1", "--only", *only)
    findings = besiege(*OPTIONS, *options, place=PLACES["as an ordinary user"])
    assert [(each.name, each.status, each.faults) for each in findings if each.faults] == []
    assert {each.name for each in findings} > set(only)


def test_the_suite_is_large_and_names_every_program_once():
    assert len(NAMES) >= 60
    assert len(set(NAMES)) == len(NAMES)


def test_every_program_is_legal_text_with_conditions():
    for program in (program for programs in KINDS.values() for program in programs):
        assert program.statuses
        assert not program.source.startswith((" ", "\t"))


def test_a_program_that_succeeds_is_found_out(tmp_path):
    """Without isolation, programs that read what they should not are noticed: the conditions can fail."""
    findings = besiege(
        *OPTIONS, "--tier", "none", "--only", "answer_key", "environment", "tcp", "exit_at_once"
    )
    faulty = {each.name for each in findings if each.faults}
    assert {"answer_key", "tcp"} <= faulty
    assert "exit_at_once" not in faulty


def rows():
    text = PAGE.read_text("utf-8").partition(matrix.BEGIN)[2].partition(matrix.END)[0]
    if "|" not in text:
        pytest.skip("docs/sandbox.md has no table yet: python -m tests.hostile.matrix docs/sandbox.md")
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return lines[0], lines[2:]


def test_the_documented_table_is_about_these_programs():
    header, cells = rows()
    assert header[1:] == [column.title for column in matrix.COLUMNS]
    assert [row[0].partition(": ")[2] for row in cells] == NAMES


def test_every_documented_cell_of_the_strong_tiers_holds():
    header, cells = rows()
    for row in cells:
        assert row[1:-1] == [matrix.HOLDS] * (len(header) - 2), row[0]


def test_what_the_portable_tier_does_not_stop_is_listed_by_name():
    _, cells = rows()
    listed = re.search(r"^What the portable tier does not stop: (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    names = [row[0].partition(": ")[2] for row in cells if row[-1] != matrix.HOLDS]
    assert names
    assert re.findall(r"`(\w+)`", listed[1]) == names


def test_the_attacked_harness_runs_by_its_documented_command(tmp_path):
    command = [
        sys.executable,
        "-m",
        "tests.hostile",
        str(tmp_path / "world"),
        "--tier",
        "none",
        "--only",
        "no_builtins",
    ]
    environment = dict(os.environ) | {"CODESTEER_HOSTILE_CANARY": "CANARY-0"}
    home = tmp_path / "world" / "home"
    done = subprocess.run(
        command,
        cwd=Path(__file__).parents[1],
        env=environment | {"HOME": str(home), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert '"name": "no_builtins"' in done.stdout
