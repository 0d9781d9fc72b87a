"""Orders and seats: permutations with and without conditions."""

from collections import Counter
from fractions import Fraction
from math import comb, factorial, gcd, perm, prod
from random import Random

from pytest_codesteer.task.boxed import Problem, script, wording

_WORDS = (
    "BANANA PEPPER LEVEL COFFEE SUMMER TATTOO RABBIT BALLOON SETTLE DEEDED NOODLE COOKIE PUPPET ERROR "
    "KAYAK TEETH GIGGLE MAMMAL TOMATO VOODOO CANAL ARENA GOGGLE PAPAYA"
).split()
_MIXED = "ORANGE PLANET MARBLE PENCIL CASTLE GARDEN VIOLET SILVER TURBINE PICTURE EQUATOR CABINET".split()

_PEOPLE = "Ines Jon Olga Pavel Vera Walt Rita Sami Tove Ugo".split()
_COUPLES = ("Ida and Kai", "Lotte and Max", "Nora and Otto")


def outfits(rng: Random) -> Problem:
    """A product of choices."""
    numbers = [rng.randint(2, 12) for _ in range(3)]
    a, b, c = numbers
    text = wording(
        rng,
        f"Mira owns {a} shirts, {b} skirts and {c} scarves. In how many ways can she put on one of each?",
        f"A kiosk sells {a} kinds of sandwich, {b} kinds of drink and {c} kinds of fruit. A lunch is "
        "one of each. How many different lunches are there?",
        f"From Aydel to Bruck run {a} roads, from Bruck to Cern {b}, and from Cern to Dorn {c}. In how "
        "many ways can one drive from Aydel over Bruck and Cern to Dorn?",
    )
    program = (
        "from itertools import product\nanswer = sum(1 for choice in product(range(a), range(b), range(c)))"
    )
    reason = f"The choices are independent, so their numbers are multiplied: {a} * {b} * {c}"
    return Problem(text, prod(numbers), reason, script(program, a=a, b=b, c=c))


def books_on_a_shelf(rng: Random) -> Problem:
    """All orders of different things."""
    n = rng.randint(4, 8)
    k = rng.randint(2, n)
    text = wording(
        rng,
        f"Of {n} different books, {k} are put on a shelf side by side. In how many orders can this be done?",
        f"{n} runners are in a race without ties. In how many ways can the first {k} places be taken?",
        f"How many different strings of {k} letters can be made from {n} given different letters, if "
        "no letter is used twice?",
    )
    reason = f"There are {n} choices for the first place, one fewer for each next one, {k} times in all"
    program = "from itertools import permutations\nanswer = sum(1 for order in permutations(range(n), k))"
    return Problem(text, perm(n, k), reason, script(program, n=n, k=k))


def letters_of_a_word(rng: Random) -> Problem:
    """All orders of letters that repeat."""
    word = rng.choice(_WORDS)
    text = wording(
        rng,
        f"In how many different ways can the letters of the word {word} be arranged?",
        f"How many distinct strings use all the letters of {word}, each as often as the word does?",
    )
    counts = Counter(word)
    reason = (
        f"The {len(word)} letters have {factorial(len(word))} orders, and equal letters can be swapped unseen"
    )
    program = "from itertools import permutations\nanswer = len(set(permutations(word)))"
    answer = factorial(len(word)) // prod(map(factorial, counts.values()))
    return Problem(text, answer, reason, script(program, word=word))


def round_table(rng: Random) -> Problem:
    """Seats around a table, up to turning, or beads on a ring, up to turning it over as well."""
    n, flipped = rng.randint(4, 8), rng.random() < 0.4
    text = (
        f"{n} different beads are threaded on a ring. How many different rings are there, if rings count as "
        "the same when one can be rotated or turned over into the other?"
        if flipped
        else wording(
            rng,
            f"In how many ways can {n} people sit down around a round table, if only who sits next to whom "
            "on which side matters?",
            f"{n} children form a ring and hold hands, all facing inwards. How many different rings are "
            "there, if rings that turn into each other by rotation are the same?",
        )
    )
    program = """
    from itertools import permutations
    rings = set()
    for order in permutations(range(n)):
        start = order.index(0)
        ring = order[start:] + order[:start]
        rings.add(min(ring, ring[:1] + ring[:0:-1]) if flipped else ring)
    answer = len(rings)
    """
    answer = factorial(n - 1) // (2 if flipped else 1)
    reason = f"One is placed anywhere, the other {n - 1} in any order"
    if flipped:
        reason += ", and each ring is found twice"
    return Problem(text, answer, reason, script(program, n=n, flipped=flipped))


def neighbours(rng: Random) -> Problem:
    """Two people in a row, together or apart."""
    n, together = rng.randint(4, 8), rng.random() < 0.5
    one, other = rng.sample(_PEOPLE, 2)
    wish = "insist on sitting next to each other" if together else "refuse to sit next to each other"
    text = wording(
        rng,
        f"{n} friends take their seats in a row of {n} chairs. Two of them, {one} and {other}, {wish}. "
        "How many seatings are possible?",
        f"A row of {n} seats in a theatre is filled with {n} people, of whom {one} and {other} {wish}. In "
        "how many ways can they sit?",
    )
    joined = 2 * factorial(n - 1)
    answer = joined if together else factorial(n) - joined
    reason = f"As a block the two can sit in 2 * {factorial(n - 1)} ways, out of {factorial(n)} in all"
    program = """
    from itertools import permutations
    answer = sum((abs(seat[0] - seat[1]) == 1) == together for seat in permutations(range(n)))
    """
    return Problem(text, answer, reason, script(program, n=n, together=together))


def no_vowels_together(rng: Random) -> Problem:
    """A word rearranged without two vowels side by side."""
    word = rng.choice(_MIXED)
    vowels = sum(letter in "AEIOU" for letter in word)
    others = len(word) - vowels
    text = wording(
        rng,
        f"How many arrangements of the letters of {word} have no two vowels next to each other?",
        f"The letters of the word {word} are put into some order. How many orders keep all vowels "
        "apart from each other?",
    )
    reason = (
        f"The {others} consonants have {factorial(others)} orders, and the vowels take {vowels} of the "
        f"{others + 1} gaps"
    )
    program = """
    from itertools import pairwise, permutations
    answer = 0
    for order in set(permutations(word)):
        answer += not any(a in "AEIOU" and b in "AEIOU" for a, b in pairwise(order))
    """
    return Problem(text, factorial(others) * perm(others + 1, vowels), reason, script(program, word=word))


def fixed_points(rng: Random) -> Problem:
    """Letters in envelopes."""
    n = rng.randint(4, 8)
    k = rng.randint(0, 2)
    text = wording(
        rng,
        f"{n} letters are put into {n} addressed envelopes, one in each. In how many ways can this be "
        f"done so that exactly {k} of them {'is' if k == 1 else 'are'} in the right envelope?",
        f"{n} guests leave a party, each with one of their {n} hats. In how many ways can the hats be "
        f"taken so that the number of guests with their own hat is {k}?",
    )
    rest = n - k
    deranged = sum((-1) ** i * factorial(rest) // factorial(i) for i in range(rest + 1))
    reason = (
        f"The right ones are chosen in {comb(n, k)} ways, and {rest} things can all be misplaced in "
        f"{deranged} ways"
    )
    program = """
    from itertools import permutations
    answer = sum(sum(i == x for i, x in enumerate(order)) == k for order in permutations(range(n)))
    """
    return Problem(text, comb(n, k) * deranged, reason, script(program, n=n, k=k))


def couples(rng: Random) -> Problem:
    """Couples in a row, all or none of them side by side."""
    n, apart = rng.randint(2, 4), rng.random() < 0.5
    extra = rng.randint(0, 8 - 2 * n)
    people = 2 * n + extra
    others = f" and {extra} single guest{'s' if extra > 1 else ''}" if extra else ""
    wish = "nobody next to his or her partner" if apart else "each couple side by side"
    text = wording(
        rng,
        f"{n} couples{others} sit down in a row of {people} chairs. In how many ways can they do so with "
        f"{wish}?",
        f"{n} couples{others} line up for a photo. How many of the possible orders have {wish}?",
    )
    answer = 2**n * factorial(n + extra)
    reason = "Each couple is a block of two, in one of two orders"
    if apart:
        answer = sum((-1) ** i * comb(n, i) * 2**i * factorial(people - i) for i in range(n + 1))
        reason = "By inclusion and exclusion over the couples that sit together, each of them a block of two"
    program = """
    from itertools import permutations
    answer = 0
    for seat in permutations(range(people)):
        answer += all((abs(seat[2 * i] - seat[2 * i + 1]) > 1) == apart for i in range(couples))
    """
    return Problem(text, answer, reason, script(program, couples=n, people=people, apart=apart))


def alternating_table(rng: Random) -> Problem:
    """Men and women around a table."""
    n = rng.randint(3, 6)
    wish = rng.choice(("", "sit next to each other", "do not sit next to each other"))
    one, other = rng.choice((("men", "women"), ("boys", "girls"), ("fathers", "mothers")))
    pair = f" {rng.choice(_COUPLES)}, who are among them, {wish}." if wish else ""
    text = (
        f"{n} {one} and {n} {other} sit around a round table, {one} and {other} by turns.{pair} How many "
        "seatings are there, if rotations count as the same?"
    )
    total, beside = factorial(n - 1) * factorial(n), 2 * factorial(n - 1) ** 2
    answer = beside if wish.startswith("sit") else total - beside if wish else total
    reason = (
        f"One of the {one} sits down first; the others have {factorial(n - 1)} orders, the {other} the gaps"
    )
    program = """
    from itertools import permutations
    answer = 0
    for rest in permutations(range(1, n)):  # of one kind, behind the first of them
        for others in permutations(range(n)):  # in the gaps; 0 and 0 are the couple
            beside = 0 in (others[0], others[-1])
            answer += not wish or beside == wish.startswith("sit")
    """
    return Problem(text, answer, reason, script(program, n=n, wish=wish))


def necklaces(rng: Random) -> Problem:
    """Rings of coloured beads, up to turning."""
    n, colours = rng.randint(3, 7), rng.randint(2, 5)
    text = wording(
        rng,
        f"A ring is made of {n} beads, each in one of {colours} colours. How many different rings are "
        "there, if two rings count as the same when one can be rotated into the other?",
        f"The {n} equal seats of a merry-go-round are painted, each in one of {colours} colours. How "
        "many paintings are there that do not turn into each other by rotation?",
    )
    answer = sum(colours ** gcd(i, n) for i in range(n)) // n
    reason = (
        f"By Burnside's lemma it is the mean number of paintings that each of the {n} rotations leaves "
        "as they are"
    )
    program = """
    from itertools import product
    answer = len({min(ring[i:] + ring[:i] for i in range(n)) for ring in product(range(colours), repeat=n)})
    """
    return Problem(text, answer, reason, script(program, n=n, colours=colours))


def early_letter(rng: Random) -> Problem:
    """The chance that a random order has a property."""
    n = rng.randint(4, 7)
    k = rng.randint(2, n - 1)
    one, other = rng.sample(_PEOPLE, 2)
    text = (
        f"{n} people, among them {one} and {other}, line up in a random order. What is the probability "
        f"that {one} stands before {other} and both are among the first {k}?"
    )
    reason = f"Of the {n * (n - 1)} pairs of places for the two, {comb(k, 2)} are such"
    program = """
    from fractions import Fraction
    from itertools import permutations
    orders = [p[0] < p[1] < k for p in permutations(range(n))]
    answer = Fraction(sum(orders), len(orders))
    """
    return Problem(text, Fraction(comb(k, 2), n * (n - 1)), reason, script(program, n=n, k=k))
