"""What is documented is executed: files are written as shown, commands are run as shown."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.loopback import completion

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(
    r"(?:`(?P<file>[\w./]+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE
)
INSTALLS = re.compile(r"pip install -e \S+ && |pip install -e \S+$|export \w+=\S+$")


def blocks(name):
    return [match.groupdict() for match in BLOCK.finditer((ROOT / name).read_text("utf-8"))]


def commands(name):
    lines = [
        line for block in blocks(name) if block["kind"] == "console" for line in block["text"].splitlines()
    ]
    return [line.removeprefix("$ ") for line in lines]


@pytest.fixture
def anywhere(tmp_path, monkeypatch):
    """A user's folder outside the project, with the files that the README shows."""
    for block in blocks("README.md"):
        if block["file"]:
            path = tmp_path / block["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["text"], "utf-8")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    return tmp_path


@pytest.mark.parametrize(
    "command", [line for line in commands("README.md") if "pytest" in INSTALLS.sub("", line)]
)
def test_every_command_of_the_readme_runs(anywhere, loopback, command):
    server = loopback(lambda body: completion("```python\nprint('<<<156>>>')\n```"))
    words = shlex.split(INSTALLS.sub("", command))
    assert words[0] == "pytest"
    if words == ["pytest"]:
        pytest.skip("that is this run")
    extra = ["-p", "no:cacheprovider"]
    if "--codesteer-model=gpt-4o" in words:
        extra.append(f"--codesteer-base-url={server.url}")
    if "--codesteer-model=local" in words:
        pytest.importorskip("xllamacpp", reason="needs the extra: pip install 'pytest-codesteer[local]'")
        extra += ["--codesteer-samples=1", "--codesteer-max-tokens=30"]
    if not any(word.endswith(".py") or "capitals" in word for word in words):
        extra.append("--codesteer-samples=1") if extra.count("--codesteer-samples=1") == 0 else None
    done = subprocess.run(
        [sys.executable, "-m", *words, *extra], cwd=anywhere, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-1000:]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"])
def test_links_lead_to_files(name):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / name).read_text("utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_option_that_is_documented_exists():
    shown = subprocess.run(
        [sys.executable, "-m", "pytest", "--help"], capture_output=True, text=True, check=True
    )
    documented = {
        option
        for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
        for option in re.findall(r"--codesteer-[a-z-]+", path.read_text("utf-8"))
    }
    assert sorted(option for option in documented if option not in shown.stdout) == []


def test_the_architecture_names_the_layers_that_are_checked():
    contract = (ROOT / "pyproject.toml").read_text("utf-8").partition("layers = [")[2].partition("]")[0]
    layers = re.findall(r"pytest_codesteer\.(\w+)", contract)
    table = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert [layer for layer in layers if f"`{layer}`" not in table and layer != "suggest"] == []
    assert len(table.splitlines()) <= 45
    assert sorted(layers) == sorted(
        path.stem
        for path in (ROOT / "pytest_codesteer").iterdir()
        if not path.name.startswith(("_", "py.typed"))
    )


def test_ci_runs_the_readmes_test_command():
    [command] = [line for line in commands("README.md") if line.endswith("&& pytest")]
    assert f"\n{command}\n" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
