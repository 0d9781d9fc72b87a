"""Programs that multiply, hide, or go for other processes."""

from tests.hostile.program import attack

_LIBC = """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
"""

PROGRAMS = (
    attack("fork_bomb", "import os\nwhile True: os.fork()", "timeout", "killed", "error", "memory"),
    attack(
        "fork_bomb_that_retries",
        """
        import os
        while True:
            try: os.fork()
            except OSError: pass
        """,
        "timeout",
        "killed",
        "memory",
    ),
    attack(
        "thread_bomb",
        """
        import threading, time
        while True:
            try: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
            except RuntimeError: time.sleep(0.01)
        """,
        "timeout",
        "killed",
        "memory",
    ),
    attack(
        "process_bomb",
        """
        import subprocess, sys
        while True:
            try: subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
            except OSError: pass
        """,
        "timeout",
        "killed",
        "memory",
    ),
    attack(
        "double_forked_daemon",
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(1000)
            os._exit(0)
        print("left")
        """,
        "ok",
        stdout="left\n",
    ),
    attack(
        "daemon_that_holds_the_pipes",
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            while True:
                print("still here", flush=True)
                time.sleep(0.2)
        """,
        "ok",
        "killed",
    ),
    attack(
        "daemon_that_writes_later",
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(0.3)
                for folder in ("@PROJECT@", "@HOME@", "@TMP@", "/tmp", "/dev/shm"):
                    try: open(folder + "/codesteer-hostile-late", "w").close()
                    except OSError: pass
            os._exit(0)
        """,
        "ok",
    ),
    attack(
        "respawning_pair",
        """
        import os, time
        def keep(other):
            os.setsid()
            while True:
                time.sleep(0.001)
                try: os.kill(other, 0)
                except OSError:
                    me = os.getpid()
                    try:
                        if os.fork() == 0: other = me
                    except OSError: pass
        me = os.getpid()
        if os.fork() == 0: keep(me)
        time.sleep(0.1)
        """,
        "ok",
        "timeout",
        "killed",
    ),
    attack(
        "session_leaders",
        """
        import os, time
        for _ in range(20):
            if os.fork() == 0:
                os.setsid()
                time.sleep(1000)
        """,
        "ok",
    ),
    attack(
        "zombies",
        """
        import os, time
        for _ in range(2000):
            try:
                if os.fork() == 0: os._exit(0)
            except OSError: break
        print("done")
        """,
        "ok",
        "killed",
    ),
    attack("kill_everybody", "import os\nos.kill(-1, 9)\nprint('alive')", "ok", "killed", "error"),
    attack("terminate_everybody", "import os\nos.kill(-1, 15)\nprint('alive')", "ok", "killed", "error"),
    attack("kill_the_harness", "import os\nos.kill(@HARNESS@, 9)\nprint('done')", "error", "killed"),
    attack("stop_the_harness", "import os\nos.kill(@HARNESS@, 19)\nprint('done')", "error", "killed"),
    attack(
        "kill_parents",
        """
        import os
        for process in {os.getppid(), 1, *range(max(2, os.getppid() - 50), os.getppid() + 50)} - {os.getpid()}:
            for number in (15, 9):
                try: os.kill(process, number)
                except OSError: pass
        for group in range(2, 40):
            try:
                if group != os.getpgid(0): os.killpg(group, 9)
            except OSError: pass
        print("done")
        """,
        "ok",
        "killed",
    ),
    attack(
        "signal_all_numbers",
        """
        import os
        for process in range(1, 33000):
            if process != os.getpid():
                try: os.kill(process, 15)
                except OSError: pass
        print("done")
        """,
        "ok",
        "killed",
    ),
    attack(
        "pidfd_signals",
        """
        import os, signal
        for process in (@HARNESS@, os.getppid(), 1):
            try: signal.pidfd_send_signal(os.pidfd_open(process), 9)
            except OSError: pass
        print("done")
        """,
        "ok",
        "killed",
    ),
    attack(
        "ptrace_the_harness",
        f"""{_LIBC}
        print(libc.ptrace(16, @HARNESS@, 0, 0), libc.ptrace(16, os.getppid(), 0, 0))
        """,
        "ok",
        stdout="-1 -1\n",
    ),
    attack(
        "limit_the_harness",
        """
        import os, resource
        for process in (@HARNESS@, os.getppid()):
            for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_CPU, resource.RLIMIT_AS):
                try: resource.prlimit(process, kind, (3, 3))
                except (OSError, ValueError): pass
        """,
        "ok",
    ),
    attack(
        "renice_the_harness",
        """
        import os
        for kind, who in ((os.PRIO_PROCESS, @HARNESS@), (os.PRIO_PROCESS, os.getppid()), (os.PRIO_USER, 0)):
            try: os.setpriority(kind, who, 19)
            except OSError: pass
        """,
        "ok",
    ),
    attack(
        "pin_the_harness",
        """
        import os
        for process in (@HARNESS@, os.getppid()):
            try: os.sched_setaffinity(process, {0})
            except OSError: pass
            try: os.sched_setscheduler(process, os.SCHED_IDLE, os.sched_param(0))
            except OSError: pass
        """,
        "ok",
    ),
    attack(
        "new_namespaces",
        f"""{_LIBC}
        print(libc.unshare(0x10000000), libc.unshare(0x00020000))
        print(libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0) if os.uname().machine == "x86_64" else -1)
        print(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
        print(libc.chroot(b"/"), libc.setns(0, 0))
        """,
        "ok",
        stdout="-1 -1\n-1\n-1\n-1 -1\n",
    ),
    attack(
        "kernel_doors",
        f"""{_LIBC}
        calls = dict(io_uring_setup=425, bpf=321, perf_event_open=298, userfaultfd=323, keyctl=250, add_key=248,
                     kexec_load=246, init_module=175, reboot=169, swapon=167, memfd_secret=447, pidfd_getfd=438)
        if os.uname().machine == "x86_64":
            print([name for name, number in calls.items() if libc.syscall(number, 0, 0, 0, 0, 0) >= 0])
        else:
            print([])
        """,
        "ok",
        stdout="[]\n",
    ),
    attack(
        "setuid_binaries",
        """
        import subprocess
        for command in (["su", "-c", "id"], ["mount", "-t", "tmpfs", "x", "/mnt"], ["passwd", "-d", "root"]):
            try: print(subprocess.run(command, capture_output=True, timeout=5, stdin=subprocess.DEVNULL).returncode == 0)
            except OSError: print(False)
        """,
        "ok",
        stdout="False\nFalse\nFalse\n",
    ),
    attack(
        "become_root",
        """
        import os
        for action in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgid(0), lambda: os.setgroups([0])):
            try:
                action()
                print("became", os.getuid(), os.getgid())
            except OSError: pass
        print("end")
        """,
        "ok",
        stdout="end\n",
    ),
    attack("become_another_program", "import os\nos.execv('/bin/sleep', ['sleep', '1000'])", "timeout"),
    attack(
        "kill_itself",
        "import os\nprint('x', flush=True)\nos.kill(os.getpid(), 9)",
        "killed",
        stdout="x\n",
        exit_code=-9,
    ),
    attack(
        "inject_terminal_input",
        """
        import fcntl, termios
        for descriptor in range(3):
            try: fcntl.ioctl(descriptor, termios.TIOCSTI, b"x")
            except OSError: pass
        """,
        "ok",
    ),
    attack(
        "change_the_clock",
        """
        import time
        try: time.clock_settime(time.CLOCK_REALTIME, 0)
        except OSError: print("refused")
        """,
        "ok",
        stdout="refused\n",
    ),
)
