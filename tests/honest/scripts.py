"""Longer programs of the kinds that models send when they are asked to solve something by code."""

from tests.honest.program import honest

PROGRAMS = (
    honest(
        "records_through_a_pool",
        """
        from concurrent.futures import ProcessPoolExecutor, as_completed
        from dataclasses import dataclass
        @dataclass(frozen=True, order=True)
        class Job:
            size: int
            name: str = "job"
        def work(job): return Job(job.size ** 2, job.name.upper())
        if __name__ == "__main__":
            with ProcessPoolExecutor(max_workers=2) as pool:
                futures = [pool.submit(work, Job(n)) for n in range(3)]
                print(sorted(future.result() for future in as_completed(futures)))
        """,
        "[Job(size=0, name='JOB'), Job(size=1, name='JOB'), Job(size=4, name='JOB')]\n",
    ),
    honest(
        "failing_pool",
        """
        from multiprocessing import Pool
        def work(n): return 1 / n
        if __name__ == "__main__":
            with Pool(2) as pool:
                try: pool.map(work, [1, 0])
                except ZeroDivisionError as error: print(error)
        """,
        "division by zero\n",
    ),
    honest(
        "shared_array",
        """
        from multiprocessing import Array, Barrier, Event, Process, Semaphore
        def work(array, at, barrier, event, few):
            with few: array[at] = at * at
            barrier.wait()
            event.set()
        if __name__ == "__main__":
            array, barrier, event, few = Array("d", 3), Barrier(3), Event(), Semaphore(2)
            processes = [Process(target=work, args=(array, at, barrier, event, few)) for at in range(3)]
            for process in processes: process.start()
            event.wait()
            for process in processes: process.join()
            print(list(array), [process.exitcode for process in processes])
        """,
        "[0.0, 1.0, 4.0] [0, 0, 0]\n",
    ),
    honest(
        "terminated_process",
        """
        import multiprocessing, time
        if __name__ == "__main__":
            process = multiprocessing.Process(target=time.sleep, args=(60,))
            process.start()
            process.join(timeout=0.1)
            if process.is_alive():
                process.terminate()
                process.join()
            print(process.exitcode)
        """,
        "-15\n",
    ),
    honest(
        "mapping_shared_with_a_child",
        """
        import mmap, os, struct
        shared = mmap.mmap(-1, 16)
        if os.fork() == 0:
            shared[:8] = struct.pack("q", 42)
            os._exit(0)
        os.wait()
        print(struct.unpack("q", shared[:8])[0], len(shared), isinstance(shared, mmap.mmap))
        """,
        "42 16 True\n",
    ),
    honest(
        "cached_deep_recursion",
        """
        import sys, threading
        sys.setrecursionlimit(10**6)
        threading.stack_size(256 * 1024 * 1024)
        known = {0: 1, 1: 1}
        def ways(n):
            if n not in known: known[n] = (ways(n - 1) + ways(n - 2)) % 1_000_007
            return known[n]
        thread = threading.Thread(target=lambda: print(ways(20_000)))
        thread.start()
        thread.join()
        """,
        "976725\n",
    ),
    honest(
        "timeout_by_alarm",
        """
        import signal
        class TooLong(Exception): pass
        def ring(number, frame): raise TooLong
        signal.signal(signal.SIGALRM, ring)
        signal.alarm(1)
        try:
            while True: sum(range(100))
        except TooLong: print("too long")
        finally: signal.alarm(0)
        """,
        "too long\n",
    ),
    honest(
        "child_with_a_timeout",
        """
        import subprocess, sys
        try: subprocess.run([sys.executable, "-c", "while True: pass"], timeout=0.3)
        except subprocess.TimeoutExpired: print("too long")
        done = subprocess.run([sys.executable, "-"], input="import sys; sys.exit(3)", text=True)
        print(done.returncode)
        """,
        "too long\n3\n",
    ),
    honest(
        "script_written_and_run",
        """
        import subprocess, sys
        from pathlib import Path
        Path("solve.py").write_text("import json, sys; print(json.dumps(sys.argv[1:]))")
        print(subprocess.check_output([sys.executable, "solve.py", "1", "π"], text=True), end="")
        """,
        '["1", "\\u03c0"]\n',
    ),
    honest(
        "flushed_lines_in_order",
        """
        import sys, time
        for step in range(3):
            print("step", step, flush=True)
            print("note", step, file=sys.stderr)
            time.sleep(0.01)
        """,
        "step 0\nstep 1\nstep 2\n",
    ),
    honest(
        "lines_of_input_until_the_end",
        """
        import sys
        lines = sys.stdin.readlines()
        total = 0
        while True:
            try: total += int(input())
            except EOFError: break
        for line in sys.stdin: total += 1
        print(lines, total)
        """,
        "[] 0\n",
    ),
    honest(
        "arguments_by_default",
        """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--size", type=int, default=8)
        parser.add_argument("names", nargs="*")
        print(parser.parse_args(), parser.prog)
        """,
        "Namespace(size=8, names=[]) program.py\n",
    ),
    honest(
        "usage_error",
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('size')\nparser.parse_args()",
        "",
        status="error",
        exit_code=2,
    ),
    honest(
        "unit_tests",
        """
        import unittest
        class Sums(unittest.TestCase):
            def test_sum(self): self.assertEqual(sum([1, 2]), 3)
        if __name__ == "__main__":
            unittest.main(exit=False, verbosity=0)
            print("after")
        """,
        "after\n",
    ),
    honest(
        "unit_tests_that_fail",
        "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.fail()\nunittest.main()",
        "",
        status="error",
        exit_code=1,
    ),
    honest(
        "documented_examples",
        '''
        import doctest
        def double(n):
            """Return twice n.

            >>> double(2)
            4
            """
            return 2 * n
        print(doctest.testmod())
        ''',
        "TestResults(failed=0, attempted=1)\n",
    ),
    honest("quit_function", "print('x')\nquit(3)", "x\n", status="error", exit_code=3),
    honest(
        "own_text_and_traceback",
        """
        import inspect, traceback, sys
        def solve(n):
            return 10 // n
        try: solve(0)
        except ZeroDivisionError: text = traceback.format_exc()
        print("return 10 // n" in text, inspect.getsource(solve).count("\\n"), inspect.getfile(solve) == __file__)
        print(sys.modules["__main__"].solve is solve, len(inspect.getsource(sys.modules["__main__"]).splitlines()))
        """,
        "True 2 True\nTrue 7\n",
    ),
    honest(
        "code_built_at_run_time",
        """
        scope = {}
        exec("def f(x):\\n    return x * y\\ny = 7", scope)
        print(scope["f"](6), eval("sum(range(10))"), eval(compile("1 + 1", "<text>", "eval")))
        import types, importlib
        module = types.ModuleType("made"); exec("z = 3", module.__dict__)
        print(module.z, importlib.import_module("json").loads("[1]"))
        """,
        "42 45 2\n3 [1]\n",
    ),
    honest(
        "pickled_by_name",
        "import pickle\nclass P: x = 1\np = P(); p.y = 2\nq = pickle.loads(pickle.dumps(p))\nprint(type(q).__module__, q.y, type(q) is P)",
        "__main__ 2 True\n",
    ),
    honest(
        "copied_deeply",
        "import copy\nx = [1, [2, {3: 4}]]\ny = copy.deepcopy(x)\ny[1][1][3] = 5\nprint(x, y)",
        "[1, [2, {3: 4}]] [1, [2, {3: 5}]]\n",
    ),
    honest(
        "seeded_random",
        "import random\nrandom.seed(42)\nprint(random.randint(1, 100), random.Random(7).random(), random.sample(range(9), 3))",
        "82 0.32383276483316237 [1, 0, 5]\n",
    ),
    honest(
        "now",
        "import datetime, time\nnow = datetime.datetime.now()\nprint(abs(time.time() - now.timestamp()) < 5, now.year >= 2024, datetime.timezone.utc)",
        "True True UTC\n",
    ),
    honest(
        "formats_of_the_locale",
        "import locale\nprint(locale.setlocale(locale.LC_ALL, ''), f'{1234567.5:n}', locale.getpreferredencoding())",
        "C.UTF-8 1.23457e+06 utf-8\n",
    ),
    honest(
        "event_loop_with_children",
        "import asyncio, sys\nasync def main():\n    p = await asyncio.create_subprocess_exec(sys.executable, '-c', 'print(4)', stdout=asyncio.subprocess.PIPE)\n    out, _ = await p.communicate()\n    print(out, await asyncio.to_thread(lambda: 5), await asyncio.gather(*[asyncio.sleep(0.01, n) for n in range(3)]))\nasyncio.run(main())",
        "b'4\\n' 5 [0, 1, 2]\n",
    ),
    honest(
        "timeout_of_a_coroutine",
        "import asyncio\nasync def main():\n    try: await asyncio.wait_for(asyncio.sleep(60), 0.05)\n    except asyncio.TimeoutError: print('late')\nasyncio.run(main())",
        "late\n",
    ),
    honest(
        "no_turtle",
        "try:\n    import turtle; turtle.Turtle()\nexcept Exception as error: print('no screen')",
        "no screen\n",
    ),
    honest("no_such_module", "import codesteer_no_such_module", "", status="error", exit_code=1),
    honest("failed_assertion", "assert 1 + 1 == 3, 'wrong'", "", status="error", exit_code=1),
    honest(
        "many_files",
        "import os\nfor n in range(500): open(f'{n}.txt', 'w').write(str(n))\nprint(len(os.listdir('.')), sum(int(open(f'{n}.txt').read()) for n in range(500)))",
        "501 124750\n",
    ),
    honest(
        "tables_of_text",
        "import csv, io, json, re, textwrap, itertools, collections, heapq, bisect, statistics, fractions\nr = csv.writer(s := io.StringIO()); r.writerow([1, 'a,b']); print(s.getvalue().strip(), statistics.median([3, 1, 2]), fractions.Fraction(1, 3) + 1)",
        '1,"a,b" 2 4/3\n',
    ),
    honest(
        "zipped_files",
        "import gzip, zipfile, hashlib\nwith zipfile.ZipFile('a.zip', 'w') as z: z.writestr('x', 'y' * 1000)\nprint(zipfile.ZipFile('a.zip').read('x')[:2], gzip.decompress(gzip.compress(b'q')), hashlib.sha256(b'').hexdigest()[:8])",
        "b'yy' b'q' e3b0c442\n",
    ),
    honest(
        "database_in_memory_of_threads",
        "import sqlite3, threading\nd = sqlite3.connect('x.db', check_same_thread=False)\nd.execute('pragma journal_mode=wal'); d.execute('create table t (a)')\nts = [threading.Thread(target=lambda n=n: d.execute('insert into t values (?)', (n,))) for n in range(4)]\nfor t in ts: t.start(); t.join()\nprint(d.execute('select sum(a) from t').fetchone())",
        "(6,)\n",
    ),
    honest(
        "measured_time",
        "import time, timeit, cProfile, tracemalloc\nstart = time.perf_counter(); timeit.timeit('1 + 1', number=1000)\ntracemalloc.start(); x = [0] * 100_000; print(tracemalloc.get_traced_memory()[0] > 700_000, time.perf_counter() >= start)",
        "True True\n",
    ),
    honest(
        "limits_of_its_own",
        "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\nprint(resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrusage(resource.RUSAGE_SELF).ru_utime >= 0)",
        "(64, 64) True\n",
    ),
)
