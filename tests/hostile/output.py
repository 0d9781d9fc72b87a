"""Programs whose output is the attack."""

from tests.hostile.program import attack

PROGRAMS = (
    attack("stdout_flood", "while True: print('x' * 1000)", "output_limit"),
    attack("stderr_flood", "import sys\nwhile True: print('x' * 1000, file=sys.stderr)", "output_limit"),
    attack("one_endless_line", "import sys\nwhile True: sys.stdout.write('x' * 65536)", "output_limit"),
    attack(
        "flood_by_children",
        """
        import os
        for _ in range(8): os.fork()
        while True: os.write(1, b"x" * 65536)
        """,
        "output_limit",
        "killed",
        "error",
    ),
    attack(
        "flood_that_ignores_signals",
        """
        import os, signal
        for number in range(1, 65):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True:
            try: os.write(1, b"x" * 65536)
            except OSError: pass
        """,
        "output_limit",
    ),
    attack("just_below_the_limit", "print('x' * ((1 << 20) - 1))", "ok", stdout="x" * ((1 << 20) - 1) + "\n"),
    attack("just_above_the_limit", "print('x' * (1 << 20))", "output_limit"),
    attack(
        "every_byte",
        "import sys\nsys.stdout.buffer.write(bytes(range(256)) * 3)",
        "ok",
        stdout=(bytes(range(256)) * 3).decode("utf-8", "replace"),
    ),
    attack("lone_surrogates", "print('\\ud800')", "error"),
    attack("surrogate_escapes", "print('a\\udcffb')", "ok", stdout="a\ufffdb\n"),
    attack(
        "nul_and_escapes",
        "print('a\\x00b\\x1b[2J\\x1b]0;title\\x07\\r\\n')",
        "ok",
        stdout="a\x00b\x1b[2J\x1b]0;title\x07\r\n\n",
    ),
    attack("closed_stdout", "import os\nos.close(1)\nprint('x')", "ok", "error", stdout=""),
    attack("closed_everything", "import os\nos.closerange(0, 300)\nraise ValueError", "error", stdout=""),
    attack(
        "stdout_is_none", "import sys\nsys.stdout = sys.stderr = None\nprint('x')", "ok", "error", stdout=""
    ),
    attack(
        "hostile_stdout",
        """
        import sys
        class Stream:
            def __getattr__(self, name): raise KeyboardInterrupt
        sys.stdout = sys.stderr = Stream()
        """,
        "ok",
        "error",
        stdout="",
    ),
    attack("huge_exception", "raise ValueError('x' * (50 << 20))", "output_limit"),
    attack(
        "exception_that_cannot_be_shown",
        "class E(Exception):\n    def __str__(self): raise SystemExit(0)\nraise E",
        "error",
    ),
    attack(
        "gigantic_integer",
        "import sys\nsys.set_int_max_str_digits(0)\nprint(7 ** 10**7)",
        "timeout",
        "output_limit",
    ),
    attack("refused_integer", "print(7 ** 10**5)", "error"),
    attack(
        "endless_repr", "class R:\n    def __repr__(self):\n        while True: pass\nprint(R())", "timeout"
    ),
    attack("deep_repr", "x = []\nfor _ in range(10**5): x = [x]\nprint(x)", "error", "killed"),
    attack(
        "full_pipe_descriptors",
        "import os\nkept = []\ntry:\n    while True: kept.append(os.dup(1))\nexcept OSError: print(len(kept) < 1000)",
        "ok",
        stdout="True\n",
    ),
    attack("stderr_at_the_limit", "import sys\nsys.stderr.write('x' * (1 << 20))", "ok", stdout=""),
    attack(
        "no_text_up_to_the_limit",
        "import sys\nsys.stdout.buffer.write(b'\\xff' * (1 << 20))",
        "ok",
        stdout="\ufffd" * (1 << 20),
    ),
    attack(
        "character_across_the_limit",
        "print('x' * ((1 << 20) - 1) + '\\u00e9')",
        "output_limit",
        stdout="x" * ((1 << 20) - 1) + "\ufffd",
    ),
    attack(
        "both_streams_up_to_the_limit",
        """
        import sys, threading
        def fill(stream):
            for _ in range(1 << 10): stream.write("x" * 1023 + "\\n")
        threads = [threading.Thread(target=fill, args=[stream]) for stream in (sys.stdout, sys.stderr)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """,
        "ok",
        stdout=("x" * 1023 + "\n") * (1 << 10),
    ),
    attack(
        "output_read_back",
        """
        import os
        print("mine", flush=True)
        for descriptor in (1, 2):
            try: os.read(os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_NONBLOCK), 100)
            except OSError: pass
        print("done")
        """,
        "ok",
    ),
    attack(
        "output_that_does_not_wait",
        """
        import os
        os.set_blocking(1, False)
        while True:
            try: os.write(1, b"x" * 65536)
            except BlockingIOError: pass
        """,
        "output_limit",
    ),
    attack(
        "output_through_a_copy",
        """
        import os
        os.dup2(1, 99); os.close(1)
        if os.fork() == 0:
            os.write(99, b"child\\n")
            os._exit(0)
        os.wait()
        os.write(99, b"parent\\n")
        os._exit(0)
        """,
        "ok",
        stdout="child\nparent\n",
    ),
    attack(
        "output_of_finalizers_and_threads",
        """
        import atexit, threading
        class Last:
            def __del__(self): print("last")
        kept = Last()
        atexit.register(print, "exit")
        def wait():
            threading.main_thread().join(0.2)
            print("thread")
        threading.Thread(target=wait).start()
        print("main")
        """,
        "ok",
        stdout="main\nthread\nexit\nlast\n",
    ),
    attack(
        "flood_at_the_end",
        "import atexit\n@atexit.register\ndef end():\n    while True: print('x' * 1000)",
        "output_limit",
    ),
    attack(
        "daemon_thread_that_writes_at_the_end",
        """
        import sys, threading
        def write():
            while True: sys.stdout.write("x")
        threading.Thread(target=write, daemon=True).start()
        """,
        "ok",
        "output_limit",
        "error",
        "killed",
    ),
    attack("detached_stdout", "import sys\nsys.stdout.detach()\nprint('x')", "error", stdout=""),
    attack(
        "narrow_encoding",
        "import sys\nsys.stdout.reconfigure(encoding='ascii', errors='strict')\nprint('\\u00e9')",
        "error",
        stdout="",
    ),
    attack(
        "small_pipe",
        """
        import fcntl
        fcntl.fcntl(1, 1031, 4096)  # F_SETPIPE_SZ
        print("x" * 100_000)
        """,
        "ok",
        stdout="x" * 100_000 + "\n",
    ),
)
