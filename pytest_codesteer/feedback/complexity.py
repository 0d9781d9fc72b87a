"""How much a program computes: the symbolic checker of arXiv:2502.04350, section 4.2, on a real syntax tree.

Nothing is parsed in this process.  Hostile source can exhaust the parser's stack and memory, and bounds on
length and nesting that are safe in every version of Python cannot be proved; so the counting is a program of
its own, which runs in the sandbox with the source as data.  Only its seven numbers come back.
"""

import inspect
import re
from dataclasses import dataclass

from pytest_codesteer.conversation import Execution, Steps, run_code

LEAST = 2.0  # a program that scores less hardly computes anything: its answer is written into it

MOST_CHARS = 500  # of what the counting program prints

_COUNT = re.compile(r"(\w+)=(\d{1,9})\b")


@dataclass(frozen=True, slots=True)
class Complexity:
    """The nodes of a syntax tree that make a program compute."""

    loops: int = 0  # for, while, and each "for" of a comprehension
    recursions: int = 0  # functions that call themselves
    branches: int = 0  # if, elif, conditional expressions, cases of a match
    tries: int = 0  # try and except
    operations: int = 0  # binary operations
    searching: int = 0  # modules imported to search with, such as itertools
    symbolic: int = 0  # modules imported to solve with, such as sympy

    @property
    def score(self) -> float:
        """The paper's score, with recursion and imports added: operations count a quarter, the rest one."""
        whole = self.loops + self.recursions + self.branches + self.tries + self.searching + self.symbolic
        return whole + self.operations / 4


def measured(source: str) -> Steps[Complexity | None]:
    """Return the complexity of a program; None when it is not Python, or too much for the parser."""
    execution = yield from run_code(counting(source))
    return read_counts(execution)


def counting(source: str) -> str:
    """Return the program that counts the nodes of *source*, which it never runs."""
    return f"{inspect.getsource(_count)}\n\nprint(_count({source!a}))\n"


def read_counts(execution: Execution) -> Complexity | None:
    """Return what the counting program printed."""
    if execution.status != "ok" or len(execution.stdout) > MOST_CHARS:
        return None
    counts = {name: int(count) for name, count in _COUNT.findall(execution.stdout)}
    return Complexity(**counts) if counts.keys() == set(Complexity.__dataclass_fields__) else None


def _count(source):  # type: ignore[no-untyped-def]  # its text is a program: it may use nothing of this module
    """Return the counts as a line of text; what is not Python ends the program with an error."""
    import ast

    searching = {"itertools", "heapq", "queue", "networkx", "constraint", "ortools", "pulp", "cvxpy", "pysat"}
    symbolic = {"sympy", "z3"}
    kinds = {
        "loops": (ast.For, ast.AsyncFor, ast.While, ast.comprehension),
        "branches": (ast.If, ast.IfExp, ast.match_case),
        "tries": (ast.Try, getattr(ast, "TryStar", ast.Try), ast.ExceptHandler),
        "operations": (ast.BinOp,),
    }
    nodes = list(ast.walk(ast.parse(source)))
    counts = {name: sum(isinstance(node, kind) for node in nodes) for name, kind in kinds.items()}
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    roots = {module.split(".")[0] for module in modules}
    functions = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    counts["recursions"] = sum(
        any(isinstance(each, ast.Call) and getattr(each.func, "id", "") == function.name
            for each in ast.walk(function))
        for function in functions
    )  # fmt: skip
    counts["searching"] = len(roots & searching)
    counts["symbolic"] = len(roots & symbolic)
    return " ".join(f"{name}={count}" for name, count in sorted(counts.items()))
