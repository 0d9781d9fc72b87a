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
    attack(
        "child_that_speaks_for_its_parent",
        """
        import os
        if os.fork():
            os.wait()
            raise ValueError("not ok")
        print("fine", flush=True)
        os._exit(0)
        """,
        "error",
        stdout="fine\n",
        exit_code=1,
    ),
    attack(
        "child_that_outlives_its_parent",
        """
        import os, time
        if os.fork() == 0:
            time.sleep(0.1)
            print("fine", flush=True)
            os._exit(0)
        os._exit(3)
        """,
        "error",
        exit_code=3,
    ),
    attack("exit_like_a_signal", "import os\nos._exit(137)", "error", exit_code=137),
    attack("exit_by_a_signal", "import signal\nsignal.raise_signal(signal.SIGUSR1)", "killed", exit_code=-10),
    attack("claim_of_too_much_time", "import signal\nsignal.raise_signal(signal.SIGXCPU)", "timeout"),
    attack(
        "exit_from_a_thread",
        """
        import os, threading, time
        threading.Thread(target=lambda: os._exit(5)).start()
        time.sleep(1000)
        """,
        "error",
        exit_code=5,
    ),
    attack(
        "exit_in_atexit",
        "import atexit, sys\natexit.register(lambda: sys.exit(0))\nraise ValueError",
        "error",
        exit_code=1,
    ),
    attack(
        "exit_that_does_nothing",
        "import os\nos._exit = lambda *_: None\nraise ValueError",
        "error",
        "killed",
        "timeout",
    ),
    attack(
        "source_of_the_next_program",
        """
        import os
        for folder in ("..", "../..", os.path.dirname(__file__)):
            for name in ("program.py", "sitecustomize.py", "usercustomize.py", "numpy.py", "random.py", "os.py"):
                try: open(os.path.join(folder, name), "w").write("print('FOUND')")
                except OSError: pass
        """,
        "ok",
    ),
    attack(
        "messages_with_descriptors",
        """
        import array, os, socket
        for descriptor in range(64):
            try:
                end = socket.socket(fileno=os.dup(descriptor))
                end.sendmsg([b'{"verb": "run"}'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
                print("FOUND", descriptor)
            except OSError: pass
        """,
        "ok",
        stdout="",
    ),
)
