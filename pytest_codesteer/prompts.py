"""Templates: of a method's prompts and of a task's question.

A name that a template uses and does not get is an error, never an empty string.  A template cannot run
Python, and one that does not end is stopped: `range` hands out a bounded number of steps per rendering.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import jinja2
import jinja2.meta
import jinja2.sandbox

from pytest_codesteer.suggest import unknown

MOST_STEPS = 100_000  # of all `range` loops of one rendering together
MOST_CHARS = 1_000_000  # of a rendered text


class TemplateFault(Exception):
    """A template cannot be read or rendered.  The message starts with its file, and line if known."""


def bundled(folder: str) -> Path:
    """Return a data folder, ``prompts`` or ``task_specs``: inside the wheel, or beside the package."""
    installed = Path(__file__).with_name("_data") / folder
    return installed if installed.is_dir() else Path(__file__).parents[1] / folder


@dataclass(frozen=True, slots=True)
class Template:
    """A template, compiled; *name* is what error messages call it."""

    name: str
    _template: jinja2.Template = field(repr=False)
    names: frozenset[str]  # the variables it needs
    included: tuple[Path, ...] = ()  # the files that it may include, however deep, sorted

    def render(self, values: Mapping[str, object]) -> str:
        """Return the text.  Raises `TemplateFault`."""
        text, size = [], 0
        try:
            for chunk in self._template.generate({**values, "range": _Steps().range}):
                text.append(chunk)
                size += len(chunk)
                if size > MOST_CHARS:
                    raise TemplateFault(f"{self.name}: renders to more than {MOST_CHARS:,} characters")
        except jinja2.TemplateNotFound as error:
            raise TemplateFault(f"{self.name}: {_not_found(error)}") from error
        except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise TemplateFault(f"{self.name}: {error or type(error).__name__}") from error
        except RecursionError as error:
            raise TemplateFault(f"{self.name}: the template includes itself without end") from error
        return "".join(text)


def template_from(path: Path) -> Template:
    """Compile a template file; its includes are relative to its folder.  Raises `TemplateFault`."""
    try:
        source = path.read_text("utf-8")
    except OSError as error:
        raise TemplateFault(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TemplateFault(f"{path}: not UTF-8 (byte {error.start})") from error
    return template_of(source, name=str(path), folder=path.parent)


def template_of(source: str, *, name: str, folder: Path) -> Template:
    """Compile a template given as text.  Raises `TemplateFault`."""
    environment = _environment(folder)
    try:
        tree = environment.parse(source)
        names = jinja2.meta.find_undeclared_variables(tree) - {"range"}
        return Template(name, environment.from_string(source), frozenset(names), _included(tree, folder))
    except jinja2.TemplateSyntaxError as error:
        raise TemplateFault(f"{error.filename or name}:{error.lineno}: {error.message}") from error


def _included(tree: jinja2.nodes.Template, folder: Path) -> tuple[Path, ...]:
    """Return the files that a template may include: where a name is made up at run time, any ``.j2`` file.

    Raises `jinja2.TemplateSyntaxError` with the file.
    """
    found: set[Path] = set()
    trees = [tree]
    while trees:
        for name in jinja2.meta.find_referenced_templates(trees.pop()):
            if name is None:
                found.update(path for path in folder.rglob("*.j2") if path.is_file())
                continue
            path = folder.joinpath(*name.split("/"))  # as Jinja does: a slash in front means nothing
            if path not in found and _is_inside(name) and path.is_file():
                found.add(path)
                text = path.read_text("utf-8", "replace")  # what is no UTF-8 shows when it is rendered
                trees.append(_environment(folder).parse(text, filename=str(path)))
    return tuple(sorted(found))


def _is_inside(name: str) -> bool:
    """Whether Jinja looks for this template at all: it knows no way up."""
    return ".." not in name.split("/")


def _not_found(error: jinja2.TemplateNotFound) -> str:
    if isinstance(error.name, str) and not _is_inside(error.name):
        return f"{error.name!r} lies outside the folder of the template: put the file there"
    return str(error)


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompt templates of the methods.  Those in *folders* come before the bundled ones."""

    folders: tuple[Path, ...] = ()

    def render(self, name: str, /, **values: object) -> str:
        """Render ``<name>.j2``, without blanks around it.  Raises `TemplateFault`."""
        folders = (*self.folders, bundled("prompts"))
        own = (path for folder in folders if (path := folder / f"{name}.j2").is_file())
        return _cached(next(own, folders[-1] / f"{name}.j2")).render(values).strip()

    def check(self) -> None:
        """Refuse templates that could not be rendered.  Raises `TemplateFault`.

        One that stands before a bundled template is given what that one uses, and some the question besides.
        """
        for path in (path for folder in self.folders for path in sorted(folder.glob("*.j2"))):
            template, original = _cached(path), bundled("prompts") / path.name
            if original.is_file():
                given = _cached(original).names | {"question"}
                for name in sorted(template.names - given):
                    raise TemplateFault(f"{path}: {unknown('variable', name, given)}")


_cached = cache(template_from)


@cache
def _environment(folder: Path) -> jinja2.Environment:
    return jinja2.sandbox.SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # the texts go to a model, not to a browser
    )


class _Steps:
    """The `range` of one rendering, which counts what it has handed out."""

    def __init__(self) -> None:
        self.left = MOST_STEPS

    def range(self, *bounds: int) -> range:
        """Return the range, or raise when this rendering has used up its steps."""
        steps = range(*bounds)
        self.left -= len(steps)
        if self.left < 0:
            raise OverflowError(f"loops over more than {MOST_STEPS:,} steps")
        return steps
