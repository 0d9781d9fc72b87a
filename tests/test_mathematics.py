"""Mathematical answers: forms that say the same, and forms that do not."""

from fractions import Fraction
from math import pi, sqrt

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pytest_codesteer.answers import PI, Unreadable, exact, latex, same_mathematics, square_root
from pytest_codesteer.answers.decimals import computed
from pytest_codesteer.answers.surds import function, root, symbol
from tests.judging import processor_time

RIGHT = {
    r"\frac{63}{64}": (
        "63/64", "0.984375", r"\dfrac{63}{64}", "frac{63}{64}", "126/128", "98.4375%", "\frac{63}{64}",
        "63 / 64",
        r"$\frac{63}{64}$", r"\(\frac{63}{64}\)", r"\boxed{\frac{63}{64}}", "Fraction(63, 64)", "1 - 1/64",
        "The probability is 63/64.", "P(A) = 63/64", "**63/64**",
        r"\text{Probability} = \frac{63}{64} \approx 0.98", r"\mathbf{\frac{63}{64}}", r"\\frac{63}{64}",
        r'{"answer": "\frac{63}{64}"}', "['63/64']", r"{63 \over 64}", "63 out of 64", "63/64 \u2705",
        "np.float64(0.984375)", "98.4375% (63/64)", "63/64, or about 98%", "A 63/64 chance",
        "The probability that the sum is not 7 is 63/64.",
    ),
    r"\frac{1}{6}": ("1 in 6", "a 1 in 6 chance", "The probability that the sum is 7 is 1/6."),
    r"\frac{3}{2}": ("1 1/2", r"1\frac{1}{2}", r"1\frac12", "1½", "1.5", r"\frac32", r"\tfrac{3}2", "3:2", "3 to 2"),
    "-1.5": ("-1 1/2", "\u22123/2", "-1½", "x = -3/2"),
    r"\frac{1}{3}": (
        "0.3333333", "1/3 = 0.333", "1/3 ≈ 0.33", "1/3 (about 33.3%)", "1/3 (33.3%)", "1/3 or 33 1/3 %",
        "33 1/3%",
    ),
    r"9\sqrt{5}": (
        "9√5", "9*sqrt(5)", "9 sqrt 5", r"\sqrt{405}", "sqrt(405)", r"9 \cdot \sqrt5", "5^(1/2) * 9",
        "5**0.5*9",
        "20.12461179749811", "20.1246", "20.125", "20.12", "9√5 cm", "9√5 ≈ 20.12", "9√5, which is about 20",
        "9*math.sqrt(5)", "9*np.sqrt(5)", r"\mathbf{9\sqrt{5}}", "['9*sqrt(5)']",
        "AB = 9√5", "9√5 = AB", r"\(9\sqrt{5}\text{ cm}\)", "\\[\n9\\sqrt{5}\n\\]", r"\frac{45}{\sqrt{5}}",
    ),
    r"1+\sqrt2": (r"\sqrt{3+2\sqrt{2}}", r"\frac{1}{\sqrt2-1}", "sqrt(2) + 1", "2.41421", "2.414"),
    r"\sqrt[3]{2}": ("2^(1/3)", "cbrt(2)", "∛2", r"2^{\frac{1}{3}}", "1.259921", r"\frac{\sqrt[3]{16}}{2}"),
    r"36\pi": (
        "36π", "36*pi", "36 pi", "pi*36", "113.097", "113.1", r"36\pi \text{ cm}^2", "36π cm²",
        "36π square units",
        "The area of the circle is 36π square units.", "36π (square units)", r"6^2 \pi", "about 113.1",
    ),
    r"\frac{2\pi-\sqrt3}{8}": (
        r"\frac{\pi}{4} - \frac{\sqrt{3}}{8}", "pi/4 - sqrt(3)/8", "(2π \u2212 √3)/8", "0.568892",
    ),
    "60": (
        "60.0", "60.000", "60 cm", r"60\text{ inches}", "60°", r"60^\circ", "60 degrees",
        "59.99999999999999", "x=60",
        "There are 60 ways.", "The answer is 60", "5!/2", r"\frac{5!}{2!}", r"\binom{6}{3} \cdot 3", "$60",
        r"\$60",
        "60 km/h", "So, the answer is 60.", "With 5 boys and 3 girls, the number of ways is 60", "5 dozen",
        "060",
        "50. Wait, no: 60", "x = 50. Actually, x = 60.", "60, actually.", "AC^2 = 3600, so AC = 60", "The sides are 36, 48 and 60, so the longest is 60", "## 60", "\u2022 60",
        "It has sides 36, 48 and 60; the longest is 60.", "2 * 30 = 60. 60 + 0 = 60", "<answer>60</answer>",
        "60 ways to choose 3 from 9", "60 committees of 3 people", "60\n---",
        "There are 12 books and 5 shelves, so 60 ways", '{"answer": 60}', "P(5, 3)", "US$60", "60 USD",
        "The number of ways in which the first is 5 is 60", r"{5 \choose 2} \cdot 6", "factorial(5)/2",
        "6 x 10", "3 * 20 = 60", "60 = 3 * 20", "**60**", "`60`", "60 different teams",
    ),
    "120": (
        "C(10, 3)", "C(10,3) = 120", "10C3", "10 choose 3", r"{10 \choose 3}", "nCr(10, 3)", "P(6, 3)",
        "_{10}C_3", "^{10}C_{3}", "binomial(10, 3)", "math.comb(10, 3)", "factorial(5)",
    ),
    "1000000": (
        "1,000,000", "1_000_000", r"1,\!000,\!000", "1{,}000{,}000", r"1\,000\,000", "1 000 000", "10^6", "10**6",
        "1 million",
        "1.0e6", "1e6", r"10^{6}",
    ),
    r"50\%": ("50%", "50", "50 percent", "50 per cent", "0.5", "1/2", "50.0"),
    r"0.56 = 56\%": ("0.56", "56%", "14/25", "0.56 = 56%"),
    r"\$\dfrac23 \approx \$0.67": ("0.67", "2/3", "$0.67"),
    "2:3": ("2\u22363", "2 to 3"),
    r"90^\circ": ("The angle measures 90 degrees", "90", "90°", r"90^{\circ}", "90 degrees", r"\angle ABC = 90^\circ", "m∠ABC = 90°"),
    r"\frac{\pi}{3}": ("60°", "pi/3", "1.0472"),
    "1:4": ("1:4", "2:8", "1 to 4", "1/4", "The ratio is 1:4."),
    "(3,-4)": (
        "(3, -4)", r"\left(3,-4\right)", "3, -4", "x = 3, y = -4", "(x, y) = (3, -4)", "P = (3,-4)",
        "The lines meet at (3, -4)", "(3; -4)", "P(3, -4)", r"\langle 3,-4\rangle", "Point2D(3, -4)",
        "The point is (3, -4).", r"(\frac{6}{2}, -\sqrt{16})", "[3, -4]",
    ),
    "[2,5)": ("[2, 5)", r"\left[2, 5\right)"),
    r"\{4,5,7\}": ("{4, 5, 7}", r"\{7, 5, 4\}", "4, 5, 7", "4, 5 and 7"),
    "12,9": ("12, 9", "12 and 9", "(12, 9)", "BP = 12, QT = 9"),
    "AB=9, CD=4": ("AB = 9, CD = 4", "CD = 4, AB = 9", "AB = 9 and CD = 4", "9, 4", "BA = 9, DC = 4"),
    "y = -1": ("y=-1", "-1", "y + 1 = 0", "The line is y = -1."),
    "y = 2x+1": ("y = 2x + 1", "2x + 1", "2x - y + 1 = 0", "1 + 2x = y"),
    r"\tan \theta = 2\theta": (r"\tan\theta = 2\theta", "2θ = tan θ", "tan(θ) = 2θ"),
    r"s^2 \le 8r^2": ("s² ≤ 8r²", "s^2 <= 8r^2", r"8r^2 \geq s^2", "s**2 <= 8*r**2"),
    "K=8": ("K = 8", "8", "x = 8"),
    "12-p": ("12 - p", "-p + 12", "x = 12 - p"),
    r"\frac{bx}{h}(h-x)": ("bx(h-x)/h", "b*x*(h - x)/h", "bx - bx^2/h"),
    r"\frac{1}{4m}": ("1/(4m)", r"\frac{1}{4}m^{-1}", "0.25/m"),
    r"3 \sec \frac{1}{2} \theta": (r"\frac{3}{\cos(\theta/2)}", "3 sec(θ/2)"),
    r"\cos(6^\circ)\sin(12^\circ)\csc(18^\circ)": ("0.6691", r"\cos 6^\circ \sin 12^\circ / \sin 18^\circ"),
    r"\frac{1}{2}": (r"\sin 30^\circ", r"\cos\frac{\pi}{3}", r"\sin^2 45^\circ"),
    "C": ("C", "(C)", "C.", "Option C", "The answer is C", "cone C"),
    "CD": ("CD", "DC", r"\overline{CD}", "segment CD"),
    r"\text{CBAD}": ("CBAD",),
    "-2^{49}": ("-562949953421312", "-562,949,953,421,312", "-(2^49)"),
    "0": ("0", "0.0", "-0", "1e-17"),
}  # fmt: skip

WRONG = {
    r"5\sqrt{13}": ("15.97", "5*sqrt(14)", "-5√13", "18", "5√13 = 19", "5√13 ≈ 18.5", "18.03 or 36.06"),
    r"\frac{2\sqrt{6}}{3}": ("1.63", "-1.633", "2*sqrt(6)", "1.65"),
    r"\frac{502}{2009}": ("0.25", "0.250", "0.249876", "2009/502", "-502/2009"),
    r"\pi": ("22/7", "355/113", "3", "3.1", "-3.14159"),
    "1/3": ("0.333", "0.33333", "1/3 = 0.34", "3", "1/3%"),
    "5": (
        "5 or 6", "5 or maybe 6", "either 5 or 7", "5, not 7", "not 5", "5 is not the answer", "x = 5 = 7",
        "5.5.5",
        "x = 5 or x = 7", "5 cm or 7 cm", "5, 7", "5 and then 7", "5; 7", "5 7", "between 5 and 7",
        "5 to 7", "5. No, 7.",
        "at least 5", "less than 5", "5 or more", "half of 5", "5 squared", "5 dozen", "5 million",
        "twice 5", "5x",
        r"\pm 5", "x > 5", "x ≤ 5", "5 != 7", "maybe 5", "5?", "5 out of 7", "5 minus 1", "root 5", "5!",
        "(5, 5)",
        "5, so 7", "5, or 7", "5; 7", "x = 7. x = 5", "It cannot be 5", "it might be 5", "maybe 5 or 7. So 5", "5 of 7", "5 to be multiplied by 7", "5 feet of 7 feet, or 7", "5 feet to 7 feet",
        "5. Actually, 7", "5. Wait, is it 5 or 7?", "5 feet 3 inches", "5\nNo, that is wrong.", "NaN", "inf", "9**9**9", "1e999999999", "1/0",
        r"\frac{5}{0}",
        "(10^9)!", "-5", "5%", "It is 5 but it could be 7", "5 | 7", "5 → 7", "five", "", "No.", "x", "5 or",
        r"\boxed{5} or \boxed{7}", "__import__('os').getpid()", "sqrt(-25)", "5 cm (3 cm)",
    ),
    "12441600": ("12441601", "12441600.5", "-12441600", "1244160"),
    "1/4": ("1/2 (50%)", "1/2 (0.5)", "0.25 (20%)", "4:1", "0.25%"),
    r"\frac12": ("50", "0.5%", "1 2"),
    r"50\%": ("5%", "0.5%", "51", "50°"),
    "30": ("30 - 5", "30°C and rising 5", "30.5", "pi/6", "29.999"),
    "(3,4)": ("not at (3, 4)", "(4, 3)", "(3, 4, 5)", "3", "(3, 4", "{3, 4}", "(3, 4]", "(3; 5)", "7"),
    "[2,5)": ("(2,5)", "[2,5]", "(2,5]", "2, 5"),
    r"\{4,5,7\}": ("{4,5,6}", "{4,5}", "(4,5,7)", "{4,4,5,7}"),
    "12,9": ("129", "9, 12", "12", "12,9,1"),
    "129": ("12,9",),
    "AB=9, CD=4": ("AB=4, CD=9", "4, 9", "AB = 9"),
    "y = -1": ("x = -1", "y = 1", "y = x"),
    "y = 2x+1": ("y = 2x - 1", "x = 2y + 1", "2x + y + 1 = 0"),
    r"s^2 \le 8r^2": (r"s^2 \ge 8r^2", "s^2 = 8r^2", "s^2 < 8r^2", "8r^2"),
    "12-p": ("12+p", "p-12", "12"),
    "n": ("1/n", "N", "n!", "5"),
    "C": ("D", "not C", "C or D", "D or C", "A or C", "CD"),
    "120": ("C(10, 4)", "10C4", "P(5, 3)", "factorial(6)", "120 or C(10, 3)!"),
    r"\frac{1}{6}": ("1 in 7", "2 in 6", "16.67% (1/5)", "the sum is 1/6 is 7"),
    "CD": ("CD or AB", "CE", "BC"),
    r"\text{CBAD}": ("DABC", "BCAD"),
}  # fmt: skip

HOSTILE = (
    "(" * 99_999, "9**" * 30_000, r"\frac{" * 16_000, "-" * 99_999, "1 " * 49_999, r"\sqrt{" * 300,
    "(" * 1_990,
    "9^" * 900, r"\frac{1}{" * 200, "2^999*" * 199, "x^999*" * 190, "(x+1)^999", "300!*" * 100 + "1",
    "5" + "!" * 1_900,
    "(1+√2+√3+√5+√7)^9" + "*(1+√2+√3+√5+√7)" * 20, "1/(1+√2+√3+√5+√7+√11+√13)", "sin(" * 30 + "1" + ")" * 30,
    "((((((" * 20 + "1,2" + "))))))" * 20, "√" * 1_900, "{" * 399, r"\binom{300}{150}" * 30, r"\sin" * 390,
    "1e300*" * 190 + "1", "9" * 1_999, "9" * 400 + "^9", "(a+b+c+d+e+f+g+h)" * 4, "1/(a+b)+" * 60 + "1",
    "1/(√2+√3)+" * 60 + "1", "√(√2+" * 30 + "1" + ")" * 30, "sqrt(1+" * 29 + "1" + ")" * 29, "(1/9)^{-9999}",
    r"\cos(" * 20 + "999999999" + ")" * 20, r"\sqrt[" + "9" * 200 + "]{2}", "3^10000", "tan(90°)", "10" * 900,
    "√12345678901234567890123456789012345678901234567890" * 30, "a\n" * 49_000, "5 or " * 399, "x=" * 900,
    "1:" * 199,
    "{" * 1_000 + "\\over" * 150, "{}" * 900 + "\\over", "<" * 1_900, "{a" * 900 + "\\choose", "1_000" * 390,
    '["' * 900, '{"a":' * 390, "1C" * 900, "C(1," * 480, "9 in " * 390, "so " * 390, "is " * 390,
    "\\boxed{" * 10_000, "\ud800" * 1_000, "½" * 900, "\ufdfa" * 1_900, "(1," * 600, ". " * 900,
)  # fmt: skip


def agrees(answer, target, question=""):
    try:
        return same_mathematics(answer, target, question=question)
    except Unreadable:
        return False


@pytest.mark.parametrize(("target", "answers"), RIGHT.items(), ids=RIGHT)
def test_forms_that_say_the_same(target, answers):
    assert [answer for answer in (target, *answers) if not agrees(answer, target)] == []


@pytest.mark.parametrize(("target", "answers"), WRONG.items(), ids=WRONG)
def test_forms_that_do_not_say_the_same(target, answers):
    assert [answer for answer in answers if agrees(answer, target)] == []


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_hostile_texts_are_judged_in_bounded_time(text):
    with processor_time(0.5):
        assert not agrees(text, "5")
        assert not agrees(text, "(3, x)")


def test_a_percent_sign_alone_counts_only_where_the_question_asks_for_percent():
    assert agrees("54%", "54", question="What percent of the box is filled?")
    assert not agrees("54%", "54", question="How many cubes are in the box?")


def test_square_brackets_are_a_point_unless_the_question_asks_for_an_interval():
    assert agrees("[2, 5]", "(2, 5)", question="Give an ordered pair.")
    assert not agrees("[2, 5]", "(2, 5)", question="Answer in interval notation.")


PIECES = st.sampled_from(
    r"1 23 .5 1.5 + - * / ^ ! % ° ( ) [ ] { } \{ \} "
    r"\frac \sqrt \binom \pi π √ x y AB sin \text{cm} , ; : . = "
    r"≈ < \le or and is not about the cm $ \left \boxed{ } \\ ½ ² e 1e9 \u2212 Step".split()
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=30), st.sampled_from(("", " ")), st.sampled_from(list(RIGHT)))
def test_any_mixture_of_pieces_is_read_or_refused(pieces, joint, target):
    agrees(joint.join(pieces), target)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200), st.sampled_from(list(RIGHT)))
def test_any_text_is_read_or_refused(text, target):
    agrees(text, target)


# Values ----------------------------------------------------------------------------------------------

RATIONAL = st.fractions(-50, 50, max_denominator=12)
RADICAND = st.sampled_from((2, 3, 5, 6, 8, 12, 45, 50, 2009))


@st.composite
def values(draw):
    """Draw a + b sqrt(n) + c pi, and the three rational factors with the radicand."""
    a, b, c = draw(RATIONAL), draw(RATIONAL), draw(RATIONAL)
    n = draw(RADICAND)
    return a + b * square_root(n) + c * PI, (a, b, c, n)


def forms(value, parts):
    a, b, c, n = parts
    yield latex(value)
    yield f"${latex(value)}$"
    yield f"x = {latex(value)} \\text{{ cm}}^2"
    yield f"({a}) + ({b})*sqrt({n}) + ({c})*pi"
    yield f"{a} + {b}√{n} + {c}π"
    yield rf"\left({c}\right)\pi - \left({-b}\right)\sqrt{{{n}}} + \frac{{{a.numerator}}}{{{a.denominator}}}"


@settings(max_examples=80, deadline=None)
@given(values())
def test_a_value_is_equal_in_all_its_forms(drawn):
    value, parts = drawn
    texts = list(forms(value, parts))
    assert [(one, two) for one in texts for two in texts if not agrees(one, two)] == []


@settings(max_examples=150, deadline=None)
@given(values(), st.sampled_from((Fraction(1, 10**9), Fraction(-1, 7), Fraction(3))), st.integers(0, 2))
def test_a_changed_exact_value_is_not_equal(drawn, change, place):
    value, _ = drawn
    changed = value + change * (1, square_root(7), PI)[place]
    assume((value.rational is None) == (changed.rational is None))  # else one may be the other, rounded
    assert not agrees(latex(changed), latex(value))
    assert not agrees(latex(value), latex(changed))


@settings(max_examples=150, deadline=None)
@given(values())
def test_decimals_have_the_tolerance_of_their_value(drawn):
    value, (a, b, c, n) = drawn
    number = float(a) + float(b) * sqrt(n) + float(c) * pi
    assume(abs(number) > 0.01)
    target, whole = latex(value), value.rational is not None and value.rational.denominator == 1
    assert agrees(repr(number), target)
    assert agrees(f"{number * (1 + 5e-7):.15f}", target) == (not whole)
    assert agrees(f"{number * (1 + 5e-4):.15f}", target) == (value.rational is None)
    assert not agrees(f"{number * (1 + 2e-3):.15f}", target)


def test_values_are_computed_to_fifty_digits():
    for one, other in (
        (root(3 + 2 * square_root(2), 2), 1 + square_root(2)),
        (function("sin", PI / 6), exact(Fraction(1, 2))),
        (function("cos", PI / 5), (1 + square_root(5)) / 4),
        (root(exact(2), 3) ** 3, exact(2)),
    ):
        assert one != other or one.comparable
        assert abs(computed(one) - computed(other)) < 1e-50


def test_quotients_of_sums_are_equal_when_their_products_are():
    b, h, x = symbol("b"), symbol("h"), symbol("x")
    assert (h * h - x * x) / (h - x) == h + x
    assert b / (h + x) != b / (h - x)
    assert latex(1 / (1 + square_root(2) + square_root(3))) == r"\frac{2 + \sqrt{2} - \sqrt{6}}{4}"
    assert square_root(0) == 0


def test_a_division_by_zero_is_unreadable():
    with pytest.raises(Unreadable):
        _ = exact(1) / (square_root(8) - 2 * square_root(2))


@pytest.mark.parametrize("power", [2_000, 3_001, 10**9])
def test_values_too_large_are_refused(power):
    with pytest.raises(Unreadable):
        _ = exact(3) ** power
