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
)
