"""Changing modules of the standard library as programs import them, where walls take away what they use."""

import importlib.machinery
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

Change = Callable[[ModuleType], None]


def install(changes: Mapping[str, Change]) -> None:
    """Change the modules of these names as they are imported from now on."""
    sys.meta_path.insert(0, _Finder(changes))


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds the modules to be changed where they are."""

    changes: Mapping[str, Change]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self.changes:
            return None
        for finder in (importlib.machinery.BuiltinImporter, importlib.machinery.PathFinder):
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                spec.loader = _Loader(spec.loader, self.changes[fullname])  # type: ignore[assignment]
                return spec
        return None


@dataclass(frozen=True, slots=True)
class _Loader:
    """Loads a module as it is, then changes it."""

    original: Any
    change: Change

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self.original.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        self.original.exec_module(module)
        self.change(module)
