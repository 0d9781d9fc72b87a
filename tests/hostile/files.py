"""Programs that go for files outside their scratch, or fill the disk."""

from tests.hostile.program import attack

_TARGETS = '["@PROJECT@/answers.json", "@HOME@/.ssh/id_test", "@OTHER@/secret.txt"]'
_FOLDERS = '["@PROJECT@", "@HOME@", "@OTHER@", "@TMP@", "/tmp", "/var/tmp", "/dev/shm"]'

PROGRAMS = (
    attack(
        "write_outside",
        f"""
        for folder in {_FOLDERS}:
            try: open(folder + "/codesteer-hostile-new", "w").write("x")
            except OSError: pass
        """,
        "ok",
    ),
    attack(
        "overwrite_outside",
        f"""
        for path in {_TARGETS}:
            for mode in ("w", "a", "r+"):
                try: open(path, mode).write("x")
                except OSError: pass
        """,
        "ok",
    ),
    attack(
        "delete_outside",
        f"""
        import os, shutil
        for path in {_TARGETS}:
            try: os.unlink(path)
            except OSError: pass
            shutil.rmtree(os.path.dirname(path), ignore_errors=True)
        """,
        "ok",
    ),
    attack(
        "truncate_outside",
        f"""
        import os
        for path in {_TARGETS}:
            try: os.truncate(path, 0)
            except OSError: pass
        """,
        "ok",
    ),
    attack(
        "rename_outside",
        f"""
        import os
        open("new", "w").write("x")
        for path in {_TARGETS}:
            for action in (lambda: os.rename(path, path + ".codesteer-hostile"), lambda: os.replace("new", path)):
                try: action()
                except OSError: pass
        """,
        "ok",
    ),
    attack(
        "change_modes_and_times_outside",
        f"""
        import os
        for path in {_TARGETS}:
            for action in (lambda: os.chmod(path, 0o777), lambda: os.utime(path, (0, 0)),
                           lambda: os.chown(path, 12345, 12345), lambda: os.setxattr(path, "user.x", b"x")):
                try: action()
                except OSError: pass
        """,
        "ok",
    ),
    attack(
        "symbolic_links_out",
        f"""
        import os
        for number, path in enumerate({_TARGETS}):
            os.symlink(path, f"link{{number}}")
            os.symlink(os.path.dirname(path), f"folder{{number}}")
            for name in (f"link{{number}}", f"folder{{number}}/codesteer-hostile-link"):
                try: open(name, "a").write("x")
                except OSError: pass
            try: print(open(f"link{{number}}").read())
            except OSError: pass
        """,
        "ok",
        stdout="",
    ),
    attack(
        "hard_links_out",
        f"""
        import os
        for number, path in enumerate({_TARGETS}):
            for target in (f"hard{{number}}", "../../hard", "/tmp/codesteer-hostile-hard"):
                try:
                    os.link(path, target)
                    print(open(target).read())
                    open(target, "a").write("x")
                except OSError: pass
        """,
        "ok",
        stdout="",
    ),
    attack(
        "up_from_the_scratch",
        """
        import os
        found = []
        for depth in range(1, 12):
            folder = "../" * depth
            for name in ("answers.json", "project/answers.json", "home/.ssh/id_test", "other/secret.txt"):
                try: found.append(open(folder + name).read())
                except OSError: pass
        print(found)
        """,
        "ok",
        stdout="[]\n",
    ),
    attack(
        "write_into_the_interpreter",
        """
        import os, sys, json
        for path in (json.__file__, os.path.join(sys.prefix, "codesteer-hostile"), sys.executable):
            for mode in ("a", "r+"):
                try: open(path, mode).write("x")
                except (OSError, ValueError): pass
            try: os.unlink(path)
            except OSError: pass
        """,
        "ok",
    ),
    attack(
        "device_files",
        """
        import os, stat
        for number, device in enumerate((os.makedev(1, 1), os.makedev(8, 0), os.makedev(254, 0))):
            for kind in (stat.S_IFCHR, stat.S_IFBLK):
                try: os.mknod(f"device{number}{kind}", kind | 0o666, device)
                except OSError: pass
                else:
                    try: open(f"device{number}{kind}", "rb").read(1); print("read")
                    except OSError: pass
        """,
        "ok",
        stdout="",
    ),
    attack(
        "disk_flood",
        """
        import itertools
        for number in itertools.count():
            with open(f"file{number}", "wb") as file:
                for _ in range(32): file.write(b"x" * (1 << 20))
        """,
        "error",
        "killed",
        "memory",
    ),
    attack(
        "one_endless_file",
        "with open('file', 'wb') as file:\n    while True: file.write(b'x' * (1 << 20))",
        "error",
        "killed",
        "memory",
    ),
    attack(
        "sparse_giant",
        """
        import os
        with open("file", "wb") as file:
            try: os.truncate("file", 1 << 45)
            except OSError: print("refused")
        """,
        "ok",
        "killed",
    ),
    attack(
        "inode_flood",
        """
        import itertools
        try:
            for number in itertools.count(): open(f"f{number}", "w").close()
        except OSError: print("refused")
        """,
        "ok",
        "killed",
        "timeout",
    ),
    attack(
        "bottomless_folder",
        """
        import os
        for _ in range(1200):
            try:
                os.mkdir("deep")
                os.chdir("deep")
            except OSError: break
        print("done")
        """,
        "ok",
        stdout="done\n",
    ),
    attack(
        "folders_nobody_may_enter",
        """
        import os
        for number in range(20):
            os.makedirs(f"closed{number}/inner")
            open(f"closed{number}/inner/file", "w").close()
        for number in range(20):
            os.chmod(f"closed{number}/inner", 0)
            os.chmod(f"closed{number}", 0)
        os.umask(0o777)
        for number in range(20): os.mkdir(f"born-closed{number}")
        """,
        "ok",
    ),
    attack(
        "odd_names",
        """
        import os
        for name in (b"\\xff\\xfe", b"new\\nline", b" ", b"-rf", b"\\x1b[31m", b"x" * 255):
            os.mkdir(name)
            open(name + b"/" + name, "w").close()
        """,
        "ok",
    ),
    attack(
        "watch_files_outside",
        """
        import ctypes
        libc = ctypes.CDLL(None)
        watch = libc.inotify_init()
        print(libc.inotify_add_watch(watch, b"@PROJECT@", 0xfff), libc.inotify_add_watch(watch, b"@HOME@", 0xfff))
        """,
        "ok",
        stdout="-1 -1\n",
    ),
    attack(
        "open_by_handle",
        """
        import ctypes
        libc = ctypes.CDLL(None)
        handle = ctypes.create_string_buffer(b"\\x08\\0\\0\\0\\x01\\0\\0\\0\\x02\\0\\0\\0\\0\\0\\0\\0" + b"\\0" * 128)
        print(libc.open_by_handle_at(-100, handle, 0))
        """,
        "ok",
        stdout="-1\n",
    ),
)
