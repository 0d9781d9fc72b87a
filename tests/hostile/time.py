"""Programs that do not want to end."""

from tests.hostile.program import attack

PROGRAMS = (
    attack("endless_loop", "while True: pass", "timeout"),
    attack("endless_loop_in_c", "sum(iter(int, 1))", "timeout"),
    attack("one_long_operation", "3 ** 10**9", "timeout", "memory"),
    attack("catastrophic_regex", "import re; re.match(r'(a+)+$', 'a' * 50 + 'b')", "timeout"),
    attack("sleep_for_ever", "import time\nwhile True: time.sleep(1000)", "timeout"),
    attack("stop_itself", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "timeout"),
    attack(
        "deadlock", "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()", "timeout"
    ),
    attack(
        "swallow_every_exception",
        """
        while True:
            try:
                while True: pass
            except BaseException:
                continue
        """,
        "timeout",
    ),
    attack(
        "ignore_every_signal",
        """
        import signal
        for number in range(1, 65):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True: pass
        """,
        "timeout",
    ),
    attack(
        "raise_own_limits",
        """
        import resource
        for kind in (resource.RLIMIT_CPU, resource.RLIMIT_DATA, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE):
            for hard in (resource.RLIM_INFINITY, 1 << 40):
                try: resource.setrlimit(kind, (hard, hard))
                except (OSError, ValueError): pass
        while True: pass
        """,
        "timeout",
    ),
    attack(
        "thread_that_never_ends",
        "import threading, time\nthreading.Thread(target=lambda: [time.sleep(1) for _ in iter(int, 1)]).start()",
        "timeout",
    ),
    attack("endless_atexit", "import atexit\n@atexit.register\ndef end():\n    while True: pass", "timeout"),
    attack(
        "endless_finalizer",
        "class Never:\n    def __del__(self):\n        while True: pass\nkept = Never()",
        "timeout",
        "ok",
    ),
    attack(
        "children_burn_the_time",
        """
        import os
        for _ in range(8):
            if os.fork() == 0:
                while True: pass
        os.wait()
        """,
        "timeout",
    ),
    attack(
        "relay_of_children",
        """
        import os, time
        while True:  # each burns a little and ends, so that none ever has used much
            if os.fork():
                os.wait()
            else:
                end = time.process_time() + 0.05
                while time.process_time() < end: pass
                os._exit(0)
        """,
        "timeout",
    ),
    attack(
        "interval_timer_swallowed",
        """
        import signal
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        while True: pass
        """,
        "timeout",
    ),
    attack(
        "endless_source",
        "(" * 100 + "1" + ")" * 100 + "\nx = [" + "0," * 2_000_00 + "]\nwhile x: pass",
        "timeout",
    ),
    attack(
        "deaf_to_the_end_of_its_time",
        """
        import signal
        signal.signal(signal.SIGXCPU, lambda *_: None)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        while True: pass
        """,
        "timeout",
    ),
    attack(
        "stop_all_of_it",
        """
        import os, signal
        for _ in range(3): os.fork()
        os.kill(0, signal.SIGSTOP)
        """,
        "timeout",
    ),
    attack(
        "threads_that_burn",
        """
        import threading, hashlib
        def burn():
            while True: hashlib.sha256(b"x" * 1_000_000)
        for _ in range(8): threading.Thread(target=burn).start()
        """,
        "timeout",
    ),
    attack("wait_for_a_pipe", "import os\nr, w = os.pipe()\nos.read(r, 1)", "timeout"),
    attack("wait_for_a_fifo", "import os\nos.mkfifo('fifo')\nopen('fifo')", "timeout"),
    attack(
        "wait_for_its_own_output",
        "import os\nos.read(os.open('/proc/self/fd/1', os.O_RDONLY), 1)",
        "timeout",
        "error",
    ),
    attack("endless_import", "open('again.py', 'w').write('while True: pass')\nimport again", "timeout"),
    attack(
        "endless_thread_hook",
        """
        import threading
        @threading._register_atexit
        def never():
            while True: pass
        """,
        "timeout",
    ),
)
