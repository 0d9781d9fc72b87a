"""Programs that look for what they must not know.  All of them print what they find."""

from tests.hostile.program import attack

_READ_ALL = """
def read(path, start=0, size=1 << 20):
    try:
        with open(path, "rb") as file:
            file.seek(start)
            return file.read(size)
    except (OSError, ValueError, OverflowError):
        return b""
import os, re, sys
def find(data):
    for match in re.finditer(b"CANARY-[0-9a-f]{16}", data): print(match.group())
"""


def _search(name: str, source: str) -> object:
    from textwrap import dedent

    return attack(name, _READ_ALL + dedent(source), "ok", "error", "timeout", "killed")


PROGRAMS = (
    attack("environment", "import os\nprint(os.environ, os.environb)\nos.system('env')", "ok"),
    _search(
        "environments_of_all_processes",
        """
        for name in os.listdir("/proc"):
            if name.isdigit():
                for file in ("environ", "cmdline", "stack", "maps"): find(read(f"/proc/{name}/{file}"))
        find(read("/proc/1/environ")); find(read(f"/proc/{os.getppid()}/environ")); find(read("/proc/@HARNESS@/environ"))
        """,
    ),
    _search(
        "memory_of_the_harness",
        """
        for process in ("@HARNESS@", os.getppid(), 1):
            for line in read(f"/proc/{process}/maps").decode().splitlines():
                if "rw" in line:
                    start, end = (int(part, 16) for part in line.split()[0].split("-"))
                    find(read(f"/proc/{process}/mem", start, end - start))
        """,
    ),
    _search(
        "memory_of_the_harness_by_system_call",
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        class Vector(ctypes.Structure): _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
        buffer = ctypes.create_string_buffer(4096)
        here, there = Vector(ctypes.addressof(buffer), 4096), Vector(@ADDRESS@, 64)
        for process in (@HARNESS@, os.getppid()):
            libc.process_vm_readv(process, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
            find(buffer.raw)
        """,
    ),
    _search(
        "inherited_memory",
        """
        for line in read("/proc/self/maps", 0, 1 << 24).decode().splitlines():
            if "rw" in line and "[stack]" not in line:
                start, end = (int(part, 16) for part in line.split()[0].split("-"))
                data = read("/proc/self/mem", start, end - start)
                find(data)
        """,
    ),
    _search(
        "inherited_descriptors",
        """
        for descriptor in range(3, 300):
            try:
                os.lseek(descriptor, 0, 0)
                find(os.read(descriptor, 1 << 20))
            except OSError: pass
            find(read(f"/proc/self/fd/{descriptor}")); find(read(f"/proc/@HARNESS@/fd/{descriptor}"))
        """,
    ),
    _search(
        "objects_and_frames",
        """
        import gc
        frame, seen = sys._getframe(), []
        while frame:
            seen += [frame.f_locals, frame.f_globals]
            frame = frame.f_back
        for thing in [*seen, *gc.get_objects(), *gc.get_referrers(*seen)]:
            try: find(repr(thing).encode())
            except BaseException: pass
        """,
    ),
    _search("home_folder", 'find(read("@HOME@/.ssh/id_test"))\nprint(os.listdir("@HOME@"))'),
    _search(
        "password_file_homes",
        """
        import pwd
        for entry in pwd.getpwall():
            for name in (".ssh/id_test", ".ssh/id_rsa", ".netrc", ".bash_history"): find(read(f"{entry.pw_dir}/{name}"))
        find(read(os.path.expanduser("~/.ssh/id_test")))
        """,
    ),
    _search("answer_key", 'find(read("@PROJECT@/answers.json"))\nprint(os.listdir("@PROJECT@"))'),
    _search("scratch_of_another", 'find(read("@OTHER@/secret.txt"))\nprint(os.listdir("@OTHER@"))'),
    _search(
        "scratch_of_others",
        """
        for base in ("@TMP@", "/tmp", os.path.dirname(os.getcwd()), os.path.dirname(os.path.dirname(os.getcwd()))):
            for folder, _, names in os.walk(base):
                for name in names: find(read(os.path.join(folder, name)))
        """,
    ),
    _search(
        "this_package",
        """
        import site, sysconfig
        for base in {*sys.path, *site.getsitepackages(), sysconfig.get_path("purelib"), "@PACKAGE@", "@PACKAGE@/.."}:
            for part in ("task_specs", "pytest_codesteer"):
                for folder, _, names in os.walk(os.path.join(base, part)):
                    for name in names:
                        if read(os.path.join(folder, name)): print("FOUND", folder, name)
        try:
            import pytest_codesteer.task
            print("FOUND")
        except ImportError: pass
        """,
    ),
    _search(
        "every_file_by_name",
        """
        for folder, folders, names in os.walk("/"):
            folders[:] = [name for name in folders if name not in ("proc", "sys", "usr", "nix", "lib", "lib64", "bin")]
            for name in names:
                if name in ("answers.json", "id_test", "secret.txt") or "hostile" in name:
                    find(read(os.path.join(folder, name)))
        """,
    ),
    _search(
        "kernel_memory",
        """
        for path in ("/proc/kcore", "/dev/mem", "/dev/kmem", "/proc/kallsyms", "/dev/kmsg", "/proc/config.gz"): find(read(path))
        import ctypes
        buffer = ctypes.create_string_buffer(1 << 20)
        ctypes.CDLL(None).klogctl(3, buffer, 1 << 20)
        find(buffer.raw)
        """,
    ),
    _search(
        "key_rings",
        'find(read("/proc/keys"))\nos.system("keyctl show 2>/dev/null; cat /etc/shadow /root/.bashrc 2>/dev/null")',
    ),
    _search(
        "another_process_root",
        """
        for process in (1, os.getppid(), "@HARNESS@", "self"):
            for link in ("root", "cwd"):
                find(read(f"/proc/{process}/{link}@PROJECT@/answers.json")); find(read(f"/proc/{process}/{link}/answers.json"))
        """,
    ),
)
