"""Programs that use files, processes and threads."""

from tests.honest.program import honest

PROGRAMS = (
    honest("scratch_file", "open('a.txt', 'w').write('x')\nprint(open('a.txt').read())", "x\n"),
    honest(
        "temporary_file",
        "import tempfile\nwith tempfile.NamedTemporaryFile('w+') as f:\n    f.write('x'); f.seek(0); print(f.read())",
        "x\n",
    ),
    honest(
        "temporary_folder",
        "import tempfile, os\nwith tempfile.TemporaryDirectory() as d:\n    open(d + '/x', 'w').close(); print(os.listdir(d))",
        "['x']\n",
    ),
    honest(
        "literal_tmp",
        "open('/tmp/codesteer-honest', 'w').write('x')\nprint(open('/tmp/codesteer-honest').read())",
        "x\n",
        not_in=("landlock",),
    ),
    honest(
        "home_folder",
        "from pathlib import Path\nPath.home().joinpath('x').write_text('x')\nprint(Path('~/x').expanduser().read_text())",
        "x\n",
    ),
    honest(
        "copy_and_move",
        "import shutil, os\nopen('a', 'w').write('x')\nshutil.copy('a', 'b'); shutil.copy2('a', 'c'); os.mkdir('d'); shutil.move('b', 'd/b')\nprint(sorted(os.listdir('.')) [:4], open('d/b').read())",
        "['a', 'c', 'd', 'program.py'] x\n",
    ),
    honest(
        "own_module",
        "open('helper.py', 'w').write('def f(): return 4')\nimport helper\nprint(helper.f())",
        "4\n",
    ),
    honest(
        "database",
        "import sqlite3\nc = sqlite3.connect('x.db'); c.execute('create table t (a)'); c.execute('insert into t values (5)'); c.commit()\nprint(c.execute('select * from t').fetchall())",
        "[(5,)]\n",
    ),
    honest(
        "threads",
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(8) as p: print(sum(p.map(lambda n: n * n, range(100))))",
        "328350\n",
    ),
    honest(
        "many_threads",
        "import threading\nts = [threading.Thread(target=threading.Event().wait, args=(0.1,)) for _ in range(60)]\nfor t in ts: t.start()\nfor t in ts: t.join()\nprint('joined')",
        "joined\n",
    ),
    honest(
        "unjoined_thread",
        "import threading, time\ndef f():\n    time.sleep(0.1)\n    print('b')\nthreading.Thread(target=f).start()\nprint('a')",
        "a\nb\n",
    ),
    honest(
        "process_pool",
        "from multiprocessing import Pool\ndef f(n): return n * n\nif __name__ == '__main__':\n    with Pool(3) as p: print(p.map(f, range(5)))",
        "[0, 1, 4, 9, 16]\n",
    ),
    honest(
        "process_pool_executor",
        "from concurrent.futures import ProcessPoolExecutor\ndef f(n): return n + 1\nif __name__ == '__main__':\n    with ProcessPoolExecutor(2) as p: print(list(p.map(f, range(4))))",
        "[1, 2, 3, 4]\n",
    ),
    honest(
        "process_queue",
        "from multiprocessing import Process, Queue\ndef f(q): q.put('x')\nif __name__ == '__main__':\n    q = Queue(); p = Process(target=f, args=(q,)); p.start(); print(q.get()); p.join()",
        "x\n",
    ),
    honest(
        "process_lock_and_value",
        "from multiprocessing import Process, Lock, Value\ndef f(v, l):\n    for _ in range(50):\n        with l: v.value += 1\nif __name__ == '__main__':\n    v, l = Value('i', 0, lock=False), Lock()\n    ps = [Process(target=f, args=(v, l)) for _ in range(3)]\n    for p in ps: p.start()\n    for p in ps: p.join()\n    print(v.value)",
        "150\n",
    ),
    honest(
        "shared_memory",
        "from multiprocessing import shared_memory\nm = shared_memory.SharedMemory(create=True, size=8)\nm.buf[0] = 7\nn = shared_memory.SharedMemory(m.name)\nprint(n.buf[0]); n.close(); m.close(); m.unlink()",
        "7\n",
    ),
    honest(
        "process_manager",
        "from multiprocessing import Manager\nif __name__ == '__main__':\n    with Manager() as m: d = m.dict(a=1); print(d['a'])",
        "1\n",
        not_in=("landlock",),
    ),
    honest(
        "spawned_process",
        "import multiprocessing as m\ndef f(): print('child', flush=True)\nif __name__ == '__main__':\n    p = m.get_context('spawn').Process(target=f); p.start(); p.join(); print(p.exitcode)",
        "child\n0\n",
    ),
    honest(
        "subprocess",
        "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'print(3)'], capture_output=True, text=True).stdout)",
        "3\n\n",
    ),
    honest(
        "subprocess_by_name",
        "import subprocess\nprint(subprocess.run(['python3', '-c', 'print(3)'], capture_output=True, text=True).stdout)",
        "3\n\n",
    ),
    honest(
        "shell",
        "import os, subprocess\nos.system('echo a')\nprint(subprocess.check_output('echo b | tr b c', shell=True, text=True), end='')",
        "a\nc\n",
    ),
    honest(
        "fork",
        "import os\nif os.fork() == 0:\n    print('child', flush=True); os._exit(0)\nos.wait(); print('parent')",
        "child\nparent\n",
    ),
    honest("pipe", "import os\nr, w = os.pipe(); os.write(w, b'x'); print(os.read(r, 1))", "b'x'\n"),
    honest(
        "socket_pair", "import socket\na, b = socket.socketpair(); a.send(b'x'); print(b.recv(1))", "b'x'\n"
    ),
    honest(
        "server_on_localhost",
        "import socket, threading\ns = socket.create_server(('127.0.0.1', 0))\nthreading.Thread(target=lambda: s.accept()[0].send(b'hi')).start()\nprint(socket.create_connection(s.getsockname()).recv(2))",
        "b'hi'\n",
        not_in=("landlock",),
    ),
    honest(
        "executable_script",
        "import os, subprocess\nopen('s.sh', 'w').write('#!/bin/sh\\necho x\\n'); os.chmod('s.sh', 0o755)\nprint(subprocess.check_output(['./s.sh'], text=True), end='')",
        "x\n",
        not_in=("landlock",),
    ),
    honest(
        "modes",
        "import os, stat\nopen('a', 'w').close(); os.chmod('a', 0o600); print(oct(stat.S_IMODE(os.stat('a').st_mode)))",
        "0o600\n",
        not_in=("landlock",),
    ),
    honest(
        "who_and_where",
        "import os, getpass, platform, locale, time\nprint(bool(os.getcwd()), os.cpu_count() > 0, bool(platform.system()), len(time.tzname))",
        "True True True 2\n",
    ),
    honest(
        "c_library",
        "import ctypes, ctypes.util\nprint(ctypes.CDLL(ctypes.util.find_library('m')).abs(-3))",
        "3\n",
    ),
    honest(
        "random_each_time",
        "import random, uuid, secrets\nprint(random.random() != random.random(), len(str(uuid.uuid4())))",
        "True 36\n",
    ),
    honest(
        "environment",
        "import os\nos.environ['X'] = '1'\nprint(os.environ['X'], 'HOME' in os.environ)",
        "1 True\n",
    ),
    honest(
        "logging",
        "import logging\nlogging.basicConfig(level=logging.INFO); logging.info('x')\nprint('y')",
        "y\n",
    ),
    honest(
        "time_zones",
        "from zoneinfo import ZoneInfo\nfrom datetime import datetime\nprint(datetime(2024, 7, 1, tzinfo=ZoneInfo('Europe/Paris')).utcoffset())",
        "2:00:00\n",
    ),
)
