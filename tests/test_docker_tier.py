"""The container tier, against a stand-in for the docker command that runs what it is told without a container."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from pytest_codesteer.conversation import RunCode
from pytest_codesteer.sandbox import SandboxError, open_sandbox

DOCKER = """#!{python}
import json, os, subprocess, sys
from pathlib import Path

kept = Path({folder!r})
verb, *rest = sys.argv[1:]
with open(kept / "calls", "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
if verb == "version":
    print("1.0")
elif verb == "image":
    sys.exit(0 if rest[-1] != "absent" and not print("sha256:0") else 1)
elif verb == "create":
    name = rest[rest.index("--name") + 1]
    (kept / f"{{name}}.command").write_text(json.dumps(rest[rest.index("python3") + 1 :]))
    print("0" * 64)
elif verb == "start":
    command = json.loads((kept / f"{{rest[-1]}}.command").read_text())
    code = subprocess.run([sys.executable, *command], cwd=kept, check=False).returncode
    (kept / rest[-1]).write_text(str(code if code >= 0 else 128 - code))
elif verb == "inspect":
    state = kept / rest[-1]
    print(state.read_text(), "false", "2030-01-01T00:00:00Z") if state.exists() else sys.exit(1)
elif verb == "rm":
    print(rest[-1])
"""


@pytest.fixture
def docker(tmp_path, monkeypatch):
    command = tmp_path / "bin" / "docker"
    command.parent.mkdir()
    folder = tmp_path / "kept"
    folder.mkdir()
    command.write_text(DOCKER.format(python=sys.executable, folder=str(folder)), "utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    return folder


def run(source, **limits):
    return open_sandbox("docker").run(RunCode(source), **({"seconds": 5, "memory_mb": 256} | limits))


@pytest.mark.parametrize(
    ("source", "status", "exit_code", "stdout"),
    [
        ("print(6 * 7)", "ok", 0, "42\n"),
        ("print(input())", "error", 1, ""),
        ("import sys; sys.exit(3)", "error", 3, ""),
        ("import os; os.kill(os.getpid(), 9)", "killed", -9, ""),
        ("raise MemoryError", "memory", 1, ""),
        ("print('x' * 3_000_000)", "output_limit", None, None),
    ],
)
def test_the_ends_of_containers_are_told_apart(docker, source, status, exit_code, stdout):
    done = run(source)
    assert (done.status, done.exit_code) == (status, exit_code), done.stderr
    assert stdout is None or done.stdout == stdout
    assert done.isolation == "docker python:3-slim, no network"


def test_a_timeout_is_tried_again_as_it_is_not_known_what_others_cost_it(docker):
    assert run("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)").status == "timeout"
    verbs = [json.loads(line)[0] for line in (docker / "calls").read_text("utf-8").splitlines()]
    assert verbs.count("create") == verbs.count("rm") == 2


def test_the_commands_are_these_and_no_others(docker):
    run("print(1)", seconds=2, memory_mb=300)
    version, image, created, started, inspected, removed = map(
        json.loads, (docker / "calls").read_text("utf-8").splitlines()
    )
    name = created[2]
    assert re.fullmatch("codesteer-[0-9a-f]{16}", name)
    assert version == ["version", "--format", "{{.Server.Version}}"]
    assert image == ["image", "inspect", "--format", "{{.Id}}", "python:3-slim"]
    *options, given_image, interpreter, flag, driver = created
    assert (given_image, interpreter, flag) == ("python:3-slim", "python3", "-c")
    compile(driver, "<driver>", "exec")
    assert options == [
        "create",
        "--name",
        name,
        "--interactive",
        "--init",
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--pids-limit=100",
        "--memory=300m",
        "--memory-swap=300m",
        "--tmpfs=/scratch:rw,exec,uid=65534,gid=65534,size=268435456,nr_inodes=20000",
        "--workdir=/scratch",
        "--user=65534:65534",
        "--ulimit=core=1",
        "--pull=never",
        "--ulimit=cpu=3:4",
        "--env=HOME=/scratch",
        "--env=TMPDIR=/scratch",
        "--env=PYTHONHASHSEED=0",
        "--env=PYTHONUTF8=1",
        "--env=LANG=C.UTF-8",
    ]
    assert started == ["start", "--attach", "--interactive", name]
    assert (inspected[0], inspected[-1]) == ("inspect", name)
    assert removed == ["rm", "--force", "--volumes", name]


def test_every_container_is_removed(docker):
    run("print(1)")
    calls = (docker / "calls").read_text("utf-8").splitlines()
    assert (
        sum(line.startswith('["create"') for line in calls)
        == sum(line.startswith('["rm"') for line in calls)
        == 1
    )


def test_a_session_keeps_its_state_in_one_container(docker):
    session = open_sandbox("docker:other").session(memory_mb=256)
    assert session.run("x = 20", seconds=5).stdout == ""
    assert session.run("print('a')\nx + 1", seconds=5).stdout == "a\n21\n"
    assert session.run("1/0", seconds=5).status == "error"
    assert "restarted" in session.run("import os; os._exit(4)", seconds=5).stderr
    assert "NameError" in session.run("x", seconds=5).stderr
    session.close()


def test_an_image_that_is_not_there_is_named_with_the_remedy(docker):
    with pytest.raises(SandboxError, match="there is no image absent; get it: docker pull absent"):
        open_sandbox("docker:absent")


def test_without_docker_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="there is no docker command"):
        open_sandbox("docker")


def test_without_a_daemon_it_says_so(docker):
    command = docker.parent / "bin" / "docker"
    command.write_text(
        '#!/bin/sh\necho "Cannot connect to the Docker daemon at unix:///var/run/docker.sock." >&2\nexit 1\n',
        "utf-8",
    )
    with pytest.raises(
        SandboxError, match="no Docker daemon answers; start it, or see whether you may use it"
    ):
        open_sandbox("docker")


def test_a_container_that_cannot_be_made_is_no_result_of_the_program(docker):
    command = docker.parent / "bin" / "docker"
    text = command.read_text("utf-8")
    command.write_text(
        text.replace('elif verb == "create":', 'elif verb == "create":\n    sys.exit(125)'), "utf-8"
    )
    with pytest.raises(SandboxError, match="Docker makes no container of python:3-slim"):
        run("print(1)")


def test_a_container_that_does_not_start_is_no_result_of_the_program(docker):
    Path(docker).chmod(0o755)
    command = docker.parent / "bin" / "docker"
    command.write_text(
        command.read_text("utf-8").replace(
            'elif verb == "start":', 'elif verb == "start":\n    sys.exit(125)'
        ),
        "utf-8",
    )
    with pytest.raises(SandboxError, match="the container did not start"):
        run("print(1)")
