"""Game of 24: expressions in many dresses, against Python's own arithmetic on fractions."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.judging import loaded, right, wrong

TASK = loaded("game24")
DATA = {"numbers": [4, 4, 10, 10], "target": 24}
SOLUTION = "(10*10 - 4)/4"
LATEX = {"*": r"\times"}


@pytest.mark.parametrize(
    "answer",
    [
        SOLUTION,
        f"{SOLUTION} = 24",
        f"24 = {SOLUTION}",
        f"{SOLUTION} == 24.0",
        f"I find\n<answer>{SOLUTION} = 24</answer>.",
        f"{SOLUTION} = (100 - 4)/4 = 96/4 = 24",
        f"**{SOLUTION} = 24** \u2713",
        f"`{SOLUTION}`",
        f"'{SOLUTION} = 24'",
        f'{{"expression": "{SOLUTION} = 24"}}',
        f"Answer: {SOLUTION} = 24.",
        f"**Final answer:** {SOLUTION} = 24",
        f"Input: 4 4 10 10 Answer: {SOLUTION}",
        f"- {SOLUTION} = 24",
        f"3. {SOLUTION} = 24",
        f"10*10 = 100\n100 - 4 = 96\n96/4 = 24\n{SOLUTION} = 24",
        f"One way is\n\n{SOLUTION} = 24\n\nwhich uses each number once.",
        f"```\n{SOLUTION} = 24\n```",
        "((10.0 * 10.0) - 4.0) / 4.0",
        "\uff0810\u00d710\u22124\uff09\u00f74\uff1d24\u3002",
        "(10 x 10 - 4) / 4",
        r"\[\frac{10\times10-4}{4} = 24\]",
        r"\frac{10 \cdot 10 - 4}4",
        r"$\displaystyle\frac{\left(10 \ast 10\right) - 4}{4}$",
        r"Answer: $\boxed{(10 \times 10 - 4) \div 4 = 24}$",
    ],
)
def test_other_forms_are_read(answer):
    assert right(TASK, DATA, answer)


@pytest.mark.parametrize(
    "answer",
    [
        f"{SOLUTION} = 25",
        f"{SOLUTION} = 24 = 25",
        f"{SOLUTION} = x",
        f"-{SOLUTION}",
        f"{SOLUTION} + 4 - 4",
        f"{SOLUTION} or (10 - 4)*4",
        f"{SOLUTION} = 24\nor (10 - 4)*4 = 24",
        f"{SOLUTION} = 24\nThe final answer is then\n(10 - 4)*4 = 24",
        f"{SOLUTION} = 24\nThis is not correct.",
        f"{SOLUTION} = 24\nAnother one: (10 - 4)*4 = 24, as asked",
        f"maybe\n{SOLUTION} = 24",
        f"not {SOLUTION}",
        f"The answer is {SOLUTION}",  # a label may stand before the expression, a sentence around it not
        "10*10 - 4 = 96, 96/4 = 24",
        "10*10 - 4/4 = 24",
        "(10 ** 10 - 4)/4",
        "(10*10 - 4) ** (4/4)",
        "(1 0*10 - 4)/4",
        "4 + 10 + 10",
        "24 = 24",
        "24",
        "Answer: 24",
        r"\frac{10*10-4}",
        "no solution",
    ],
)
def test_other_answers_are_wrong(answer):
    assert wrong(TASK, DATA, answer)


def written(tree, *, latex):
    """Write a tree of (operator, left, right): in LaTeX, or as programs print it."""
    if isinstance(tree, int):
        return str(tree)
    operator, *parts = tree
    left, right_ = (written(part, latex=latex) for part in parts)
    if not latex:
        return f"({left}{operator}{right_})"
    if operator == "/":
        return rf"\frac{{{left}}}{{{right_}}}"
    return rf"\left({left} {LATEX.get(operator, operator)} {right_}\right)"


def value(tree):
    if isinstance(tree, int):
        return Fraction(tree)
    operator, left, right_ = tree[0], value(tree[1]), value(tree[2])
    if left is None or right_ is None or (operator == "/" and not right_):
        return None
    return {"+": left.__add__, "-": left.__sub__, "*": left.__mul__, "/": left.__truediv__}[operator](right_)


def numbers(tree):
    return [tree] if isinstance(tree, int) else [*numbers(tree[1]), *numbers(tree[2])]


TREES = st.recursive(
    st.integers(1, 13), lambda inner: st.tuples(st.sampled_from("+-*/"), inner, inner), max_leaves=6
)


@settings(max_examples=300, deadline=None)
@given(tree=TREES, latex=st.booleans(), more=st.integers(0, 1))
def test_an_expression_is_right_exactly_when_it_is_the_target(tree, latex, more):
    result = value(tree)
    target = 24 if result is None else int(result) + more
    data = {"numbers": numbers(tree), "target": target}
    assert TASK.check(data, written(tree, latex=latex)).correct == (result == target)
    assert wrong(TASK, {**data, "numbers": [*numbers(tree), 1]}, written(tree, latex=latex))
