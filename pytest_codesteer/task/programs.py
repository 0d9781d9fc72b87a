"""The text of a reference program: a solver's own module, the data of one instance, and a print."""

import inspect
from collections.abc import Callable
from pathlib import Path


def program_of(solver: Callable[..., str], /, **data: object) -> str:
    """Return the module of *solver* as a program that calls it with *data* and prints its answer in marks.

    The module must need nothing but the standard library; *data* holds JSON values.
    """
    source = Path(inspect.getfile(solver)).read_text("utf-8")
    values = "".join(f"{name} = {value!r}\n" for name, value in data.items())
    call = f"{solver.__name__}({', '.join(f'{name}={name}' for name in data)})"
    return f'{source}\n\n{values}\nprint(f"<<<{{{call}}}>>>")\n'
