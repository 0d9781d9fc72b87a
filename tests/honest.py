"""Programs that a sandbox must not hinder: what models really write, and what libraries really do."""

from dataclasses import dataclass
from textwrap import dedent

from pytest_codesteer.conversation import Status


@dataclass(frozen=True, slots=True)
class Honest:
    """A program and exactly what it prints."""

    name: str
    source: str
    stdout: str
    status: Status = "ok"
    exit_code: int | None = 0
    needs: str = ""  # a package that may not be installed
    not_in: tuple[str, ...] = ()  # tiers that do not offer this, as their documentation says


def _honest(
    name: str,
    source: str,
    stdout: str,
    *,
    status: Status = "ok",
    exit_code: int | None = 0,
    needs: str = "",
    not_in: tuple[str, ...] = (),
) -> Honest:
    return Honest(name, dedent(source).lstrip("\n"), stdout, status, exit_code, needs, not_in)


LANGUAGE = (
    _honest("hello", "print('hello')", "hello\n"),
    _honest("main", "def main():\n    print(__name__)\nif __name__ == '__main__':\n    main()", "__main__\n"),
    _honest("import_star", "from math import *\nprint(floor(pi))", "3\n"),
    _honest("unicode", "print('π ≈ 3', '日本', '🎲', sep='|')", "π ≈ 3|日本|🎲\n"),
    _honest("no_input", "try:\n    input('?')\nexcept EOFError:\n    print('end')", "?end\n"),
    _honest("empty_stdin", "import sys\nprint(repr(sys.stdin.read()))", "''\n"),
    _honest("exit_code", "import sys\nprint('x')\nsys.exit(7)", "x\n", status="error", exit_code=7),
    _honest("exit_function", "print('x')\nexit()", "x\n"),
    _honest("uncaught", "print('x')\n1/0", "x\n", status="error", exit_code=1),
    _honest(
        "arguments", "import sys, os\nprint(len(sys.argv), os.path.basename(sys.argv[0]))", "1 program.py\n"
    ),
    _honest(
        "own_source",
        "import inspect\ndef f(): return 1\nprint(inspect.getsource(f), end='')",
        "def f(): return 1\n",
    ),
    _honest("own_file", "print(open(__file__).read(), end='')", "print(open(__file__).read(), end='')"),
    _honest("recursion", "def f(n): return n and f(n - 1)\nprint(f(950))", "0\n"),
    _honest(
        "deep_recursion",
        "import sys\nsys.setrecursionlimit(50_000)\ndef f(n): return n and 1 + f(n - 1)\nprint(f(20_000))",
        "20000\n",
    ),
    _honest(
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
    _honest("recursion_error", "def f(): f()\ntry: f()\nexcept RecursionError: print('caught')", "caught\n"),
    _honest("memory_error", "try: x = bytearray(10**12)\nexcept MemoryError: print('caught')", "caught\n"),
    _honest("big_integers", "print(len(str(2 ** 10_000)), 3 ** 200 % 1000)", "3011 1\n"),
    _honest("much_output", "for n in range(50_000): print(n)", "".join(f"{n}\n" for n in range(50_000))),
    _honest("half_a_second_of_work", "print(sum(n * n for n in range(2_000_000)) % 97)", "17\n"),
    _honest("much_memory", "x = bytearray(150 << 20)\nprint(len(x) >> 20)", "150\n"),
    _honest("bytes_out", "import sys\nsys.stdout.buffer.write(b'abc\\n')\nsys.stdout.flush()", "abc\n"),
    _honest("at_the_end", "import atexit\natexit.register(print, 'bye')\nprint('hi')", "hi\nbye\n"),
    _honest(
        "finalizer", "class C:\n    def __del__(self): print('gone')\nc = C()\nprint('hi')", "hi\ngone\n"
    ),
    _honest("warnings", "import warnings\nwarnings.warn('careful')\nprint('x')", "x\n"),
    _honest(
        "fixed_hashes",
        "print(hash('a') == int(open('/dev/null').read() or hash('a')), {'b', 'a'} == {'a', 'b'})",
        "True True\n",
    ),
    _honest(
        "asynchronous",
        "import asyncio\nasync def f():\n    await asyncio.sleep(0.01)\n    return 5\nprint(asyncio.run(f()))",
        "5\n",
    ),
    _honest(
        "dataclasses",
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 1\nprint(P())",
        "P(x=1)\n",
    ),
    _honest(
        "annotations",
        "x: int = 3\nprint(__annotations__ if '__annotations__' in globals() else {'x': int})",
        "{'x': <class 'int'>}\n",
    ),
    _honest(
        "alarm",
        "import signal, time\nsignal.signal(signal.SIGALRM, lambda *_: print('ring'))\nsignal.setitimer(signal.ITIMER_REAL, 0.05)\ntime.sleep(0.2)",
        "ring\n",
    ),
    _honest(
        "decimals",
        "from decimal import *\ngetcontext().prec = 50\nprint(Decimal(2).sqrt())",
        "1.4142135623730950488016887242096980785696718753769\n",
    ),
)

SYSTEM = (
    _honest("scratch_file", "open('a.txt', 'w').write('x')\nprint(open('a.txt').read())", "x\n"),
    _honest(
        "temporary_file",
        "import tempfile\nwith tempfile.NamedTemporaryFile('w+') as f:\n    f.write('x'); f.seek(0); print(f.read())",
        "x\n",
    ),
    _honest(
        "temporary_folder",
        "import tempfile, os\nwith tempfile.TemporaryDirectory() as d:\n    open(d + '/x', 'w').close(); print(os.listdir(d))",
        "['x']\n",
    ),
    _honest(
        "literal_tmp",
        "open('/tmp/codesteer-honest', 'w').write('x')\nprint(open('/tmp/codesteer-honest').read())",
        "x\n",
        not_in=("landlock",),
    ),
    _honest(
        "home_folder",
        "from pathlib import Path\nPath.home().joinpath('x').write_text('x')\nprint(Path('~/x').expanduser().read_text())",
        "x\n",
    ),
    _honest(
        "copy_and_move",
        "import shutil, os\nopen('a', 'w').write('x')\nshutil.copy('a', 'b'); shutil.copy2('a', 'c'); os.mkdir('d'); shutil.move('b', 'd/b')\nprint(sorted(os.listdir('.')) [:4], open('d/b').read())",
        "['a', 'c', 'd', 'program.py'] x\n",
    ),
    _honest(
        "own_module",
        "open('helper.py', 'w').write('def f(): return 4')\nimport helper\nprint(helper.f())",
        "4\n",
    ),
    _honest(
        "database",
        "import sqlite3\nc = sqlite3.connect('x.db'); c.execute('create table t (a)'); c.execute('insert into t values (5)'); c.commit()\nprint(c.execute('select * from t').fetchall())",
        "[(5,)]\n",
    ),
    _honest(
        "threads",
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(8) as p: print(sum(p.map(lambda n: n * n, range(100))))",
        "328350\n",
    ),
    _honest(
        "many_threads",
        "import threading\nts = [threading.Thread(target=threading.Event().wait, args=(0.1,)) for _ in range(60)]\nfor t in ts: t.start()\nfor t in ts: t.join()\nprint('joined')",
        "joined\n",
    ),
    _honest(
        "unjoined_thread",
        "import threading, time\ndef f():\n    time.sleep(0.1)\n    print('b')\nthreading.Thread(target=f).start()\nprint('a')",
        "a\nb\n",
    ),
    _honest(
        "process_pool",
        "from multiprocessing import Pool\ndef f(n): return n * n\nif __name__ == '__main__':\n    with Pool(3) as p: print(p.map(f, range(5)))",
        "[0, 1, 4, 9, 16]\n",
    ),
    _honest(
        "process_pool_executor",
        "from concurrent.futures import ProcessPoolExecutor\ndef f(n): return n + 1\nif __name__ == '__main__':\n    with ProcessPoolExecutor(2) as p: print(list(p.map(f, range(4))))",
        "[1, 2, 3, 4]\n",
    ),
    _honest(
        "process_queue",
        "from multiprocessing import Process, Queue\ndef f(q): q.put('x')\nif __name__ == '__main__':\n    q = Queue(); p = Process(target=f, args=(q,)); p.start(); print(q.get()); p.join()",
        "x\n",
    ),
    _honest(
        "process_lock_and_value",
        "from multiprocessing import Process, Lock, Value\ndef f(v, l):\n    for _ in range(50):\n        with l: v.value += 1\nif __name__ == '__main__':\n    v, l = Value('i', 0, lock=False), Lock()\n    ps = [Process(target=f, args=(v, l)) for _ in range(3)]\n    for p in ps: p.start()\n    for p in ps: p.join()\n    print(v.value)",
        "150\n",
    ),
    _honest(
        "shared_memory",
        "from multiprocessing import shared_memory\nm = shared_memory.SharedMemory(create=True, size=8)\nm.buf[0] = 7\nn = shared_memory.SharedMemory(m.name)\nprint(n.buf[0]); n.close(); m.close(); m.unlink()",
        "7\n",
    ),
    _honest(
        "process_manager",
        "from multiprocessing import Manager\nif __name__ == '__main__':\n    with Manager() as m: d = m.dict(a=1); print(d['a'])",
        "1\n",
        not_in=("landlock",),
    ),
    _honest(
        "spawned_process",
        "import multiprocessing as m\ndef f(): print('child', flush=True)\nif __name__ == '__main__':\n    p = m.get_context('spawn').Process(target=f); p.start(); p.join(); print(p.exitcode)",
        "child\n0\n",
    ),
    _honest(
        "subprocess",
        "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'print(3)'], capture_output=True, text=True).stdout)",
        "3\n\n",
    ),
    _honest(
        "subprocess_by_name",
        "import subprocess\nprint(subprocess.run(['python3', '-c', 'print(3)'], capture_output=True, text=True).stdout)",
        "3\n\n",
    ),
    _honest(
        "shell",
        "import os, subprocess\nos.system('echo a')\nprint(subprocess.check_output('echo b | tr b c', shell=True, text=True), end='')",
        "a\nc\n",
    ),
    _honest(
        "fork",
        "import os\nif os.fork() == 0:\n    print('child', flush=True); os._exit(0)\nos.wait(); print('parent')",
        "child\nparent\n",
    ),
    _honest("pipe", "import os\nr, w = os.pipe(); os.write(w, b'x'); print(os.read(r, 1))", "b'x'\n"),
    _honest(
        "socket_pair", "import socket\na, b = socket.socketpair(); a.send(b'x'); print(b.recv(1))", "b'x'\n"
    ),
    _honest(
        "server_on_localhost",
        "import socket, threading\ns = socket.create_server(('127.0.0.1', 0))\nthreading.Thread(target=lambda: s.accept()[0].send(b'hi')).start()\nprint(socket.create_connection(s.getsockname()).recv(2))",
        "b'hi'\n",
        not_in=("landlock",),
    ),
    _honest(
        "executable_script",
        "import os, subprocess\nopen('s.sh', 'w').write('#!/bin/sh\\necho x\\n'); os.chmod('s.sh', 0o755)\nprint(subprocess.check_output(['./s.sh'], text=True), end='')",
        "x\n",
        not_in=("landlock",),
    ),
    _honest(
        "modes",
        "import os, stat\nopen('a', 'w').close(); os.chmod('a', 0o600); print(oct(stat.S_IMODE(os.stat('a').st_mode)))",
        "0o600\n",
        not_in=("landlock",),
    ),
    _honest(
        "who_and_where",
        "import os, getpass, platform, locale, time\nprint(bool(os.getcwd()), os.cpu_count() > 0, bool(platform.system()), len(time.tzname))",
        "True True True 2\n",
    ),
    _honest(
        "c_library",
        "import ctypes, ctypes.util\nprint(ctypes.CDLL(ctypes.util.find_library('m')).abs(-3))",
        "3\n",
    ),
    _honest(
        "random_each_time",
        "import random, uuid, secrets\nprint(random.random() != random.random(), len(str(uuid.uuid4())))",
        "True 36\n",
    ),
    _honest(
        "environment",
        "import os\nos.environ['X'] = '1'\nprint(os.environ['X'], 'HOME' in os.environ)",
        "1 True\n",
    ),
    _honest(
        "logging",
        "import logging\nlogging.basicConfig(level=logging.INFO); logging.info('x')\nprint('y')",
        "y\n",
    ),
    _honest(
        "time_zones",
        "from zoneinfo import ZoneInfo\nfrom datetime import datetime\nprint(datetime(2024, 7, 1, tzinfo=ZoneInfo('Europe/Paris')).utcoffset())",
        "2:00:00\n",
    ),
)

LIBRARIES = (
    _honest(
        "numpy",
        "import numpy as np\na = np.arange(10000.).reshape(100, 100)\nprint((a @ a).shape, np.linalg.det(np.eye(3)))",
        "(100, 100) 1.0\n",
        needs="numpy",
    ),
    _honest(
        "numpy_random",
        "import numpy as np\nprint(np.random.rand() != np.random.default_rng().random())",
        "True\n",
        needs="numpy",
    ),
    _honest(
        "numpy_seeded",
        "import numpy as np\nnp.random.seed(0)\nprint(np.random.randint(100, size=3))",
        "[44 47 64]\n",
        needs="numpy",
    ),
    _honest(
        "sympy",
        "from sympy import *\nx = symbols('x')\nprint(solve(x**2 - 5*x + 6, x), integrate(sin(x), x), Matrix([[1, 2], [3, 4]]).inv())",
        "[2, 3] -cos(x) Matrix([[-2, 1], [3/2, -1/2]])\n",
        needs="sympy",
    ),
    _honest(
        "scipy",
        "from scipy.optimize import linprog, brentq\nprint(round(brentq(lambda x: x * x - 2, 0, 2), 6), linprog([1], bounds=[(3, None)]).fun)",
        "1.414214 3.0\n",
        needs="scipy",
    ),
    _honest(
        "pandas",
        "import pandas as pd\nprint(pd.DataFrame({'a': [1, 2, 2]}).groupby('a').size().to_dict())",
        "{1: 1, 2: 2}\n",
        needs="pandas",
    ),
    _honest(
        "networkx",
        "import networkx as nx\nprint(nx.shortest_path(nx.path_graph(5), 0, 4))",
        "[0, 1, 2, 3, 4]\n",
        needs="networkx",
    ),
    _honest(
        "z3",
        "from z3 import *\nx = Int('x')\ns = Solver(); s.add(x > 2, x < 4)\nprint(s.check(), s.model()[x])",
        "sat 3\n",
        needs="z3",
    ),
    _honest(
        "ortools",
        "from ortools.sat.python import cp_model\nm = cp_model.CpModel(); x = m.new_int_var(0, 9, 'x'); m.add(x >= 7); m.minimize(x)\ns = cp_model.CpSolver(); s.solve(m); print(s.value(x))",
        "7\n",
        needs="ortools",
    ),
    _honest(
        "numpy_in_processes",
        "import numpy as np\nfrom multiprocessing import Pool\ndef f(n): return float(np.linalg.norm(np.ones(n)))\nif __name__ == '__main__':\n    with Pool(2) as p: print(p.map(f, [4, 9]))",
        "[2.0, 3.0]\n",
        needs="numpy",
    ),
    _honest(
        "numpy_file",
        "import numpy as np\nnp.save('a.npy', np.arange(3))\nprint(np.load('a.npy', mmap_mode='r').sum())",
        "3\n",
        needs="numpy",
    ),
)

PROGRAMS = (*LANGUAGE, *SYSTEM, *LIBRARIES)
