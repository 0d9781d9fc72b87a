"""Programs that want all the memory."""

from tests.hostile.program import attack

_ANY = ("memory", "killed", "timeout", "error")

PROGRAMS = (
    attack("grow_for_ever", "kept = []\nwhile True: kept.append(bytearray(1 << 20))", "memory", "killed"),
    attack("one_huge_block", "x = bytearray(10**11)", "memory"),
    attack("huge_integer", "x = 1 << (1 << 36)\nprint(x.bit_length())", "memory"),
    attack("huge_repetition", "x = 'ab' * 10**11", "memory"),
    attack(
        "private_mapping",
        """
        import mmap
        kept = []
        while True:
            area = mmap.mmap(-1, 1 << 26, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            area.write(b"x" * (1 << 26))
            kept.append(area)
        """,
        *_ANY,
    ),
    attack(
        "shared_mapping",
        """
        import mmap
        kept = []
        while True:
            area = mmap.mmap(-1, 1 << 26)
            area.write(b"x" * (1 << 26))
            kept.append(area)
        """,
        *_ANY,
    ),
    attack(
        "many_children",
        """
        import os, time
        for _ in range(12):
            if os.fork() == 0:
                kept = bytearray(b"x" * (150 << 20))
                time.sleep(1000)
        time.sleep(1000)
        """,
        *_ANY,
    ),
    attack(
        "file_in_memory",
        """
        import os
        kept = []
        while True:
            descriptor = os.memfd_create("x")
            for _ in range(16): os.write(descriptor, b"x" * (1 << 22))
            kept.append(descriptor)
        """,
        *_ANY,
    ),
    attack(
        "shared_memory_files",
        """
        import itertools
        for number in itertools.count():
            with open(f"/dev/shm/codesteer-hostile-{number}", "wb") as file:
                for _ in range(16): file.write(b"x" * (1 << 22))
        """,
        *_ANY,
    ),
    attack(
        "system_v_memory",
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        kept = 0
        for _ in range(64):
            if libc.shmget(0, 1 << 26, 0o1600) >= 0: kept += 1
        print(kept)
        """,
        "ok",
        stdout="0\n",
    ),
    attack(
        "copies_of_inherited_pages",
        """
        import ctypes, os, time
        areas = [line.split()[0].split("-") for line in open("/proc/self/maps") if " rw" in line]
        def copy():
            for first, end in areas:
                for at in range(int(first, 16), int(end, 16), 4096): ctypes.memmove(at, at, 1)
        for _ in range(90):
            if os.fork() == 0:
                copy()
                time.sleep(1000)
        time.sleep(1000)
        """,
        *_ANY,
    ),
    attack(
        "full_pipes",
        """
        import fcntl, os, time
        def fill():
            while True:
                try: r, w = os.pipe()
                except OSError: break
                try: fcntl.fcntl(w, 1031, 1 << 20)
                except OSError: pass
                os.set_blocking(w, False)
                try:
                    while True: os.write(w, b"x" * 65536)
                except OSError: pass
        for _ in range(30):
            if os.fork() == 0:
                fill()
                time.sleep(1000)
        time.sleep(1000)
        """,
        *_ANY,
    ),
    attack(
        "full_sockets",
        """
        import os, socket, time
        def fill():
            kept = []
            while True:
                try: kept.append(socket.socketpair())
                except OSError: break
                kept[-1][0].setblocking(False)
                try:
                    while True: kept[-1][0].send(b"x" * 65536)
                except OSError: pass
            time.sleep(1000)
        for _ in range(20):
            if os.fork() == 0: fill()
        time.sleep(1000)
        """,
        *_ANY,
    ),
    attack(
        "locked_memory",
        """
        import ctypes
        libc = ctypes.CDLL(None)
        libc.mlockall(7)
        kept = []
        while True: kept.append(bytearray(1 << 20))
        """,
        *_ANY,
    ),
    attack(
        "endless_recursion_on_the_heap",
        "import sys\nsys.setrecursionlimit(10**9)\nf = lambda: [f()]\nf()",
        *_ANY,
    ),
    attack(
        "catch_memory_errors",
        "kept = []\nwhile True:\n    try: kept.append(bytearray(1 << 24))\n    except MemoryError: pass",
        *_ANY,
    ),
)
