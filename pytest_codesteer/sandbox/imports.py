"""Which of the modules that take long to import a program asks for."""

import re

#: They survive forking: none starts threads when it is imported.
WORTH_PRELOADING = ("numpy", "sympy")

#: Imported together with a module: programs use them, and they would be imported late.
_COMPANIONS = {
    "numpy": ("numpy", "numpy.random", "numpy.linalg"),
    "sympy": (
        "sympy",
        "sympy.tensor.tensor",
        "sympy.sets.setexpr",
        "sympy.assumptions.wrapper",
    ),  # by `solve`
}

_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+([^\n#]*)", re.MULTILINE)
_SCANNED = 1 << 16  # characters; imports stand at the beginning


def preloads(source: str) -> tuple[str, ...]:
    """Return the modules to have ready for this program.

    >>> preloads("import numpy as np, os")
    ('numpy', 'numpy.random', 'numpy.linalg')
    """
    named = {
        part.partition(".")[0]
        for clause in _IMPORT.findall(source[:_SCANNED])
        for part in clause.replace(",", " ").split()
    }
    return tuple(module for name in WORTH_PRELOADING if name in named for module in _COMPANIONS[name])
