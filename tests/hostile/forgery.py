"""Programs that want to be reported as something they are not, or break what reports them."""

from tests.hostile.program import attack

_VERDICTS = 'b\'{"exit_code": 0, "stopped": null, "stays": true}\', b"0", b"ok\\n", b"\\0" * 64'

PROGRAMS = (
    attack(
        "write_on_every_descriptor",
        f"""
        import os
        for descriptor in range(3, 300):
            for message in ({_VERDICTS}):
                try: os.write(descriptor, message)
                except OSError: pass
        raise ValueError("not ok")
        """,
        "error",
        stdout="",
        exit_code=1,
    ),
    attack(
        "send_on_every_socket",
        f"""
        import gc, socket
        for thing in gc.get_objects():
            if isinstance(thing, socket.socket):
                for message in ({_VERDICTS}):
                    try: thing.send(message)
                    except OSError: pass
        for descriptor in range(300):
            try: socket.socket(fileno=descriptor).send(b'{{"exit_code": 0}}')
            except OSError: pass
        raise ValueError("not ok")
        """,
        "error",
        exit_code=1,
    ),
    attack(
        "call_the_runner",
        """
        import sys
        frame = sys._getframe()
        while frame:
            for name, thing in list(frame.f_globals.items()) + list(frame.f_locals.items()):
                if name in ("send", "answer", "_end", "end", "_finish", "close_all"):
                    for arguments in ((0,), (), ([3, 4, 5],)):
                        try: thing(*arguments)
                        except Exception: pass
            frame = frame.f_back
        raise ValueError("not ok")
        """,
        "error",
        "ok",
    ),
    attack(
        "rewrite_the_runner",
        """
        import sys
        frame = sys._getframe().f_back
        while frame:
            for name in list(frame.f_globals):
                if name.startswith("_") and callable(frame.f_globals[name]): frame.f_globals[name] = lambda *a, **k: 0
            frame = frame.f_back
        raise ValueError("not ok")
        """,
        "error",
        "ok",
        "killed",
    ),
    attack("exit_at_once", "import os\nprint('lost')\nos._exit(0)", "ok", stdout=""),
    attack("exit_with_text", "import sys\nsys.exit('text')", "error", exit_code=1),
    attack("exit_with_a_huge_number", "import sys\nsys.exit(1 << 70)", "error", exit_code=255),
    attack("exit_with_256", "import sys\nsys.exit(256)", "ok", exit_code=0),
    attack(
        "exit_with_an_object",
        "import sys\nclass X:\n    def __str__(self): 1/0\nsys.exit(X())",
        "error",
        exit_code=1,
    ),
    attack("negative_exit", "import os\nos._exit(-9)", "error", exit_code=247),
    attack("abort", "import os\nos.abort()", "killed", exit_code=-6),
    attack("segmentation_fault", "import ctypes\nctypes.string_at(0)", "killed", exit_code=-11),
    attack(
        "stack_overflow",
        "import ctypes\nf = ctypes.CFUNCTYPE(None)(lambda: f())\nimport sys\nsys.setrecursionlimit(10**9)\nf()",
        "killed",
        "error",
        "memory",
    ),
    attack("interrupt_itself", "raise KeyboardInterrupt", "killed", exit_code=-2),
    attack(
        "no_builtins",
        "import builtins\nfor name in list(vars(builtins)): delattr(builtins, name)\nx",
        "error",
    ),
    attack(
        "poisoned_modules",
        "import sys\nfor name in list(sys.modules): sys.modules[name] = None\nraise ValueError",
        "error",
    ),
    attack(
        "poisoned_os",
        "import os\nfor name in dir(os): setattr(os, name, None)\nraise ValueError",
        "error",
        "killed",
    ),
    attack(
        "hostile_hook", "import sys\ndef hook(*_): raise SystemExit(0)\nsys.excepthook = hook\n1/0", "error"
    ),
    attack(
        "trace_function",
        "import sys, threading\nsys.settrace(lambda *_: 1/0)\nthreading.settrace(lambda *_: 1/0)\ndef f(): pass\nf()",
        "error",
    ),
    attack(
        "profile_function",
        "import sys\nsys.setprofile(lambda *_: (_ for _ in ()).throw(SystemExit(0)))\n1/0",
        "error",
        "ok",
    ),
    attack(
        "atexit_raises",
        "import atexit\natexit.register(lambda: 1/0)\nprint('x')",
        "ok",
        "error",
        stdout="x\n",
    ),
    attack(
        "collector_callback",
        "import gc\ngc.callbacks.append(lambda *_: 1/0)\ngc.collect()\nprint('x')",
        "ok",
        stdout="x\n",
    ),
    attack(
        "thread_prints_after_the_end",
        "import threading, time\ndef late():\n    time.sleep(0.2)\n    print('late')\nthreading.Thread(target=late).start()",
        "ok",
        stdout="late\n",
    ),
    attack(
        "changed_locale",
        "import locale, os\nos.environ.clear()\ntry: locale.setlocale(locale.LC_ALL, 'C')\nexcept locale.Error: pass\nprint('\\u00e9')",
        "ok",
        stdout="\u00e9\n",
    ),
    attack("wait_for_input", "input()", "error", exit_code=1),
    attack("nul_in_the_source", "print(1)\x00print(2)", "error"),
    attack("surrogate_in_the_source", "x = '\ud800'", "error"),
    attack("deeply_nested_source", "(" * 100_000 + ")" * 100_000, "error", "memory", "killed"),
    attack("huge_source", "x = 1\n" * 500_000, "ok", "memory", "timeout"),
    attack("empty_source", "", "ok", stdout="", exit_code=0),
    attack("odd_encoding", "# -*- coding: rot13 -*-\ncevag(1)", "error"),
    attack("latin_encoding", "# -*- coding: latin-1 -*-\nprint('x')", "ok", stdout="x\n"),
    attack("byte_order_mark", "\ufeffprint('x')", "ok", stdout="x\n"),
)
