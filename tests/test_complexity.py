"""The symbolic checker: nodes of the syntax tree, not letters of the text; and source that means harm."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_codesteer import Execution
from pytest_codesteer.feedback.complexity import LEAST, Complexity, _count, counting, measured, read_counts
from pytest_codesteer.sandbox import run
from tests.dialogue import counts, play, printed


def complexity(source):
    """Count in this process: the sources of these tests are ours."""
    return read_counts(printed(_count(source)))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", Complexity()),
        ("for i in range(3):\n    while i:\n        i -= 1", Complexity(loops=2)),
        ("async def f():\n    async for i in x: pass", Complexity(loops=1)),
        ("[i for i in x for j in y if i]", Complexity(loops=2)),
        ("{i: 1 for i in x}, {i for i in x}, (i for i in x)", Complexity(loops=3)),
        ("if a: pass\nelif b: pass\nelse: pass", Complexity(branches=2)),
        ("a if b else c", Complexity(branches=1)),
        ("match a:\n    case 1: pass\n    case _: pass", Complexity(branches=2)),
        ("try: a\nexcept E: b\nexcept F: c\nelse: d\nfinally: e", Complexity(tries=3)),
        ("try: a\nexcept* E: b", Complexity(tries=2)),
        ("a + b * c - d ** e", Complexity(operations=4)),
        ("import itertools, os", Complexity(searching=1)),
        ("from itertools import permutations", Complexity(searching=1)),
        ("from networkx.algorithms import flow", Complexity(searching=1)),
        ("from .itertools import x\nfrom . import itertools", Complexity()),
        ("import sympy as s\nfrom z3 import *", Complexity(symbolic=2)),
        ("def f(n):\n    return f(n)", Complexity(recursions=1)),
        ("def f(n):\n    return g(n)\ndef g(n): return self.f(n)", Complexity()),
    ],
)  # fmt: skip
def test_nodes_are_counted(source, expected):
    assert complexity(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "# for while if elif else try except",
        "'for while if elif else try except'",
        "print(format(before, information, elsewhere, tryout, whiled))",
        "x = 'print(1 + 2)'",
        "printf = notify = forward = iffy = 1",
        "print(f'{before!r}')",
    ],
)
def test_words_in_comments_strings_and_names_do_not_count(source):
    assert complexity(source).score == 0


def test_the_score_is_the_papers():
    source = "for i in x:\n    if i:\n        try: i + i * i\n        except E: i - i / i"
    assert complexity(source).score == 1 + 1 + 2 + 4 / 4
    assert complexity("print(1838 * 2285)").score < LEAST < complexity(source).score


def test_the_counting_is_a_program_of_its_own_that_never_runs_the_source(tmp_path):
    victim = tmp_path / "victim"
    source = f"open({str(victim)!r}, 'w')\nfor i in range(3): pass"
    execution = run(counting(source))
    assert read_counts(execution) == Complexity(loops=1)
    assert not victim.exists()


HOSTILE = {
    "not Python": "1 +",
    "a NUL": "a = 1\0",
    "a surrogate": "a = '\ud800'",
    "a deep bracket": "(" * 100_000,
    "deep brackets": "(" * 100 + ")" * 100 + "\n" + "[" * 50_000 + "]" * 50_000,
    "many signs": "-" * 500_000 + "1",
    "many nots": "not " * 200_000 + "1",
    "a deep attribute": "a" + ".b" * 200_000,
    "a deep sum": "1" + "+1" * 200_000,
    "a deep call": "f" + "()" * 200_000,
    "deep lambdas": "lambda: " * 50_000 + "1",
    "deep conditions": "1 if 1 else " * 50_000 + "1",
    "an endless elif": "if 1: pass\n" + "elif 1: pass\n" * 50_000,
    "deep indents": "\n".join(" " * at + "if 1:" for at in range(99)) + "\n" + " " * 99 + "pass",
    "a huge number": "9" * 100_000,
    "a huge power": "9**9**9**9",
    "a long string": f"'{'x' * 1_000_000}'",
    "quotes that close ours": "'''\"\"\"\\",
    "its own report": "print('loops=9 branches=9')\n" * 3,
    "line ends": "a = 1\r\nb = 2\u2028c = 3\x0c",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_source_that_means_harm_is_counted_or_refused_in_bounded_time(name):
    execution = run(counting(HOSTILE[name]), seconds=5, memory_mb=512)
    found = read_counts(execution)
    assert found is None or isinstance(found, Complexity)
    assert "Traceback" not in execution.stdout


@pytest.mark.parametrize(("name", "found"), [("a long string", Complexity()), ("not Python", None),
                                             ("a NUL", None), ("its own report", Complexity()),
                                             ("a huge power", Complexity(operations=3)),
                                             ("quotes that close ours", None)])  # fmt: skip
def test_what_they_come_to(name, found):
    assert read_counts(run(counting(HOSTILE[name]))) == found


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_the_counting_program_holds_any_text_as_data(source):
    program = counting(source)
    assert program.isascii()
    compile(program, "<counting>", "exec")


@pytest.mark.parametrize(
    "execution",
    [
        Execution("killed"),
        Execution("timeout", stdout=_count("")),
        Execution("error", stderr="SyntaxError"),
        printed("loops=1"),
        printed(_count("") + " more=1"),
        printed("x=" * 1_000_000),
        printed("x" * 5_000_000),
    ],
)
def test_a_report_that_is_none_is_unknown(execution):
    assert read_counts(execution) is None


def test_a_method_measures_with_one_run():
    requests, found = play(measured("for i in x: pass"), printed(_count("for i in x: pass")))
    assert counts(requests[0], "for i in x: pass")
    assert found == Complexity(loops=1)
