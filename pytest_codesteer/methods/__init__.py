"""Steering methods, found by name: module ``methods/<name>.py`` defines the function ``<name>``.

A method takes the question and the prompt templates and is a generator of requests (see `conversation`).
A user's own method is named ``module:function``.
"""

import inspect
import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TypeAlias

from pytest_codesteer.conversation import Steps
from pytest_codesteer.feedback.refinement import refined
from pytest_codesteer.prompts import Prompts
from pytest_codesteer.suggest import unknown

#: The methods of one call, whose reply can be refined in further turns (arXiv:2410.03524, methods 1 to 6).
REFINABLE = frozenset(
    {"only_question", "all_text", "all_code", "all_code_cot", "autogen_concat", "autogen_system"}
)

Method: TypeAlias = Callable[[str, Prompts], Steps[str]]


class MethodError(Exception):
    """A method cannot be used.  One line that names it and says what to do."""


@cache
def method_names() -> tuple[str, ...]:
    """Return the names of the methods that come with the package, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def find_method(name: str) -> Method:
    """Return the method called *name*.  Raises `MethodError`."""
    if ":" in name:
        return _own(name)
    if name not in method_names():
        raise MethodError(f"{unknown('method', name, method_names())} Your own is named module:function.")
    method: Method = getattr(import_module(f"{__name__}.{name}"), name)
    return method


def in_turns(method: Method, turns: int) -> Method:
    """Return the method that lets the model refine its reply in at most *turns* turns, its first included."""
    if turns == 1:
        return method
    return lambda question, prompts: refined(method(question, prompts), prompts, turns)


def _own(name: str) -> Method:
    """Return a user's method; one that takes the question alone needs no templates."""
    module_name, _, function_name = name.partition(":")
    if not module_name or not function_name:
        raise MethodError(f"method {name!r}: name it module:function")
    try:
        module = import_module(module_name)
    except ImportError as error:
        raise MethodError(f"method {name!r}: cannot import {module_name}: {error}") from error
    except Exception as error:  # the user's module may do anything when it is imported
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        raise MethodError(f"method {name!r}: cannot import {module_name}: {said}") from error
    function = getattr(module, function_name, None)
    if function is None:
        raise MethodError(f"method {name!r}: {module_name} has no {function_name}")
    if not inspect.isgeneratorfunction(function):
        raise MethodError(
            f"method {name!r}: {function_name} is not a generator function (it yields no request)"
        )
    takes = len(inspect.signature(function).parameters)
    if takes not in (1, 2):
        raise MethodError(
            f"method {name!r}: {function_name} takes {takes} arguments, not (question, prompts)"
        )
    if takes == 2:
        own: Method = function
        return own
    return lambda question, prompts: function(question)  # noqa: ARG005  (called by position)
