"""Programs that need nothing but the language."""

from tests.honest.program import honest

PROGRAMS = (
    honest("hello", "print('hello')", "hello\n"),
    honest("main", "def main():\n    print(__name__)\nif __name__ == '__main__':\n    main()", "__main__\n"),
    honest("import_star", "from math import *\nprint(floor(pi))", "3\n"),
    honest("unicode", "print('π ≈ 3', '日本', '🎲', sep='|')", "π ≈ 3|日本|🎲\n"),
    honest("no_input", "try:\n    input('?')\nexcept EOFError:\n    print('end')", "?end\n"),
    honest("empty_stdin", "import sys\nprint(repr(sys.stdin.read()))", "''\n"),
    honest("exit_code", "import sys\nprint('x')\nsys.exit(7)", "x\n", status="error", exit_code=7),
    honest("exit_function", "print('x')\nexit()", "x\n"),
    honest("uncaught", "print('x')\n1/0", "x\n", status="error", exit_code=1),
    honest(
        "arguments", "import sys, os\nprint(len(sys.argv), os.path.basename(sys.argv[0]))", "1 program.py\n"
    ),
    honest(
        "own_source",
        "import inspect\ndef f(): return 1\nprint(inspect.getsource(f), end='')",
        "def f(): return 1\n",
    ),
    honest("own_file", "print(open(__file__).read(), end='')", "print(open(__file__).read(), end='')"),
    honest("recursion", "def f(n): return n and f(n - 1)\nprint(f(950))", "0\n"),
    honest(
        "deep_recursion",
        "import sys\nsys.setrecursionlimit(50_000)\ndef f(n): return n and 1 + f(n - 1)\nprint(f(20_000))",
        "20000\n",
    ),
    honest(
        "recursion_in_a_big_thread",
        """
        import sys, threading
        threading.stack_size(128 << 20)
        sys.setrecursionlimit(1 << 20)
        def f(n): return n and 1 + f(n - 1)
        thread = threading.Thread(target=lambda: print(f(30_000)))
        thread.start()
        thread.join()
        """,
        "30000\n",
    ),
    honest("recursion_error", "def f(): f()\ntry: f()\nexcept RecursionError: print('caught')", "caught\n"),
    honest("memory_error", "try: x = bytearray(10**12)\nexcept MemoryError: print('caught')", "caught\n"),
    honest(
        "numbers_of_threads",
        "import os, threading\nprint(threading.main_thread().native_id == threading.get_native_id() == os.getpid())",
        "True\n",
    ),
    honest("big_integers", "print(len(str(2 ** 10_000)), 3 ** 200 % 1000)", "3011 1\n"),
    honest("much_output", "for n in range(50_000): print(n)", "".join(f"{n}\n" for n in range(50_000))),
    honest("half_a_second_of_work", "print(sum(n * n for n in range(2_000_000)) % 97)", "17\n"),
    honest("much_memory", "x = bytearray(150 << 20)\nprint(len(x) >> 20)", "150\n"),
    honest("bytes_out", "import sys\nsys.stdout.buffer.write(b'abc\\n')\nsys.stdout.flush()", "abc\n"),
    honest("at_the_end", "import atexit\natexit.register(print, 'bye')\nprint('hi')", "hi\nbye\n"),
    honest("finalizer", "class C:\n    def __del__(self): print('gone')\nc = C()\nprint('hi')", "hi\ngone\n"),
    honest("warnings", "import warnings\nwarnings.warn('careful')\nprint('x')", "x\n"),
    honest(
        "fixed_hashes",
        "print(hash('a') == int(open('/dev/null').read() or hash('a')), {'b', 'a'} == {'a', 'b'})",
        "True True\n",
    ),
    honest(
        "asynchronous",
        "import asyncio\nasync def f():\n    await asyncio.sleep(0.01)\n    return 5\nprint(asyncio.run(f()))",
        "5\n",
    ),
    honest(
        "dataclasses",
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 1\nprint(P())",
        "P(x=1)\n",
    ),
    honest(
        "annotations",
        "x: int = 3\nprint(__annotations__ if '__annotations__' in globals() else {'x': int})",
        "{'x': <class 'int'>}\n",
    ),
    honest(
        "alarm",
        "import signal, time\nsignal.signal(signal.SIGALRM, lambda *_: print('ring'))\nsignal.setitimer(signal.ITIMER_REAL, 0.05)\ntime.sleep(0.2)",
        "ring\n",
    ),
    honest(
        "decimals",
        "from decimal import *\ngetcontext().prec = 50\nprint(Decimal(2).sqrt())",
        "1.4142135623730950488016887242096980785696718753769\n",
    ),
)
