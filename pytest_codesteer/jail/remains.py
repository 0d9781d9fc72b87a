"""Removing what programs leave: folders nested beyond all paths, closed to their owner, oddly named."""

import os
import stat


def remove_tree(root: str) -> None:
    """Remove a folder and all in it; what cannot be removed stays.

    Folders inside folders are first moved up to the root, so that no path grows longer than three names.
    """
    top = os.fsencode(root)
    _open_up(top)
    while folders := _remove_files(top):
        gone = [_remove_folder(top, name) for name in folders]
        if not any(gone):
            return
    _rmdir(top)


def _remove_folder(top: bytes, name: bytes) -> bool:
    """Remove one folder in *top*, leaving those inside it in *top*; tell whether it is gone."""
    path = top + b"/" + name
    _open_up(path)
    for number, inner in enumerate(_remove_files(path)):
        _open_up(path + b"/" + inner)  # a folder that moves has its entry for the parent rewritten
        try:
            os.rename(path + b"/" + inner, _free_name(top, number))
        except OSError:
            continue
    return _rmdir(path)


def _free_name(top: bytes, number: int) -> bytes:
    while os.path.lexists(path := top + b"/codesteer-%d" % number):
        number += 1
    return path


def _rmdir(path: bytes) -> bool:
    try:
        os.rmdir(path)
    except OSError:
        return False
    return True


def _remove_files(folder: bytes) -> list[bytes]:
    """Remove what is not a folder; return the names of the folders."""
    folders: list[bytes] = []
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    for name in names:
        path = folder + b"/" + name
        try:
            if stat.S_ISDIR(os.lstat(path).st_mode):
                folders.append(name)
            else:
                os.unlink(path)
        except OSError:
            continue
    return folders


def _open_up(folder: bytes) -> None:
    try:
        os.chmod(folder, 0o700)
    except OSError:
        return
