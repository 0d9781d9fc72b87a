"""Programs that try the less known doors of the kernel."""

from tests.hostile.program import attack

_LIBC = """
        import ctypes, errno, os
        libc = ctypes.CDLL(None, use_errno=True)
        def refused(name, *arguments):
            if getattr(libc, name)(*arguments) >= 0: return False
            return ctypes.get_errno() in (errno.EPERM, errno.EACCES, errno.ENOSYS)
"""

PROGRAMS = (
    attack(
        "system_v_memory_of_others",
        f"""{_LIBC}
        libc.shmat.restype = ctypes.c_void_p
        address = libc.shmat(@SEGMENT@, None, 0o10000)
        print("FOUND" if address not in (None, ctypes.c_void_p(-1).value) else "refused")
        """,
        "ok",
        stdout="refused\n",
    ),
    attack(
        "system_v_objects_of_others",
        f"""{_LIBC}
        print(all(refused(name, number, 0, 0, 0) for number in (@SEGMENT@, *range(8)) for name in ("shmctl", "semctl", "msgctl")))
        print(refused("semop", 0, None, 0), refused("msgsnd", 0, b"x" * 16, 1, 0), refused("msgrcv", 0, b"x" * 16, 1, 0, 0))
        """,
        "ok",
        stdout="True\nTrue True True\n",
    ),
    attack(
        "message_queues",
        f"""{_LIBC}
        print(refused("mq_open", b"/codesteer-hostile", 0o102, 0o600, None), refused("mq_unlink", b"/codesteer-hostile"))
        """,
        "ok",
        stdout="True True\n",
    ),
    attack(
        "signals_of_a_file",
        """
        import fcntl, os, socket, struct
        for process in (@HARNESS@, os.getppid()):
            for own in (lambda f: fcntl.fcntl(f, fcntl.F_SETOWN, process),
                        lambda f: fcntl.fcntl(f, 15, struct.pack("ii", 1, process)),
                        lambda f: fcntl.ioctl(f, 0x8901, struct.pack("i", process)),
                        lambda f: fcntl.ioctl(f, 0x8902, struct.pack("i", process))):
                one, other = socket.socketpair()
                try:
                    own(one)
                    fcntl.fcntl(one, 10, 9)  # F_SETSIG
                    fcntl.fcntl(one, fcntl.F_SETFL, os.O_ASYNC)
                    other.send(b"x")
                except OSError: pass
        print("done")
        """,
        "ok",
        stdout="done\n",
    ),
    attack(
        "calls_of_another_processor",
        """
        import ctypes, mmap, os
        if os.uname().machine != "x86_64": os.kill(os.getpid(), 31)
        code = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
        code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20; int 0x80; ret
        print("FOUND", ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))())
        """,
        "killed",
        stdout="",
    ),
    attack(
        "calls_by_other_numbers",
        f"""{_LIBC}
        print([number for number in (0x40000000 | 39, 0x40000000 | 57, 1 << 20, 0x7FFFFFFF) if not refused("syscall", number, 0)])
        """,
        "ok",
        stdout="[]\n",
    ),
    attack(
        "mounts_by_descriptor",
        f"""{_LIBC}
        calls = dict(open_tree=428, move_mount=429, fsopen=430, fsconfig=431, fsmount=432, fspick=433, mount_setattr=442,
                     statmount=457, listmount=458, open_tree_attr=467)
        print([name for name, number in calls.items() if not refused("syscall", number, 0, b"/", 0, 0, 0)])
        """,
        "ok",
        stdout="[]\n",
    ),
    attack(
        "doors_that_say_no",
        f"""{_LIBC}
        if os.uname().machine != "x86_64": raise SystemExit(print([]))
        calls = dict(ptrace=101, process_vm_readv=310, process_vm_writev=311, kcmp=312, bpf=321, userfaultfd=323,
                     perf_event_open=298, add_key=248, request_key=249, keyctl=250, io_uring_setup=425,
                     io_uring_enter=426, io_uring_register=427, pidfd_getfd=438, process_madvise=440,
                     process_mrelease=448, memfd_secret=447, fanotify_init=300, name_to_handle_at=303, setns=308,
                     unshare=272, clone3=435, acct=163, quotactl=179, syslog=103, migrate_pages=256, move_pages=279,
                     ioprio_set=251, adjtimex=159, modify_ldt=154)
        print([name for name, number in calls.items() if not refused("syscall", number, 0, 0, 0, 0, 0)])
        """,
        "ok",
        stdout="[]\n",
    ),
    attack(
        "join_other_namespaces",
        f"""{_LIBC}
        found = []
        for process in (@HARNESS@, os.getppid(), 1, "self"):
            for kind in ("user", "mnt", "net", "pid", "ipc"):
                try: descriptor = os.open(f"/proc/{{process}}/ns/{{kind}}", os.O_RDONLY)
                except OSError: continue
                if libc.setns(descriptor, 0) == 0: found.append((process, kind))
        try: descriptor = os.pidfd_open(@HARNESS@)
        except OSError: descriptor = 0
        print(found, libc.setns(descriptor, 0x10020000))
        """,
        "ok",
        stdout="[] -1\n",
    ),
    attack(
        "cgroups",
        f"""{_LIBC}
        found = []
        for top in ("/sys/fs/cgroup", *(f"/proc/{{process}}/root/sys/fs/cgroup" for process in ("self", 1, @HARNESS@))):
            for folder, _, files in os.walk(top):
                for name in {{"cgroup.procs", "cgroup.kill", "cgroup.subtree_control", "memory.max", "pids.max"}} & {{*files}}:
                    try: os.close(os.open(f"{{folder}}/{{name}}", os.O_WRONLY))
                    except OSError: continue
                    found.append(f"{{folder}}/{{name}}")
                try: os.mkdir(f"{{folder}}/codesteer-hostile")
                except OSError: continue
                found.append(folder)
                os.rmdir(f"{{folder}}/codesteer-hostile")
        print(found, refused("mount", b"none", os.fsencode(os.getcwd()), b"cgroup2", 0, None))
        """,
        "ok",
        stdout="[] True\n",
    ),
    attack(
        "trace_a_child",
        f"""{_LIBC}
        import time
        child = os.fork()
        if child == 0:
            print(refused("ptrace", 0, 0, 0, 0), flush=True)
            time.sleep(1000)
        time.sleep(0.05)
        print(refused("ptrace", 16, child, 0, 0), refused("ptrace", 0x4206, child, 0, 0))
        """,
        "ok",
        stdout="True\nTrue True\n",
    ),
    attack(
        "settings_of_the_machine",
        """
        for path in ("kernel/core_pattern", "kernel/hostname", "kernel/modprobe", "kernel/ns_last_pid", "vm/overcommit_memory",
                     "vm/drop_caches", "net/ipv4/ip_forward", "fs/binfmt_misc/register", "user/max_user_namespaces"):
            try: open("/proc/sys/" + path, "r+").write("1")
            except OSError: continue
            print("wrote", path)
        for path in ("/proc/sysrq-trigger", "/sys/kernel/uevent_helper", "/sys/fs/cgroup/cgroup.procs",
                     "/proc/1/oom_score_adj", "/proc/self/uid_map", "/proc/self/setgroups"):
            try: open(path, "r+").write("1")
            except OSError: continue
            print("wrote", path)
        """,
        "ok",
        stdout="",
    ),
    attack(
        "nested_user_namespace",
        """
        import subprocess
        for command in (["unshare", "-Ur", "true"], ["unshare", "-n", "true"], ["nsenter", "-t", "1", "-a", "true"],
                        ["chroot", "/", "true"], ["newuidmap", "1", "0", "0", "1"]):
            try: done = subprocess.run(command, capture_output=True, timeout=2).returncode
            except (OSError, subprocess.TimeoutExpired): continue
            if done == 0: print("ran", command)
        """,
        "ok",
        stdout="",
    ),
    attack(
        "shield_from_the_oom_killer",
        """
        for path in ("/proc/self/oom_score_adj", "/proc/self/oom_adj", "/proc/thread-self/oom_score_adj"):
            for value in ("0", "-1000", "-17"):
                try: open(path, "w").write(value)
                except OSError: continue
                print("wrote", path, value)
        """,
        "ok",
        stdout="",
    ),
    attack(
        "terminals",
        """
        import os
        for path in ("/dev/tty", "/dev/ptmx", "/dev/console", "/dev/tty0", "/dev/kvm", "/dev/fuse", "/dev/loop-control"):
            try: os.open(path, os.O_RDWR | os.O_NOCTTY)
            except OSError: continue
            print("opened", path)
        """,
        "ok",
        stdout="",
    ),
    attack(
        "core_dump",
        """
        import os, resource
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        try: resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))
        except (OSError, ValueError): pass
        print(hard, flush=True)
        os.abort()
        """,
        "killed",
        stdout="1\n",
        exit_code=-6,
    ),
)
