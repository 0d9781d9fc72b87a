"""Expected values."""

from fractions import Fraction
from math import comb
from random import Random

from pytest_codesteer.task.boxed import Problem, script, wording


def die_game(rng: Random) -> Problem:
    """What a game pays on average."""
    sides, number = rng.choice((4, 6, 8, 10)), rng.randint(2, 4)
    prize, loss = rng.randint(2, 30), rng.randint(2, 10)
    text = wording(
        rng,
        f"In a game a fair die with the numbers 1 to {sides} is rolled. If it shows {number} or less, "
        f"the player gets {prize} euros, otherwise the player pays {loss} euros. What is the expected "
        "gain of the player, in euros?",
        f"A wheel has {sides} equal fields. {number} of them win {prize} points, and each of the "
        f"others loses {loss} points. What is the expected number of points of one spin?",
    )
    answer = Fraction(number * prize - (sides - number) * loss, sides)
    reason = f"It is {number}/{sides} of {prize} less {sides - number}/{sides} of {loss}"
    program = """
    from fractions import Fraction
    answer = Fraction(sum(prize if roll <= number else -loss for roll in range(1, sides + 1)), sides)
    """
    return Problem(text, answer, reason, script(program, sides=sides, number=number, prize=prize, loss=loss))


def expected_colour(rng: Random) -> Problem:
    """How many of a kind a sample holds."""
    a, b = rng.randint(2, 12), rng.randint(2, 12)
    k = rng.randint(2, min(5, a + b - 1))
    text = wording(
        rng,
        f"From a box with {a} red and {b} green apples, {k} are taken at random. What is the expected "
        "number of red ones among them?",
        f"{k} delegates are drawn by lot from {a} women and {b} men. How many women are there among "
        "them on average?",
    )
    program = """
    from fractions import Fraction
    from itertools import combinations
    samples = [sum(sample) for sample in combinations([1] * a + [0] * b, k)]
    answer = Fraction(sum(samples), len(samples))
    """
    if comb(a + b, k) > 20_000:
        program = """
        from fractions import Fraction
        from math import comb
        answer = Fraction(sum(i * comb(a, i) * comb(b, k - i) for i in range(k + 1)), comb(a + b, k))
        """
    return Problem(
        text,
        Fraction(k * a, a + b),
        f"Each of the {k} is such with probability {a}/{a + b}",
        script(program, a=a, b=b, k=k),
    )


def largest_of_two(rng: Random) -> Problem:
    """The mean of a maximum or a minimum."""
    sides, n = rng.randint(3, 12), rng.randint(2, 3)
    largest = rng.random() < 0.5
    text = (
        f"{'Two' if n == 2 else 'Three'} fair dice with the numbers 1 to {sides} are rolled. What is "
        f"the expected value of the {'largest' if largest else 'smallest'} number shown?"
    )
    smallest = Fraction(sum(i**n for i in range(1, sides + 1)), sides**n)
    reason = "It is the sum of the probabilities that the number is at least 1, at least 2, and so on"
    program = """
    from fractions import Fraction
    from itertools import product
    rolls = list(product(range(1, sides + 1), repeat=n))
    answer = Fraction(sum(max(roll) if largest else min(roll) for roll in rolls), len(rolls))
    """
    return Problem(
        text,
        sides + 1 - smallest if largest else smallest,
        reason,
        script(program, sides=sides, n=n, largest=largest),
    )


def until_first(rng: Random) -> Problem:
    """How long one waits, or for all kinds."""
    n = rng.randint(3, 20)
    text = wording(
        rng,
        f"Each packet of cereal holds one of {n} different figures, all equally likely. How many "
        f"packets must one open on average until one has all {n} figures?",
        f"A fair die with the numbers 1 to {n} is rolled until each number has appeared at least once. "
        "What is the expected number of rolls?",
    )
    answer = sum((Fraction(n, i) for i in range(1, n + 1)), Fraction(0))
    reason = f"When i kinds are missing, a new one comes with probability i/{n}, so it takes {n}/i on average"
    program = """
    from fractions import Fraction
    # missing -> expected further number: e = 1 + (n - missing) / n * e + missing / n * (one less)
    e = Fraction(0)
    for missing in range(1, n + 1):
        e = (1 + Fraction(missing, n) * e) / (1 - Fraction(n - missing, n))
    answer = e
    """
    return Problem(text, answer, reason, script(program, n=n))


def until_a_run(rng: Random) -> Problem:
    """How long one waits for a run of successes."""
    run, q = rng.randint(2, 4), rng.randint(2, 9)
    p = rng.randint(1, q - 1)
    win = Fraction(p, q)
    text = (
        f"A biased coin shows heads with probability {win}. It is flipped until there have been {run} "
        "heads in a row. What is the expected number of flips?"
    )
    answer = sum((1 / win**i for i in range(1, run + 1)), Fraction(0))
    reason = f"With E(k) for a run of k, E(k) = (E(k - 1) + 1)/({win})"
    program = """
    from fractions import Fraction
    win = Fraction(p, q)
    # e[i] = 1 + win * e[i + 1] + (1 - win) * e[0] is a + b * e[0], from the end of the run backwards.
    a, b = Fraction(0), Fraction(0)
    for _ in range(run):
        a, b = 1 + win * a, win * b + 1 - win
    answer = a / (1 - b)
    """
    return Problem(text, answer, reason, script(program, run=run, p=p, q=q))


def draws_until_red(rng: Random) -> Problem:
    """The place of the first of a kind."""
    a, b = rng.randint(1, 5), rng.randint(2, 12)
    text = wording(
        rng,
        f"{a} ace{'s' if a > 1 else ''} and {b} other cards are shuffled and turned over one by one. "
        "At which place does the first ace appear on average?",
        f"A ring of {a + b} keys holds {a} that fit{'s' if a == 1 else ''} a lock. The keys are tried "
        "in random order, none twice. What is the expected number of tries up to the first key that "
        "fits?",
    )
    reason = f"Each of the {b} others comes before all {a} with probability 1/{a + 1}"
    program = """
    from fractions import Fraction
    from itertools import combinations
    places = [min(chosen) + 1 for chosen in combinations(range(a + b), a)]
    answer = Fraction(sum(places), len(places))
    """
    return Problem(text, 1 + Fraction(b, a + 1), reason, script(program, a=a, b=b))


def empty_boxes(rng: Random) -> Problem:
    """How many boxes stay empty on average."""
    boxes, balls = rng.randint(3, 7), rng.randint(2, 5)
    text = wording(
        rng,
        f"{balls} balls are thrown independently and at random into {boxes} boxes. What is the "
        "expected number of boxes that stay empty?",
        f"{balls} guests choose among {boxes} dishes, independently and at random. How many of the "
        "dishes does nobody choose, on average?",
    )
    answer = boxes * Fraction(boxes - 1, boxes) ** balls
    reason = f"Each of the {boxes} is missed by all {balls} with probability (1 - 1/{boxes})^{balls}"
    program = """
    from fractions import Fraction
    from itertools import product
    throws = [boxes - len(set(throw)) for throw in product(range(boxes), repeat=balls)]
    answer = Fraction(sum(throws), len(throws))
    """
    return Problem(text, answer, reason, script(program, boxes=boxes, balls=balls))
