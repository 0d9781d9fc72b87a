"""Counting whole numbers with a property."""

from fractions import Fraction
from math import comb, lcm, prod
from random import Random

from pytest_codesteer.task.boxed import Problem, script, wording


def multiples(rng: Random) -> Problem:
    """In a range."""
    k, low = rng.randint(3, 19), rng.randint(1, 200)
    high = low + rng.randint(50, 700)
    text = wording(
        rng,
        f"How many multiples of {k} are there from {low} to {high}, both included?",
        f"How many of the whole numbers from {low} to {high} can be divided by {k} without remainder?",
    )
    reason = f"Up to {high} there are {high // k}, and below {low} there are {(low - 1) // k}"
    program = "answer = sum(n % k == 0 for n in range(low, high + 1))"
    return Problem(text, high // k - (low - 1) // k, reason, script(program, k=k, low=low, high=high))


def palindromes(rng: Random) -> Problem:
    """Numbers that read the same backwards."""
    digits, base = rng.randint(2, 6), rng.randint(1, 9)
    text = (
        f"How many {digits}-digit palindromes, numbers that read the same backwards, have a first "
        f"digit of at least {base}?"
    )
    answer = (10 - base) * 10 ** ((digits - 1) // 2)
    reason = f"The digits up to the middle determine the rest, and the first is one of {10 - base}"
    program = """
    numbers = range(10 ** (digits - 1), 10**digits)
    answer = sum(str(n) == str(n)[::-1] and int(str(n)[0]) >= base for n in numbers)
    """
    if digits > 5:
        program = """
        halves = range(10 ** (digits // 2 - 1), 10 ** (digits // 2))
        answer = sum(str(n)[0] >= str(base) for n in halves)
        """
    return Problem(text, answer, reason, script(program, digits=digits, base=base))


def divisors(rng: Random) -> Problem:
    """How many divisors a number has, or how many even or odd ones."""
    powers = {p: rng.randint(0, 3 if p > 3 else 4) for p in (2, 3, 5, 7)}
    powers[2] += 1
    n = prod(p**e for p, e in powers.items())
    kind = rng.choice(("", "even ", "odd "))
    text = f"How many {kind}positive divisors does {n} have?"
    odd = prod(e + 1 for p, e in powers.items() if p > 2)
    answer = {"": odd * (powers[2] + 1), "even ": odd * powers[2], "odd ": odd}[kind]
    written = " * ".join(f"{p}^{e}" for p, e in powers.items() if e)
    program = """
    found = {d for i in range(1, int(n**0.5) + 1) if n % i == 0 for d in (i, n // i)}
    answer = sum(kind == "" or (d % 2 == 0) == (kind == "even ") for d in found)
    """
    return Problem(text, answer, f"The number is {written}", script(program, n=n, kind=kind))


def either_multiple(rng: Random) -> Problem:
    """Inclusion and exclusion with two or three numbers."""
    high = rng.randint(100, 999)
    a, b = sorted(rng.sample(range(2, 13), 2))
    while b % a == 0:
        a, b = sorted(rng.sample(range(2, 13), 2))
    text = wording(
        rng,
        f"How many positive integers up to {high} are divisible by {a} or by {b} (or by both)?",
        f"The numbers from 1 to {high} are written on cards. How many cards show a multiple of {a} or "
        f"of {b}?",
    )
    answer = high // a + high // b - high // lcm(a, b)
    reason = (
        f"There are {high // a} and {high // b} of them, but {high // lcm(a, b)} multiples of "
        f"{lcm(a, b)} are counted twice"
    )
    program = "answer = sum(n % a == 0 or n % b == 0 for n in range(1, high + 1))"
    return Problem(text, answer, reason, script(program, a=a, b=b, high=high))


def none_of_three(rng: Random) -> Problem:
    """Numbers divisible by none of three."""
    high = rng.randint(150, 1500)
    a, b, c = sorted(rng.sample(range(2, 16), 3))
    while b % a == 0 or c % a == 0 or c % b == 0:
        a, b, c = sorted(rng.sample(range(2, 16), 3))
    text = f"How many positive integers up to {high} are divisible by none of the numbers {a}, {b} and {c}?"
    some = high // a + high // b + high // c
    some -= high // lcm(a, b) + high // lcm(a, c) + high // lcm(b, c)
    some += high // lcm(a, b, c)
    reason = f"By inclusion and exclusion {some} of them are divisible by at least one of the three"
    program = "answer = sum(all(n % d for d in (a, b, c)) for n in range(1, high + 1))"
    return Problem(text, high - some, reason, script(program, a=a, b=b, c=c, high=high))


def distinct_digits(rng: Random) -> Problem:
    """Even or odd numbers made of different digits."""
    digits = sorted(rng.sample(range(10), rng.randint(5, 7)))
    if all(d % 2 == digits[0] % 2 for d in digits):
        digits[0] = next(d for d in range(10) if d % 2 != digits[0] % 2)
        digits.sort()
    places, parity = rng.randint(3, 4), rng.choice(("even", "odd"))
    text = (
        f"How many {parity} numbers of {places} digits can be formed from the digits "
        f"{', '.join(map(str, digits))}, if no digit is used twice and the first digit is not 0?"
    )
    wanted = [d for d in digits if (d % 2 == 0) == (parity == "even")]
    answer = 0
    for last in wanted:
        first = len([d for d in digits if d not in (0, last)])
        answer += first * prod(len(digits) - 2 - i for i in range(places - 2))
    reason = (
        f"The last digit is one of {len(wanted)}; then the first is chosen among those left that are "
        "not 0, then the others"
    )
    program = """
    from itertools import permutations
    answer = 0
    for number in permutations(digits, places):
        answer += number[0] != 0 and number[-1] % 2 == (parity == "odd")
    """
    return Problem(text, answer, reason, script(program, digits=digits, places=places, parity=parity))


def digit_sum(rng: Random) -> Problem:
    """Numbers whose digits have a sum."""
    places, total = rng.randint(3, 5), rng.randint(3, 9)
    text = wording(
        rng,
        f"How many {places}-digit numbers have a digit sum of {total}?",
        f"The digits of a {places}-digit number add up to {total}. How many such numbers are there?",
    )
    answer = comb(total - 1 + places - 1, places - 1)
    reason = f"The first digit is at least 1, so {total - 1} is shared out among {places} places"
    program = """
    numbers = range(10 ** (places - 1), 10**places)
    answer = sum(sum(map(int, str(n))) == total for n in numbers)
    """
    return Problem(text, answer, reason, script(program, places=places, total=total))


def zero_somewhere(rng: Random) -> Problem:
    """Numbers in which a digit occurs."""
    places, digit = rng.randint(2, 5), rng.randint(0, 9)
    text = f"How many {places}-digit numbers contain the digit {digit} at least once?"
    without = 9**places if digit == 0 else 8 * 9 ** (places - 1)
    reason = f"There are {9 * 10 ** (places - 1)} such numbers, of which {without} do without the digit"
    program = "answer = sum(str(digit) in str(n) for n in range(10 ** (places - 1), 10**places))"
    return Problem(
        text, 9 * 10 ** (places - 1) - without, reason, script(program, places=places, digit=digit)
    )


def rising_digits(rng: Random) -> Problem:
    """Numbers whose digits rise or fall."""
    places, most = rng.randint(3, 5), rng.randint(6, 9)
    falling = rng.random() < 0.5
    direction = "smaller" if falling else "larger"
    limit = f" without digits above {most}" if most < 9 else ""
    text = (
        f"How many {places}-digit numbers{limit} are there in which each digit is {direction} than the "
        "digit before it?"
    )
    reason = f"Any {places} different digits{'' if falling else ' from 1'} up to {most} have one such order"
    program = """
    from itertools import pairwise
    numbers = map(str, range(10 ** (places - 1), 10**places))
    answer = 0
    for n in numbers:
        ordered = all(a > b if falling else a < b for a, b in pairwise(n))
        answer += ordered and int(max(n)) <= most
    """
    answer = comb(most + 1 if falling else most, places)
    return Problem(text, answer, reason, script(program, places=places, most=most, falling=falling))


def sum_divisible_by_three(rng: Random) -> Problem:
    """Three numbers whose sum is a multiple of 3."""
    n = rng.randint(6, 24)
    text = wording(
        rng,
        f"In how many ways can three different numbers be chosen from 1 to {n} so that their sum is a "
        "multiple of 3? The order does not matter.",
        f"From cards with the numbers 1 to {n}, three are drawn at once. How many draws have a sum "
        "divisible by 3?",
    )
    a, b, c = n // 3, (n + 2) // 3, (n + 1) // 3
    reason = (
        "Either all three leave the same remainder, or each of the remainders 0, 1 and 2 occurs; they "
        f"occur {a}, {b} and {c} times"
    )
    program = """
    from itertools import combinations
    answer = sum(sum(three) % 3 == 0 for three in combinations(range(1, n + 1), 3))
    """
    return Problem(text, comb(a, 3) + comb(b, 3) + comb(c, 3) + a * b * c, reason, script(program, n=n))


def random_integer(rng: Random) -> Problem:
    """The chance that a random number is divisible, or a square."""
    n = rng.randint(20, 200)
    k = rng.randint(2, 9)
    if rng.random() < 0.5:
        text = (
            f"A whole number from 1 to {n} is chosen at random. What is the probability that it is a "
            f"multiple of {k}?"
        )
        program = (
            "from fractions import Fraction\nanswer = Fraction(sum(x % k == 0 for x in range(1, n + 1)), n)"
        )
        return Problem(text, Fraction(n // k, n), f"There are {n // k} multiples", script(program, n=n, k=k))
    text = (
        f"One of the numbers 1 to {n} is picked at random. What is the probability that it is a "
        "perfect square?"
    )
    squares = int(n**0.5)
    program = "from fractions import Fraction\nanswer = Fraction(sum(x * x <= n for x in range(1, n + 1)), n)"
    return Problem(text, Fraction(squares, n), f"There are {squares} squares", script(program, n=n))
