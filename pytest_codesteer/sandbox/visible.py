"""What programs may read: the interpreter, its libraries, and what the system needs to run them.

Not the home directory, not the current one, and not this package, whose data holds reference solutions,
even where they lie among what is shown.
"""

import os
import sys
import sysconfig
from pathlib import Path

_SYSTEM = """
    /usr /bin /sbin /lib /lib32 /lib64 /libx32 /nix/store /gnu/store
    /etc/alternatives /etc/fonts /etc/ld.so.cache /etc/ld.so.conf /etc/ld.so.conf.d /etc/localtime
    /etc/mime.types /etc/ssl/certs
""".split()

#: Of an interpreter's or environment's folder: a project may keep other things there.
_PARTS = ("bin", "include", "lib", "lib32", "lib64", "pyvenv.cfg", "share")

PACKAGE = Path(__file__).parents[1]


def libraries() -> tuple[str, ...]:
    """Return the folders with installed packages that this process imports from."""
    named = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    installed = [sysconfig.get_path(name) for name in ("purelib", "platlib")]
    return tuple(dict.fromkeys(path for path in (*named, *installed) if Path(path).is_dir()))


def shown() -> tuple[str, ...]:
    """Return the files and folders that programs may read, as far as they exist."""
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    prefixes.add(str(Path(sys.executable).resolve().parents[1]))
    parts = [
        Path(prefix, part) for prefix in (*prefixes, *map(os.path.realpath, prefixes)) for part in _PARTS
    ]
    own = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib")]
    named = [*_SYSTEM, *map(str, parts), *own, *libraries(), *library_path(), *_loaded()]
    return tuple(sorted({path for path in named if Path(path).exists()}))


def hidden() -> tuple[str, ...]:
    """Return the folders that programs may not read although they may lie within what is shown."""
    installed = {Path(folder, PACKAGE.name) for folder in libraries()}  # its data, if this is a checkout
    candidates = {PACKAGE, *installed, Path.cwd(), Path.home()}
    return tuple(sorted({str(path.resolve()) for path in candidates} - set(shown())))


def library_path() -> tuple[str, ...]:
    """Return the folders in which this process was told to look for shared libraries."""
    return tuple(path for path in os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep) if path)


def _loaded() -> list[str]:
    """Return the shared libraries in use, of which an unusual interpreter has some in unusual places."""
    try:
        lines = Path("/proc/self/maps").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    mapped = {fields[5] for line in lines if len(fields := line.split(None, 5)) == 6}
    return [path for path in mapped if ".so" in Path(path).name and path.startswith("/")]
