"""Readers of model text: what they read, what they refuse, and that nothing makes them crash or crawl."""

import doctest
import re
from contextlib import suppress
from fractions import Fraction
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_codesteer.answers import (
    Candidate,
    Unreadable,
    boxed,
    final_answer,
    marked,
    number,
    parse,
    program,
    shown,
    standing,
    structure,
    structures,
    without_programs,
)
from tests.judging import processor_time

MODULES = ("marks", "candidates", "numbers", "arithmetic", "choices", "structures", "programs")


def all_structures(text):
    return list(structures(text))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_hold(name):
    module = import_module(f"pytest_codesteer.answers.{name}")
    result = doctest.testmod(module)
    assert result.failed == 0


class TestMarks:
    @pytest.mark.parametrize(
        ("text", "answer"),
        [
            ("<<<42>>>", "42"),
            ("first <<<1>>>, then <<< 2 >>> at last", "2"),
            ("<<<a\nb>>>", "a\nb"),
            ("<<<<42>>>>", "42"),
            ("<<<<<42>>>>>", "42"),
            ("<<<a <<<b>>>", "b"),
            ("<<<>>>", ""),
            (">>> <<<", None),
            ("<<<never closed", "never closed"),
            ("<<<42>>", "42"),
            ("so <<<move a from 1 to 2>", "move a from 1 to 2"),
            ("<<<1>>>, then <<<2", "1"),
            ("x >>>", None),
            ("", None),
        ],
    )
    def test_the_last_marked_answer_counts(self, text, answer):
        assert marked(text) == answer

    @pytest.mark.parametrize(
        ("text", "answer"),
        [
            (r"\boxed{42}", "42"),
            (r"\boxed{1} or \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
            (r"\boxed{1", None),
            ("boxed{1}", None),
        ],
    )
    def test_the_last_box_counts(self, text, answer):
        assert boxed(text) == answer

    @pytest.mark.parametrize(
        ("text", "answer"),
        [
            ("<<<\ufeff4\u200b2\u202c>>>", "42"),
            ("```\n42\n```", "42"),
            ("<answer>\n42\n</answer>", "42"),
            ("<answer>42</b>", "<answer>42</b>"),
            ("<<<```json\n[1,\n2]\n```>>>", "[1,\n2]"),
            ("```\n42\n```\nor\n```\n43\n```", "```\n42\n```\nor\n```\n43\n```"),
            (r"<<<\boxed{\frac{1}{2}}>>>", r"\frac{1}{2}"),
            (r"<<<\boxed{1} or \boxed{2}>>>", r"\boxed{1} or \boxed{2}"),
            (r"<<<\boxed{1}, or {2}>>>", r"\boxed{1}, or {2}"),
        ],
    )
    def test_what_is_around_all_of_an_answer_is_no_part_of_it(self, text, answer):
        assert final_answer(text) == answer

    def test_marks_come_before_a_box_and_a_box_before_the_text(self):
        assert final_answer(r"<<<1>>> \boxed{2} 3") == "1"
        assert final_answer(r"\boxed{2} 3") == "2"
        assert final_answer(" 3 ") == "3"

    @pytest.mark.parametrize("text", ["<<<>>>", "<<< >>>", "<<<1>>> no: <<<\n>>>"])
    def test_empty_marks_are_an_empty_answer(self, text):
        assert final_answer(text) == ""

    @pytest.mark.parametrize("text", ["", "  \n", "\\boxed{}", "x" * 100_001])
    def test_nothing_and_far_too_much_are_unreadable(self, text):
        with pytest.raises(Unreadable):
            final_answer(text)

    def test_a_quotation_is_one_short_line(self):
        assert shown("a\nb") == r"'a\nb'"
        assert len(shown("x" * 1_000_000)) <= 40
        assert len(shown(["x" * 1000] * 1000)) <= 40


class TestNumber:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("42", 42),
            ("-42", -42),
            ("\u221242", -42),
            ("4,199,830", 4199830),
            (r"4\,199\,830", 4199830),
            ("4 199 830", 4199830),
            ("4\u202f199\u202f830", 4199830),
            ("4_199_830", 4199830),
            ("12,34,567", 1234567),
            ("4199830.0", 4199830),
            ("4199830.", 4199830),
            (".5", Fraction(1, 2)),
            ("1/4", Fraction(1, 4)),
            (r"-\frac{3}{4}", Fraction(-3, 4)),
            ("1.5e3", 1500),
            (r"1.5 \times 10^3", 1500),
            ("2.5 million dollars", 2_500_000),
            ("$42", 42),
            (r"\$42", 42),
            ("\u20ac42", 42),
            ("$42$", 42),
            ("**42**", 42),
            ("`42`", 42),
            ("42 km^2", 42),
            ("The answer is 42.", 42),
            ("x = 42", 42),
            ("6*7 = 42", 42),
            ("42 = 6*7", 42),
            ("6*7 = 42 = 42.0", 42),
            ("for 3 days it is 42", 42),
            ("First 6 and 7.\nThen:\n42", 42),
            (r"\boxed{42}", 42),
            ("\uff14\uff12", 42),
            ("negative 42", -42),
            ("It is minus 42.", -42),
            ("-(42)", -42),
            ("4.199.830", 4199830),
            ("42 (= 6 * 7)", 42),
            ("6 * 7 \u2192 42", 42),
            ("6 * 7: 42", 42),
            ("6\u2217(-7) -> -42", -42),
            ("6\u00d77\uff1d42", 42),
            (r"\underline{42}", 42),
            (r"6\times7 = 42", 42),
        ],
    )
    def test_forms_of_one_number(self, text, value):
        assert number(text) == value

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "forty-two",
            "41 or 42",
            "41, 42",
            "41 = 42",
            "x = 41 or x = 42",
            "not 42",
            "it is not 42",
            "1.2.3",
            "12,34",
            "2^10",
            "10**6",
            "1/0",
            "1e9999",
            "9" * 5000,
            "42" + " " * 30_000,
            "NaN",
            "inf",
            "42 is wrong",
            "42 is not correct",
            "it could be 42",
            "42 or so",
            "less than 42",
            "at least 42",
            "42 < x",
            "\u00b142",
            "sqrt(42)",
            "\u221a42",
            "5 minus 42",
            "6 * 7 -> 42 or 43",
            "1.234.56",
            "--42",
            "9**9**9**9",
            "7**7",
            "5!",
            "x = +-42",
        ],
    )
    def test_what_is_not_one_number(self, text):
        with pytest.raises(Unreadable):
            number(text)

    @given(
        st.integers(), st.sampled_from(["{}", "{:,}", "{:_}", "The answer is {}.", "x = {}", "${}$", "{}.0"])
    )
    def test_a_whole_number_in_any_dress_reads_back(self, value, form):
        assert number(form.format(value)) == value

    @given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
    def test_a_fraction_reads_back(self, over, under):
        assert number(f"{over}/{under}") == Fraction(over, under)


class TestArithmetic:
    @pytest.mark.parametrize(
        ("text", "value", "numbers"),
        [
            ("(11 * 8 + 8) / 4", 24, [11, 8, 8, 4]),
            ("8/(3-8/3)", 24, [8, 3, 8, 3]),
            (r"\frac{8}{3-\frac{8}{3}}", 24, [8, 3, 8, 3]),
            ("6 \u00d7 4 \u00f7 1 \u2212 0", 24, [6, 4, 1, 0]),
            (r"$(6 \times 4)$.", 24, [6, 4]),
            (r"\left(6 \cdot 4\right)", 24, [6, 4]),
            ("[6*{4}]", 24, [6, 4]),
            ("2(3+9)", 24, [2, 3, 9]),
            ("(3+9)2", 24, [3, 9, 2]),
            ("(1+1)(3+9)", 24, [1, 1, 3, 9]),
            ("-(3-27)", 24, [3, 27]),
            ("30 - -(-6)", 24, [30, 6]),
            ("2 - 3 - 4", -5, [2, 3, 4]),
            ("48 / 2 / 1", 24, [48, 2, 1]),
            ("2 + 3 * 4", 14, [2, 3, 4]),
            ("0.5 * 48", 24, [Fraction(1, 2), 48]),
            ("6 x (5 - 1)", 24, [6, 5, 1]),
            ("6\u22174\u2215(3\u22122)", 24, [6, 4, 3, 2]),
            ("\uff08\uff16+\uff12\uff09*3", 24, [6, 2, 3]),
            (r"6\times4", 24, [6, 4]),
            (r"8 / \frac{1}{3}", 24, [8, 1, 3]),  # not (8 / 1) / 3
            (r"8 \div \frac13", 24, [8, 1, 3]),
            (r"\cfrac{48}2", 24, [48, 2]),
            (r"\frac{8}{\left(3-\frac 8 3\right)}", 24, [8, 3, 8, 3]),
            (r"\Big(2+4\Big)\cdot\bigl(4\bigr)", 24, [2, 4, 4]),
            ("**6 * 4**", 24, [6, 4]),
            ("6 * 4 \u2705", 24, [6, 4]),
        ],
    )
    def test_an_expression_is_read_and_computed_exactly(self, text, value, numbers):
        expression = parse(text)
        assert expression.value() == value
        assert expression.numbers == numbers

    @pytest.mark.parametrize(
        "text",
        ["", "(", ")", "()", "1 +", "* 2", "1 2", "2 ** 3", "6 ** (1 + 1)", "(1 + 1) **(2)", "\\frac{1}", "\\frac", "\\frac{}{}", "2 x", "x 2", "{1", "1}", "2 // 3", "5 % 3", "3!", "1 + x", "(lambda: 24)()", "1,2",
         "int('24')", "24 # yes", "1 +* 2", "((1)", "1)(2", "9" * 100, "+".join(["1"] * 3000)],
    )  # fmt: skip
    def test_what_is_no_expression(self, text):
        with pytest.raises(Unreadable):
            parse(text)

    def test_a_division_by_zero_is_unreadable_only_when_computed(self):
        expression = parse("1 / (2 - 2)")
        assert expression.numbers == [1, 2, 2]
        with pytest.raises(Unreadable, match="divides by zero"):
            expression.value()

    @given(st.recursive(st.integers(0, 99).map(str), lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
        lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"), max_leaves=30))  # fmt: skip
    def test_it_agrees_with_python(self, text):
        assert parse(text).value() == eval(text)  # noqa: S307  (the test made the text)


class TestStructure:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("[(50, [0, 2]), (30, [1])]", [[50, [0, 2]], [30, [1]]]),
            ('{"a": [1, 2.50, null, true]}', {"a": [1, Fraction(5, 2), None, True]}),
            ("{'a': None, \"b\": False,}", {"a": None, "b": False}),
            ("[]", []),
            ("[1,]", [1]),
            ("-3", -3),
            (r'"a\"b\n"', 'a"b\n'),
            ("[.5, 1.]", [Fraction(1, 2), 1]),
            ("[5e-2, 1E3]", [Fraction(1, 20), 1000]),
            ("{1: 2}", {"1": 2}),
            ("[np.int64(3), numpy.float64(2.5)]", [3, Fraction(5, 2)]),
            ("array([[1. , 2.5],\n       [3. , 4. ]])", [[1, Fraction(5, 2)], [3, 4]]),
            ("[[1.  2.5]\n [3.  4. ]]", [[1, Fraction(5, 2)], [3, 4]]),
            ("deque([(1, 2)])", [[1, 2]]),
        ],
    )
    def test_values_are_read(self, text, value):
        assert structure(text) == value

    @pytest.mark.parametrize(
        "text",
        ["", "[", "]", "[1", "(1 2)", "[1 'a']", "[,]", "[1,,2]", "{[1]: 2}", "{1.5: 2}", "{'a': 1, 'a': 2}", "{'a'}", "f(1)", "[x]", "1 + 1",
         "[1] [2]", "__import__('os')", "'open", "9" * 100, "[" * 100_000, "nan", "1e", "1e999"],
    )  # fmt: skip
    def test_anything_else_is_unreadable(self, text):
        with pytest.raises(Unreadable):
            structure(text)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text("abc xyz'\\\"", max_size=5),
            lambda inner: (
                st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4)
            ),
            max_leaves=20,
        )
    )
    def test_what_python_and_json_write_reads_back(self, value):
        import json

        assert structure(json.dumps(value)) == value
        assert structure(repr(value)) == value


class TestStructures:
    @pytest.mark.parametrize(
        ("text", "values"),
        [
            ("", []),
            ("none", []),
            ("from (1, 2) to [3, 4]", [[1, 2], [3, 4]]),
            ("the point (x, y): [(1, 2), (3, 4)].", [[[1, 2], [3, 4]]]),
            ("[(1, 2), (3, 4), ...]", [[1, 2], [3, 4]]),  # what an unreadable list holds
            ("[[1, 2], [3", [[1, 2]]),
            ("f(1)(2)", [[1], [2]]),
            ("]{[1]}", [[1]]),
            ('{"a": [1], "a": [2]} {"b": 3}', [[1], [2], {"b": 3}]),
        ],
    )
    def test_the_outermost_are_found_in_their_order(self, text, values):
        found = list(structures(text))
        assert [value for _, _, value in found] == values
        assert all(structure(text[start:end]) == value for start, end, value in found)

    @given(st.lists(st.lists(st.integers() | st.text("abc[](){}'\"\\ ", max_size=5), max_size=4), max_size=5))
    def test_each_value_among_words_is_found(self, values):
        text = " and ".join(["so", *map(repr, values), "."])
        assert [value for _, _, value in structures(text)] == values


class TestCandidates:
    @pytest.mark.parametrize(
        ("text", "stands"),
        [
            ("It is <5>.", "5"),
            ("<5> and again <5>", "5"),
            ("<4>. Wait, I forgot one: <5>", "5"),
            ("<4>, no, corrected: <4> <5>", None),  # two of them behind the correction
            ("<4> is wrong. The answer is <5>", "5"),
            ("<3> Actually <4> Actually <5>", "5"),
            ("So not 4 but <5>, which is not easy to see", "5"),
            ("<4> <5>", None),
            ("<4> or <5>", None),
            ("<4>, or actually <5>", None),
            ("either <5>", None),
            ("maybe <5>", None),
            ("not <5>", None),
            ("<5> or something like it", None),
            ("<5>\nNo, that is wrong.", None),
            ("<5>, but this does not work", None),
            ("none", None),
        ],
    )
    def test_the_last_stands_if_the_others_are_taken_back(self, text, stands):
        found = [Candidate(match.start(), match.end(), match[1]) for match in re.finditer(r"<(\d)>", text)]
        if stands:
            assert standing(text, found) == stands
        else:
            with pytest.raises(Unreadable):
                standing(text, found)


class TestPrograms:
    @pytest.mark.parametrize(
        ("text", "source"),
        [
            ("Sure:\n```python\nprint(1)\n```\nDone.", "print(1)\n"),
            ("```py\nprint(1)\n```", "print(1)\n"),
            ("```Python3\nprint(1)\n```", "print(1)\n"),
            ("```{.python}\nprint(1)\n```", "print(1)\n"),
            ("~~~python\nprint(1)\n~~~", "print(1)\n"),
            ("```python\r\nprint(1)\r\n```\r\n", "print(1)\n"),
            ("```python\nprint('```')\n```", "print('```')\n"),
            ("````python\n```\nprint(1)\n````", "```\nprint(1)\n"),
            ("- so:\n  ```python\n  if 1:\n    print(1)\n  ```", "if 1:\n  print(1)\n"),
            ("```python\nprint(1)\n```\n```python\nprint(2)\n```", "print(2)\n"),
            ("```python\nprint(1)\n```\nOutput:\n```\nprint 1\n```", "print(1)\n"),
            ("```python\nprint(1)\n```\n```bash\nls\n```", "print(1)\n"),
            ("```\nprint(1)\n```", "print(1)\n"),
            ("```\n1\n```", None),
            ("```text\nprint(1)\n```", None),
            ("```python\n\n```", None),
            ("```python\nprint(1)", "print(1)\n"),
            ("```python\nx = 'a\u2028b'\n```", "x = 'a\u2028b'\n"),
            ("print(1)", None),
            ("", None),
        ],
    )
    def test_the_last_python_block_is_the_program(self, text, source):
        assert program(text) == source

    def test_a_reply_without_its_programs_shows_no_answer_of_theirs(self):
        text = "I think 3.\n```python\nprint('<<<42>>>')\n```\nSo <<<3>>>."
        assert without_programs(text) == "I think 3.\nSo <<<3>>>."


@pytest.mark.parametrize(
    "reader",
    [number, parse, structure, all_structures, final_answer, program, without_programs, marked, boxed],
)
@given(text=st.text(st.sampled_from("<>[](){}`'\"\\ \n0123456789.,+-*/=eabcxyz\u2212\ud800"), max_size=200))
def test_any_text_is_read_or_refused(reader, text):
    with suppress(Unreadable):
        reader(text)


@pytest.mark.parametrize(
    "reader",
    [number, parse, structure, all_structures, final_answer, program, without_programs, marked, boxed],
)
@pytest.mark.parametrize(
    "piece", ["<<<", "[", "(", "9**", "\\frac{", "1,", "```python\n", "1 ", "-", "'", "\\", "{,}"]
)
def test_a_long_text_takes_no_long_time(reader, piece):
    with processor_time(1.0), suppress(Unreadable):
        reader(piece * (100_000 // len(piece)))
