"""Reading yes, no and options: the forms that are read, and those that are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_codesteer.answers import Unreadable, choice, number, yes_no

LIES = {
    "yes": r"Ann (?:tells the truth|does not lie)",
    "no": r"Ann (?:lies|does not tell the truth)",
}
DATES = {"A": "12/06/1986", "B": "01/03/1987", "C": "03/01/1987"}
SHELF = {"A": "The plums are the third-cheapest", "B": "The loquats are the third-cheapest"}


def said(function, *arguments, **keywords):
    try:
        return function(*arguments, **keywords)
    except Unreadable:
        return None


@pytest.mark.parametrize(
    "text",
    [
        "Yes", "yes", "YES.", "- Yes", "* yes", "True", "**Yes**", r"\text{Yes}", r"$\boxed{Yes}$",
        "\u201cYes\u201d", "(A) Yes", "1. Yes", "Yes!", "Yes \u2705", "not false", "Answer: Yes",
        "result = True", '{"answer": "Yes"}', "The answer is Yes", "The correct answer is: **Yes**",
        "So the final answer is yes.", "I think the answer is yes", "The answer to the question is yes.",
        "It's true.", "Does Ann tell the truth? Yes.", "Ann: Yes", "Yes, because she says so",
        "Yes\u2014since Bob lies", "Yes, as no one lies", "Yes, there is no other way", "Yes, she does",
        "Yes you do", "Since Bob lies, the answer is Yes.", "Bob lies.\nYes", "Yes\nbecause Bob lies",
        "Ann tells the truth.", "So Ann tells the truth", "Ann does not lie",
        "Bob lies. So Ann tells the truth.", "Yes, Ann tells the truth because Bob lies",
        "Yes Ann tells the truth", "__Yes__", "\uff39\uff45\uff53", "Yes\u200b", "Certainly yes", "I'd say yes.",
        "I would answer Yes.", "That is true.", "The statement is true.", "x = 0, y = 0 -> Yes",
        "There is no other way, so the answer is yes.", "The sum is zero, so Yes.", "Yes: 5 - 5 = 0",
        "Based on this, the answer is Yes.", "Bob does not lie, so yes, she does.", "Ann tells the truth: True",
        "Bob lies and so Ann tells the truth.", "<answer>Yes</answer>", "<Yes>",
        "No. Wait, I made a mistake: the answer is Yes.", "No. Actually, yes.", "Yes, actually.",
        "Wait, if Bob lies, it may be no.\nBob lies.\nThe answer is Yes.",
    ],
)  # fmt: skip
def test_forms_of_yes(text):
    assert said(yes_no, text, **LIES) is True


@pytest.mark.parametrize(
    "text",
    [
        "No", "no.", "- No", "False", "not true", "Not True.", "The answer is No", "No, because it says so",
        "No, it is not true", "No, you don't", "Ann lies.", "Therefore Ann lies",
        "Ann does not tell the truth", "No, Ann lies", "Does Ann tell the truth?\nNo",
        "The answer is not yes", "No; indeed she lies", "That is not true.", "The statement is false.",
        "No, you are 3 steps away", "It is not the origin, so no.", "Ann tells the truth: No",
    ],
)  # fmt: skip
def test_forms_of_no(text):
    assert said(yes_no, text, **LIES) is False


@pytest.mark.parametrize(
    "text",
    [
        "", "Maybe", "Yes and No", "Yes or no", "Yes/No", "yes no", "Yes. No.", "Yes\nNo", "- Yes\n- No",
        "Yes?", "Probably yes", "Yes, maybe", "Yes, if you turn left", "It could be yes",
        "either yes or no", "I don't know", "No clear answer", "No one lies", "no way to tell",
        "It cannot be determined", "unknown", "Yes, unless Bob lies",
        "It is not the case that the answer is Yes", "It is false that Ann lies",
        "Bob says Ann tells the truth", "Bob says that Ann lies", "Yes, Ann lies",
        "No, Ann tells the truth", "Yes, you don't", "Ann", "42", "Yesterday",
        "The statement that Ann lies is wrong", "Ann tells the truth, not", "\u2260 Yes", "n", "Noon",
        "Nope-ish", "No, you do.", "Yes, you don't make it back", "Ann tells the truth or not", "Not so: yes", "I am not sure, so yes",
        "So yes, so no",
    ],
)  # fmt: skip
def test_what_says_neither_or_both_is_refused(text):
    assert said(yes_no, text, **LIES) is None


@pytest.mark.parametrize(
    "text",
    [
        "B", "b", "(B)", "(b)", "B.", "b)", "B)", "[B]", "B!", "**(B)**", r"\text{(B)}", r"$\boxed{B}$",
        "Option B", "option b", "Answer: B", "answer: b", "The answer is (B).", "The correct choice is: B.",
        "I would pick B", "B is correct", "B because (A) is too early",
        "(B), since 12/06/1986 is too early", "(B)\nas it says", "(B) 01/03/1987", "B: 01/03/1987",
        "01/03/1987", "1/3/1987", "The date is 01/03/1987.", "(B) (B)", "Reasoning about (A).\nSo (B)",
        "May 5 was the start, so (B)", "'B'", "['B']", "('B', '01/03/1987')", "__(B)__", "\uff08\uff22\uff09",
        "(A). Wait, no: (B)", "12/06/1986. Correction: 01/03/1987", "(B), actually.",
        "Among the options, (B) is the right one", "Is it (A)? No: (B)", "Which one? (B)",
    ],
)  # fmt: skip
def test_forms_of_an_option(text):
    assert said(choice, text, DATES) == "B"


@pytest.mark.parametrize(
    "text",
    [
        "", "Z", "(Z)", "(B) or (A)", "B or A", "A, B", "A/B", "Both (A) and (B)", "(A)\n(B)",
        "(A) 01/03/1987", "A 01/03/1987", "01/03/1987 or 03/01/1987", "not (B)", "(B) is wrong",
        "neither (A) nor (B)", "all but (B): anything else than that", "Maybe B", "(B), perhaps",
        "B, not A", "If so, (B)", "It is a day", "A robin sings", "I do not know", "No clear answer",
        "01/03/19870", "101/03/1987", "AB", "none of the above", "B?", "(B)?", "Anything but (B)", "Every option but (B)", "(A). Actually, (B) is also possible", "(A) Wait, (B) or (C)",
        "B and A are both possible", "(A) 12/06/1986\n(B) 01/03/1987", "Options:\nA. one\nB. two", "I'B",
    ],
)  # fmt: skip
def test_what_names_no_single_option_is_refused(text):
    assert said(choice, text, DATES) is None


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("The loquats are the third-cheapest", "B"),
        ("loquats are third-cheapest.", "B"),
        ("So the loquats are the third-cheapest!", "B"),
        ("(A) the plums are the third-cheapest", "A"),
        ("(A) The loquats are the third-cheapest", None),
        ("The loquats", None),
        ("The loquats are not the third-cheapest", None),
        ("It is wrong that the loquats are the third-cheapest", None),
    ],
)
def test_the_text_of_an_option_stands_for_its_letter(text, letter):
    assert said(choice, text, SHELF) == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("+", "A"), ("-", "B"), ("5", "C"), ("-5", "D"), ("It is 5", None), ("(C)", "C"),
        ("not known", "E"), ("It is not known", "E"), ("A robin is first", "F"), ("a robin is first.", "F"),
    ],
)  # fmt: skip
def test_options_that_look_like_something_else(text, letter):
    options = {"A": "+", "B": "-", "C": "5", "D": "-5", "E": "not known", "F": "A robin is first"}
    assert said(choice, text, options) == letter


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 1/2", 2.5), ("-2 1/2", -2.5), ("2\u00bd", 2.5), ("\u00be", 0.75), (r"2\frac{1}{2}", 2.5),
        ("5 3/2", None), ("5 + 5", None), ("5-5", None), ("5 x 5", None), ("it is 2*2", None),
        ("2*2 = 4", 4), ("4 = 2*2", 4), ("0x1F", None), ("maybe 5", None), ("probably 5", None),
        ("either 5", None), ("5 or 5.0", 5), ("(lambda: 5).__class__", None), ("35m", 35),
        (r"2 \frac12", 2.5), ("Fraction(5, 2)", 2.5), ("US$1,234", 1234), (r"CA\$ 5", 5), (r"1,\!234", 1234),
        ("7. Wait, no: 5", 5), ("7\nSorry, 7 is wrong. It is 5", None), ("5. Wait, is it 7?", None),
        ("5, actually.", 5), ("They wait 5 minutes", 5), ("<answer>5</answer>", 5), ("minus 5", -5), ("negative 5", -5), ("10 minus 5", None), ("1.2k", 1200), ("3M", 3 * 10**6), ("<5>", 5),
        ("5?", None), ("Is it 5? It is 7", 7), ("more than 5", None), ("at least 5", None), ("> 5", None),
        ("\u2265 5", None), ("\u00b15", None), (r"\pm 5", None), ("half of 5", None), ("twice 5", None),
        ("almost 5", None), ("it is under 5", None), ("5 isn't right", None), ("5 is wrong", None),
        ("5 is not the answer", None), ("it could be 5", None), ("Ann has 3 cows and 2 pigs, so 5 animals", 5),
        ("After 3 days she has 5 eggs", 5), ("She has 3 eggs and buys 2", None), ("\uff15", 5),
    ],
)  # fmt: skip
def test_numbers_mixed_undone_and_doubted(text, value):
    assert said(number, text) == value


@given(st.text(max_size=200))
def test_no_text_makes_a_reader_raise_anything_else(text):
    assert said(yes_no, text, **LIES) in (True, False, None)
    assert said(choice, text, DATES | SHELF | {"D": text}) in (None, "A", "B", "C", "D")


@given(
    st.sampled_from(["Yes", "No"]),
    st.sampled_from(["", "So ", "The answer is ", "- "]),
    st.sampled_from(["", "."]),
)
def test_a_contrary_answer_behind_it_takes_any_answer_back(word, lead, stop):
    contrary = {"Yes": "no", "No": "yes"}[word]
    assert said(yes_no, f"{lead}{word}{stop}") == (word == "Yes")
    assert said(yes_no, f"{lead}{word}, {contrary}{stop}") is None
    assert said(yes_no, f"maybe {lead}{word}{stop}") is None
