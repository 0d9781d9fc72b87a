"""Running source code as a fresh interpreter would, in the process that is there for it.

This is the one place where model-written code is executed.  It runs inside the walls, in a process that
has already given everything up; what happens here is never trusted outside.
"""

import ast
import atexit
import gc
import io
import linecache
import os
import random
import signal
import sys
import threading
import traceback
import types
from collections.abc import Callable
from importlib.machinery import SourceFileLoader

NAME = "program.py"  # of the file that tracebacks speak of
_RANDOM = ("numpy.random", "sympy.core.random")  # what was imported ahead would be alike in all programs


def run(source: bytes, folder: str) -> int:
    """Run *source* like ``python program.py`` in *folder*; return the exit status.  Ends no process."""
    path = f"{folder}/{NAME}"
    with open(path, "wb") as file:
        file.write(source)
    main = _begin(path)
    status = _execute(lambda: exec(compile(source, path, "exec", dont_inherit=True), main.__dict__))  # noqa: S102
    return _finish(status, main)


class Notebook:
    """A namespace that stays while snippets run in it, one after the other."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._main = _begin(f"{folder}/{NAME}")
        self._count = 0

    def run(self, source: bytes) -> int:
        """Run a snippet; print the value of its last expression; return 0, or 1 for an exception."""
        self._count += 1
        path = f"<run {self._count}>"
        text = source.decode("utf-8", "replace")
        linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
        status = _execute(lambda: self._run(source, path))
        return 1 if _flush(status) else 0

    def _run(self, source: bytes, path: str) -> None:
        tree = ast.parse(source, path)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, path, "exec", dont_inherit=True), self._main.__dict__)  # noqa: S102
        if last is not None:
            shown = ast.Interactive([last])
            exec(compile(shown, path, "single", dont_inherit=True), self._main.__dict__)  # noqa: S102


def _begin(path: str) -> types.ModuleType:
    """Make everything look as at the start of ``python program.py``."""
    for name, descriptor in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        stream = _stream(descriptor, name)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    gc.enable()
    threading.main_thread()._set_native_id()  # type: ignore[attr-defined]  # noqa: SLF001
    random.seed()
    for name in _RANDOM:
        if name in sys.modules:
            sys.modules[name].seed()
    main = types.ModuleType("__main__")
    main.__dict__.update(
        __file__=path,
        __builtins__=sys.modules["builtins"],
        __loader__=SourceFileLoader("__main__", path),
        __cached__=None,
    )
    sys.modules["__main__"] = main
    sys.argv = [path]
    sys.path.insert(0, os.path.dirname(path))
    return main


def _stream(descriptor: int, name: str) -> io.TextIOWrapper:
    """Open a standard stream as Python does in UTF-8 mode."""
    return open(
        descriptor,
        "r" if name == "stdin" else "w",
        encoding="utf-8",
        errors="backslashreplace" if name == "stderr" else "surrogateescape",
        buffering=1 if name == "stderr" else -1,
        closefd=False,
    )


def _execute(run: Callable[[], object]) -> int:
    """Call *run*; return the exit status that its end means to the interpreter."""
    try:
        run()
    except SystemExit as end:
        return _exit_status(end.code)
    except KeyboardInterrupt as error:
        _show(error)
        return -signal.SIGINT
    except BaseException as error:  # noqa: BLE001  (whatever the code raises is its result)
        _show(error)
        return 1
    return 0


def _exit_status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF if -(1 << 63) <= code < 1 << 63 else 0xFF
    try:
        print(code, file=sys.stderr)  # noqa: T201
    except BaseException:  # noqa: BLE001  (the value is the program's)
        return 1
    return 1


def _show(error: BaseException) -> None:
    """Print a traceback without the frames of this file."""
    trace = error.__traceback__
    here = _show.__code__.co_filename  # there is no __file__ where this is the text of a command
    while trace is not None and trace.tb_frame.f_code.co_filename == here:
        trace = trace.tb_next
    try:
        if sys.excepthook is sys.__excepthook__:
            traceback.print_exception(type(error), error, trace)
        else:
            sys.excepthook(type(error), error, trace)
    except BaseException:  # noqa: BLE001  (the exception and the hook are the program's)
        return


def _finish(status: int, main: types.ModuleType) -> int:
    """Do what the interpreter does at its end."""
    for step in (threading._shutdown, atexit._run_exitfuncs):  # type: ignore[attr-defined]  # noqa: SLF001
        _execute(step)
    status = _flush(status)
    _execute(lambda: _take_down(main))
    return _flush(status)


def _take_down(main: types.ModuleType) -> None:
    """Let go of the module's objects as the interpreter does, so that they are finalized."""
    names = [name for name in main.__dict__ if name != "__builtins__"]
    for name in sorted(names, key=lambda name: not (name.startswith("_") and not name.startswith("__"))):
        main.__dict__[name] = None
    gc.collect()


def _flush(status: int) -> int:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # noqa: BLE001  (the program may have put anything there)
            status = status or 120  # as the interpreter does
    return status
