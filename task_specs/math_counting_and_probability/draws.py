"""Probabilities of several draws or trials, and conditional ones."""

from fractions import Fraction
from math import comb, prod
from random import Random

from pytest_codesteer.task.boxed import Problem, script, wording


def which_urn(rng: Random) -> Problem:
    """Bayes with two urns."""
    a, b, c, d = (rng.randint(1, 9) for _ in range(4))
    text = wording(
        rng,
        f"One urn holds {a} white and {b} black balls, a second one {c} white and {d} black balls. An "
        "urn is chosen by a fair coin, and a ball drawn from it is white. What is the probability "
        "that it came from the first urn?",
        f"Machine A has made {a} good and {b} bad parts, machine B {c} good and {d} bad parts. "
        "Somebody picks one of the machines at random and then one of its parts at random. The part "
        "is good. What is the probability that it is from machine A?",
    )
    first, second = Fraction(a, a + b), Fraction(c, c + d)
    reason = (
        f"White comes with probability {first} from the first and {second} from the second, which are "
        "equally likely"
    )
    program = """
    from fractions import Fraction
    weights = {}
    for urn, white, black in ((1, a, b), (2, c, d)):
        for ball in range(white + black):
            if ball < white:
                weights[urn, ball] = Fraction(1, 2 * (white + black))
    answer = sum(w for (urn, ball), w in weights.items() if urn == 1) / sum(weights.values())
    """
    return Problem(text, first / (first + second), reason, script(program, a=a, b=b, c=c, d=d))


def given_at_least_one(rng: Random) -> Problem:
    """A conditional probability with dice."""
    sides, n = rng.choice((4, 6, 8, 10, 12)), rng.randint(2, 3)
    number = rng.randint(2, sides - 1)
    text = (
        f"{'Two' if n == 2 else 'Three'} fair dice with the numbers 1 to {sides} are rolled. At least "
        f"one of them shows {number}. What is the probability that all of them show {number} or more?"
    )
    high = sides - number + 1
    answer = Fraction(high**n - (high - 1) ** n, sides**n - (sides - 1) ** n)
    reason = (
        f"Of the {sides**n - (sides - 1) ** n} rolls with a {number}, {high**n - (high - 1) ** n} have "
        "nothing lower"
    )
    program = """
    from fractions import Fraction
    from itertools import product
    rolls = [roll for roll in product(range(1, sides + 1), repeat=n) if number in roll]
    answer = Fraction(sum(min(roll) == number for roll in rolls), len(rolls))
    """
    return Problem(text, answer, reason, script(program, sides=sides, n=n, number=number))


def same_birthday(rng: Random) -> Problem:
    """Whether two of a few coincide."""
    n, k = rng.randint(5, 12), rng.randint(3, 4)
    text = wording(
        rng,
        f"{k} people each think of a whole number from 1 to {n}, independently and at random. What is "
        "the probability that at least two of them think of the same number?",
        f"{k} passengers enter a lift on the ground floor; each gets off on one of {n} floors at "
        "random. What is the probability that they do not all get off on different floors?",
    )
    different = prod(n - i for i in range(k))
    program = """
    from fractions import Fraction
    from itertools import product
    choices = list(product(range(n), repeat=k))
    answer = Fraction(sum(len(set(c)) < k for c in choices), len(choices))
    """
    return Problem(
        text,
        1 - Fraction(different, n**k),
        f"In {different} of {n**k} cases all are different",
        script(program, n=n, k=k),
    )


def small_deck(rng: Random) -> Problem:
    """Hands from a small deck of cards."""
    suits, ranks = rng.randint(3, 4), rng.randint(4, 8)
    kind = rng.choice(("one suit", "three ranks", "a pair"))
    event = {
        "one suit": "all three have the same suit",
        "three ranks": "all three have different ranks",
        "a pair": "exactly two of the three have the same rank",
    }[kind]
    text = (
        f"A deck has {suits * ranks} cards: {suits} suits with the ranks 1 to {ranks} in each. Three "
        f"cards are dealt at random. What is the probability that {event}?"
    )
    hands = comb(suits * ranks, 3)
    good = {
        "one suit": suits * comb(ranks, 3),
        "three ranks": comb(ranks, 3) * suits**3,
        "a pair": ranks * comb(suits, 2) * (ranks - 1) * suits,
    }[kind]
    program = """
    from fractions import Fraction
    from itertools import combinations, product
    hands = list(combinations(product(range(suits), range(ranks)), 3))
    sizes = {"one suit": (0, 1), "three ranks": (1, 3), "a pair": (1, 2)}
    of, size = sizes[kind]
    answer = Fraction(sum(len({card[of] for card in hand}) == size for hand in hands), len(hands))
    """
    return Problem(
        text,
        Fraction(good, hands),
        f"Of {hands} hands {good} are such",
        script(program, suits=suits, ranks=ranks, kind=kind),
    )


def socks_in_pairs(rng: Random) -> Problem:
    """Whether a handful of socks holds a pair."""
    pairs, k = rng.randint(4, 12), rng.randint(3, 5)
    k = min(k, pairs)
    text = (
        f"A drawer contains {pairs} pairs of socks, each pair in its own colour. {k} socks are taken "
        "out at random. What is the probability that there is at least one pair among them?"
    )
    answer = 1 - Fraction(comb(pairs, k) * 2**k, comb(2 * pairs, k))
    reason = f"Without a pair, {k} colours are chosen, and one sock of each"
    program = """
    from fractions import Fraction
    from itertools import combinations
    handfuls = [len({sock // 2 for sock in socks}) < k for socks in combinations(range(2 * pairs), k)]
    answer = Fraction(sum(handfuls), len(handfuls))
    """
    return Problem(text, answer, reason, script(program, pairs=pairs, k=k))


def hits(rng: Random) -> Problem:
    """Exactly so many successes."""
    n, q = rng.randint(3, 6), rng.randint(3, 6)
    p, k = rng.randint(1, q - 1), rng.randint(1, n - 1)
    chance = Fraction(p, q)
    text = wording(
        rng,
        f"An archer hits the target with probability {chance} at each shot, independently. What is the "
        f"probability that exactly {k} of {n} shots {'hits' if k == 1 else 'hit'}?",
        f"It rains on each day of a holiday with probability {chance}, independently of the other "
        f"days. What is the probability that it rains on exactly {k} of {n} days?",
    )
    answer = comb(n, k) * chance**k * (1 - chance) ** (n - k)
    reason = f"There are {comb(n, k)} ways to place the {k}, each with the same probability"
    program = """
    from fractions import Fraction
    hit = Fraction(p, q)
    chances = [Fraction(1)]
    for _ in range(n):
        chances = [x * (1 - hit) + y * hit for x, y in zip([*chances, 0], [0, *chances])]
    answer = chances[k]
    """
    return Problem(text, answer, reason, script(program, n=n, k=k, p=p, q=q))


def defective(rng: Random) -> Problem:
    """At least one bad one in a sample."""
    good, bad, k = rng.randint(5, 14), rng.randint(2, 5), rng.randint(2, 4)
    text = wording(
        rng,
        f"Of {good + bad} light bulbs {bad} are broken. {k} of the bulbs are picked at random. What is "
        "the probability that at least one of those is broken?",
        f"{bad} of the {good + bad} tickets in a hat win a prize. Someone draws {k} tickets at once. "
        "What is the probability of winning at least one prize?",
    )
    answer = 1 - Fraction(comb(good, k), comb(good + bad, k))
    reason = f"None of them is such in {comb(good, k)} of {comb(good + bad, k)} samples"
    program = """
    from fractions import Fraction
    from itertools import combinations
    samples = [any(sample) for sample in combinations([0] * good + [1] * bad, k)]
    answer = Fraction(sum(samples), len(samples))
    """
    return Problem(text, answer, reason, script(program, good=good, bad=bad, k=k))
