"""Programs that want something of theirs to outlast them, or to meet the next program."""

from tests.hostile.program import attack

PROGRAMS = (
    attack(
        "low_priority",
        """
        import os
        os.nice(19)
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        print("done")
        """,
        "ok",
        stdout="done\n",
    ),
    attack(
        "timers_left_behind",
        """
        import ctypes, signal
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
        class Event(ctypes.Structure): _fields_ = [("value", ctypes.c_void_p), ("number", ctypes.c_int), ("kind", ctypes.c_int), ("rest", ctypes.c_char * 64)]
        libc, timer = ctypes.CDLL(None), ctypes.c_void_p()
        libc.timer_create(1, ctypes.byref(Event(None, signal.SIGCONT, 0)), ctypes.byref(timer))
        libc.timer_settime(timer, 0, (ctypes.c_long * 4)(0, 10**7, 0, 10**7), None)
        print("done")
        """,
        "ok",
        stdout="done\n",
    ),
    attack(
        "listeners_left_behind",
        """
        import os, socket, time
        if os.fork() == 0:
            os.setsid()
            kept = []
            for family, address in ((socket.AF_UNIX, "\\0codesteer-hostile-inside"), (socket.AF_INET, ("127.0.0.1", 4711))):
                try:
                    server = socket.socket(family)
                    server.bind(address); server.listen(); kept.append(server)
                except OSError: pass
            time.sleep(1000)
        time.sleep(0.05)
        """,
        "ok",
    ),
    attack(
        "connections_left_behind",
        """
        import socket
        try:
            for _ in range(20):
                server = socket.create_server(("127.0.0.1", 0))
                one = socket.create_connection(server.getsockname())
                other = server.accept()[0]
                one.send(b"x"); other.close(); one.close()
        except OSError: pass
        """,
        "ok",
    ),
    attack(
        "locks_left_behind",
        """
        import fcntl, os, sys
        kept = []
        for path in (sys.executable, os.__file__, "/dev/null", "/usr", "."):
            try:
                kept.append(os.open(path, os.O_RDONLY))
                fcntl.flock(kept[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError: pass
        if os.fork() == 0:
            os.setsid()
            import time; time.sleep(1000)
        """,
        "ok",
    ),
    attack(
        "robust_futexes",
        """
        import ctypes, os
        libc = ctypes.CDLL(None)
        head = (ctypes.c_long * 3)(0xDEADBEEF, 0, 0x1000)
        libc.syscall(273 if os.uname().machine == "x86_64" else 99, ctypes.byref(head), 24)
        print("done", flush=True)
        os._exit(0)
        """,
        "ok",
        stdout="done\n",
    ),
    attack(
        "children_that_cannot_be_killed_by_name",
        """
        import ctypes, os, signal, time
        for _ in range(5):
            if os.fork() == 0:
                for number in range(1, 65):
                    try: signal.signal(number, signal.SIG_IGN)
                    except (OSError, ValueError): pass
                ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
                os.setsid()
                if os.fork() == 0: signal.pause()
                os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(0.05)
        """,
        "ok",
    ),
    attack(
        "children_in_vfork",
        """
        import ctypes, os
        libc = ctypes.CDLL(None)
        if os.uname().machine == "x86_64":
            for _ in range(3):
                if os.fork() == 0:
                    os.setsid()
                    if libc.syscall(56, 0x4000 | 17, 0, 0, 0, 0) == 0:  # CLONE_VFORK: its parent waits, deaf
                        os.execv("/bin/sleep", ["sleep", "1000"])
        """,
        "ok",
    ),
    attack(
        "every_kind_of_node",
        """
        import os, socket, stat
        os.mkfifo("fifo")
        os.symlink("fifo/" * 100 + "x", "nowhere"); os.symlink("loop", "loop")
        try: socket.socket(socket.AF_UNIX).bind("socket")
        except OSError: pass
        os.mkdir("folder"); os.link("program.py", "second")
        for mode in (0, 0o1000, 0o7777):
            open(f"file{mode}", "w").close(); os.chmod(f"file{mode}", mode)
        os.chmod("folder", 0)
        os.chmod(".", 0)
        """,
        "ok",
    ),
    attack(
        "immutable_files",
        """
        import fcntl, os, struct
        open("file", "w").close(); os.mkdir("folder")
        for path in ("file", "folder"):
            for flag in (0x10, 0x20, 0x40000):  # immutable, append-only, verity
                try: fcntl.ioctl(os.open(path, os.O_RDONLY), 0x40086602, struct.pack("l", flag))
                except OSError: pass
        """,
        "ok",
    ),
    attack(
        "names_beyond_all_paths",
        """
        import os
        for name in ("n" * 250, "\\n" * 250, "\\udcff" * 250):
            start = os.getcwd()
            for _ in range(40):
                os.mkdir(name)
                os.chdir(name)
                open("file", "w").close()
            os.chdir(start)
        print("done")
        """,
        "ok",
        stdout="done\n",
    ),
    attack(
        "its_own_text_removed",
        "import os\nos.unlink(__file__)\nos.mkdir(__file__)\nos.rmdir(__file__)\nos.symlink('/etc/passwd', __file__)\nraise ValueError",
        "error",
    ),
    attack(
        "its_folder_removed",
        """
        import os, shutil
        shutil.rmtree(os.getcwd(), ignore_errors=True)
        shutil.rmtree(os.path.dirname(os.getenv("HOME")), ignore_errors=True)
        try: os.rename(os.path.dirname(os.getenv("HOME")), "/tmp/codesteer-hostile-moved")
        except OSError: pass
        """,
        "ok",
    ),
    attack(
        "huge_arguments",
        """
        import subprocess, sys
        for arguments in (["x" * (1 << 20)], ["x" * 131000] * 40, ["x"] * 100_000):
            try: subprocess.run([sys.executable, "-c", "", *arguments], env={"X": "y" * 100_000})
            except OSError: print("refused")
        """,
        "ok",
    ),
)
