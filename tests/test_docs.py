"""What is documented is executed: files are written as shown, commands are run as shown."""

import os
import re
import shlex
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from tests.batches import QUICK
from tests.loopback import completion

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(
    r"(?:`(?P<file>[\w./]+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE
)
INSTALLS = re.compile(r"pip install (?:-e )?\S+ && |pip install (?:-e )?\S+$|export \w+=\S+$")
PAGES = [
    "README.md",
    *sorted(f"docs/{path.relative_to(ROOT / 'docs')}" for path in ROOT.glob("docs/**/*.md")),
]
SMALL = ["-p", "no:cacheprovider", "-p", "no:hypothesispytest"]


def blocks(name):
    return [match.groupdict() for match in BLOCK.finditer((ROOT / name).read_text("utf-8"))]


def commands(name):
    """Return the lines of the page that a user types."""
    return [
        line.removeprefix("$ ")
        for block in blocks(name)
        if block["kind"] == "console"
        for line in block["text"].splitlines()
        if line.startswith("$ ")
    ]


def runnable(name):
    """Return the commands that a page adds to what the README shows."""
    shown = commands("README.md") if name != "README.md" else []
    kept = [INSTALLS.sub("", line) for line in commands(name)]
    kept = [line for line in kept if line not in [INSTALLS.sub("", other) for other in shown]]
    return [shlex.split(line) for line in kept if line and line != "pytest"]


def as_run_here(words, server):
    """Return the command for this machine: no network but loopback, and a sample of a long run."""
    program, *words = words
    if program == "python":
        return [sys.executable, *words]
    assert program in ("pytest", "codesteer"), program
    if program == "codesteer":
        return [str(Path(sys.executable).with_name("codesteer")), *words]
    models = [word.partition("=")[2] for word in words if word.startswith("--codesteer-model=")]
    if "local" in models:
        pytest.importorskip("xllamacpp", reason="needs the extra: pip install 'pytest-codesteer[local]'")
        words += ["--codesteer-samples=1", "--codesteer-max-tokens=30"]
    elif "gpt-4o" in models or any("base-url" in word for word in words):
        words = [word for word in words if "base-url" not in word] + [f"--codesteer-base-url={server.url}"]
    if models and not any(word.endswith(".py") or "samples" in word for word in words):
        words.append("--codesteer-samples=2")
    return [sys.executable, "-m", "pytest", *words, *SMALL]


@pytest.mark.parametrize("name", [name for name in PAGES if runnable(name)])
def test_every_command_of_a_page_runs_beside_its_files(name, tmp_path, monkeypatch, loopback, batches):
    """In order, in an empty folder outside the project, with the files that the page shows."""
    for block in blocks(name):
        if block["file"]:
            path = tmp_path / block["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["text"], "utf-8")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    reply = completion("```python\nprint('<<<156>>>')\n```")
    server, batch_server = loopback(lambda body: reply), batches(lambda body: reply)
    for words in runnable(name):
        if "--codesteer-batch" in words:
            (tmp_path / "conftest.py").write_text(QUICK)
        command = as_run_here(words, batch_server if "--codesteer-batch" in words else server)
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-2000:]}{done.stderr[-1000:]}"


@pytest.fixture(scope="module")
def make_reference():
    spec = spec_from_file_location("make_reference", ROOT / "docs" / "make_reference.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_up_to_date(make_reference):
    remedy = "run python docs/make_reference.py"
    assert (make_reference.FOLDER / "record.md").read_text("utf-8") == make_reference.record(), remedy
    script = [sys.executable, "-c", "import sys, make_reference; sys.stdout.write(make_reference.options())"]
    done = subprocess.run(script, cwd=ROOT / "docs", capture_output=True, text=True, check=True)
    assert (make_reference.FOLDER / "options.md").read_text("utf-8") == done.stdout, remedy


@pytest.mark.parametrize("name", [*PAGES, "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"])
def test_links_lead_to_files(name):
    path = ROOT / name
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


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
