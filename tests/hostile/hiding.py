"""Programs that use more than they may where nobody looks."""

from tests.hostile.program import attack

_TOO_MUCH = ("memory", "killed", "error", "timeout")
_HOARD = """
            kept = []
            while True:
                area = mmap.mmap(-1, 1 << 24)
                area.write(b"x" * (1 << 24))
                kept.append(area)
"""

PROGRAMS = (
    attack(
        "shared_pages_let_go",
        """
        import mmap
        kept = []
        while True:
            area = mmap.mmap(-1, 1 << 24)
            area.write(b"x" * (1 << 24))
            area.madvise(mmap.MADV_DONTNEED)
            kept.append(area)
        """,
        *_TOO_MUCH,
    ),
    attack(
        "shared_pages_by_system_call",
        """
        import ctypes
        libc = ctypes.CDLL(None)
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
        libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        size, pieces = 1 << 24, 0
        while pieces < 128:
            area = libc.mmap(None, size, 3, 0x21, -1, 0)  # MAP_SHARED | MAP_ANONYMOUS
            if area in (None, ctypes.c_void_p(-1).value): break
            ctypes.memset(area, 1, size)
            libc.munmap(area + 4096, size - 4096)  # one page keeps all of it
            pieces += 1
        print(pieces)
        """,
        "ok",
        stdout="0\n",
    ),
    attack(
        "shared_pages_of_a_device",
        """
        import mmap, os
        kept = []
        try: descriptor = os.open("/dev/zero", os.O_RDWR)
        except OSError: raise SystemExit(print("refused"))
        try:
            while len(kept) < 128:
                kept.append(mmap.mmap(descriptor, 1 << 24))
                kept[-1].write(b"x" * (1 << 24))
                kept[-1].madvise(mmap.MADV_DONTNEED)
        except OSError: print("refused")
        """,
        "ok",
        stdout="refused\n",
    ),
    attack(
        "process_without_its_first_thread",
        f"""
        import ctypes, mmap, threading, time
        def hoard():
            time.sleep(0.05){_HOARD}
        threading.Thread(target=hoard).start()
        ctypes.CDLL(None).syscall(60 if __import__("os").uname().machine == "x86_64" else 93, 0)
        """,
        *_TOO_MUCH,
    ),
    attack(
        "many_processes_without_their_first_threads",
        """
        import ctypes, os, threading, time
        def hoard():
            kept = bytearray(b"x" * (120 << 20))
            time.sleep(1000)
        for _ in range(12):
            if os.fork() == 0:
                threading.Thread(target=hoard).start()
                ctypes.CDLL(None).syscall(60 if os.uname().machine == "x86_64" else 93, 0)
        time.sleep(1000)
        """,
        *_TOO_MUCH,
    ),
    attack(
        "removed_files_that_stay_open",
        """
        import os
        kept = []
        while True:
            kept.append(open("file", "wb"))
            os.unlink("file")
            for _ in range(16): kept[-1].write(b"x" * (1 << 20))
        """,
        *_TOO_MUCH,
    ),
    attack(
        "removed_files_of_a_secretive_process",
        """
        import ctypes, os
        print(ctypes.CDLL(None).prctl(4, 0, 0, 0, 0), flush=True)  # PR_SET_DUMPABLE
        kept = []
        while True:
            kept.append(os.open("file", os.O_RDWR | os.O_CREAT))
            os.unlink("file")
            for _ in range(16): os.write(kept[-1], b"x" * (1 << 20))
        """,
        *_TOO_MUCH,
        stdout="-1\n",
    ),
    attack(
        "sockets_of_threads",
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        stack = ctypes.create_string_buffer(1 << 16)
        run = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(lambda _: 0)
        # A thread with descriptors of its own: CLONE_VM | CLONE_SIGHAND | CLONE_THREAD without CLONE_FILES.
        print(libc.clone(run, ctypes.byref(stack, 1 << 16), 0x100 | 0x800 | 0x10000, None), ctypes.get_errno())
        """,
        "ok",
        stdout="-1 1\n",
    ),
    attack(
        "children_nobody_waits_for",
        """
        import os, signal, time
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # their time is then added to nobody's
        while True:
            try: child = os.fork()
            except OSError: continue
            if child == 0:
                end = time.process_time() + 0.01
                while time.process_time() < end: pass
                os._exit(0)
            try: os.waitpid(child, 0)
            except ChildProcessError: pass
        """,
        "timeout",
        "killed",
    ),
    attack(
        "children_of_the_parent",
        """
        import ctypes, os, time
        libc = ctypes.CDLL(None)
        for _ in range(20):  # CLONE_PARENT: brothers, whom the program need not have waited for
            if os.uname().machine == "x86_64" and libc.syscall(56, 0x8000 | 9, 0, 0, 0, 0) == 0: time.sleep(1000)
        print("done")
        os._exit(0)
        """,
        "ok",
    ),
    attack(
        "misleading_name",
        """
        import ctypes
        ctypes.CDLL(None).prctl(15, b") S 1 1 1\\n0 0", 0, 0, 0)
        while True: pass
        """,
        "timeout",
    ),
    attack(
        "names_that_are_no_text",
        """
        import ctypes, os
        for name in (b"\\xff\\xfe\\n", b"", b")))))", b"\\x1b[2J"):
            if os.fork() == 0:
                ctypes.CDLL(None).prctl(15, name, 0, 0, 0)
                while True: pass
        os.wait()
        """,
        "timeout",
    ),
    attack(
        "descriptors_in_flight",
        """
        import array, os, socket, time
        def fill():
            kept = []
            try:
                while True:
                    one, other = socket.socketpair()
                    other.setblocking(False)
                    try:
                        while True: other.send(b"x" * 65536)
                    except OSError: pass
                    carrier, end = socket.socketpair()
                    carrier.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [one.fileno(), other.fileno()]))])
                    one.close(), other.close()
                    kept += [carrier, end]
            except OSError: pass
            time.sleep(1000)
        for _ in range(20):
            if os.fork() == 0: fill()
        time.sleep(1000)
        """,
        *_TOO_MUCH,
    ),
    attack(
        "swapped_folders",
        """
        import os
        os.mkdir("folder"); open("folder/file", "w").close()
        os.symlink("/", "link")
        while True:  # whoever looks into the folder may find itself in the root
            os.rename("folder", "kept"); os.rename("link", "folder")
            os.rename("folder", "link"); os.rename("kept", "folder")
        """,
        "timeout",
    ),
)
