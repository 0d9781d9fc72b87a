"""Choosing: combinations with and without conditions."""

from math import comb
from random import Random

from pytest_codesteer.task.boxed import Problem, script, wording


def handshakes(rng: Random) -> Problem:
    """Pairs."""
    n = rng.randint(5, 40)
    text = wording(
        rng,
        f"At a meeting of {n} people everyone shakes hands with everyone else once. How many "
        "handshakes are there?",
        f"In a chess club with {n} members, each member plays each other member once. How many games "
        "are played?",
        f"{n} points lie on a circle. How many chords have two of these points as their ends?",
    )
    program = "from itertools import combinations\nanswer = sum(1 for pair in combinations(range(n), 2))"
    return Problem(
        text,
        comb(n, 2),
        f"Each of {n} meets {n - 1} others, and each pair is counted twice",
        script(program, n=n),
    )


def committee(rng: Random) -> Problem:
    """A plain choice."""
    n = rng.randint(5, 14)
    k = rng.randint(2, min(6, n - 2))
    text = wording(
        rng,
        f"A committee of {k} is to be formed from {n} people. In how many ways can this be done?",
        f"A pizza has {k} different toppings out of {n} that are offered. How many such pizzas are there?",
        f"From a box of {n} different pens, {k} are taken at once. How many different sets can that be?",
    )
    program = "from itertools import combinations\nanswer = sum(1 for chosen in combinations(range(n), k))"
    return Problem(
        text, comb(n, k), f"It is the number of subsets of {k} out of {n}", script(program, n=n, k=k)
    )


def two_groups(rng: Random) -> Problem:
    """So many of one kind and so many of the other."""
    a, b = rng.randint(4, 10), rng.randint(4, 10)
    i, j = rng.randint(1, 3), rng.randint(1, 3)
    text = wording(
        rng,
        f"A class has {a} girls and {b} boys. In how many ways can a team of {i} girl{'s' * (i > 1)} and {j} "
        f"boy{'s' * (j > 1)} be picked?",
        f"A menu lists {a} starters and {b} main dishes. A group orders {i} of the starters and {j} of "
        "the main dishes, no dish twice. How many such orders are there?",
    )
    program = """
    from itertools import combinations, product
    answer = sum(1 for pair in product(combinations(range(a), i), combinations(range(b), j)))
    """
    reason = f"The two choices are independent, with {comb(a, i)} and {comb(b, j)} ways"
    return Problem(text, comb(a, i) * comb(b, j), reason, script(program, a=a, b=b, i=i, j=j))


def officers(rng: Random) -> Problem:
    """Different offices, from one group or with a condition."""
    n, m = rng.randint(4, 10), rng.randint(3, 9)
    text = (
        f"A club has {n} women and {m} men. It elects a president, a treasurer and a secretary, three "
        "different people, and the president and the treasurer are not to be of the same sex. In how "
        "many ways can the offices be filled?"
    )
    answer = 2 * n * m * (n + m - 2)
    reason = (
        f"President and treasurer are chosen in 2 * {n} * {m} ways, the secretary from the other {n + m - 2}"
    )
    program = """
    from itertools import permutations
    answer = sum((p < n) != (t < n) for p, t, s in permutations(range(n + m), 3))
    """
    return Problem(text, answer, reason, script(program, n=n, m=m))


def at_least_one_of_each(rng: Random) -> Problem:
    """A committee that holds both kinds."""
    a, b = rng.randint(3, 8), rng.randint(3, 8)
    k = rng.randint(3, 5)
    text = wording(
        rng,
        f"From {a} physicists and {b} chemists a team of {k} is chosen that has at least one of each. "
        "In how many ways is that possible?",
        f"A bag holds {a} different red cards and {b} different blue cards. How many sets of {k} cards "
        "contain both colours?",
    )
    answer = comb(a + b, k) - comb(a, k) - comb(b, k)
    reason = f"Of all {comb(a + b, k)} choices those of one kind alone fall away"
    program = """
    from itertools import combinations
    people = "a" * a + "b" * b
    answer = sum(len(set(chosen)) == 2 for chosen in combinations(people, k))
    """
    return Problem(text, answer, reason, script(program, a=a, b=b, k=k))


def with_or_without(rng: Random) -> Problem:
    """Two people who do not both join."""
    n = rng.randint(6, 12)
    k = rng.randint(3, 5)
    both = rng.random() < 0.5
    wish = "come only together" if both else "do not want to be chosen together"
    text = (
        f"{k} of {n} players are chosen for a match. Two of the players, Kim and Lee, {wish}. How many "
        "choices are there?"
    )
    answer = comb(n - 2, k - 2) + comb(n - 2, k) if both else comb(n, k) - comb(n - 2, k - 2)
    reason = (
        f"There are {comb(n - 2, k - 2)} choices with both of them and {comb(n - 2, k)} with neither, "
        f"out of {comb(n, k)}"
    )
    program = """
    from itertools import combinations
    answer = 0
    for chosen in combinations(range(n), k):
        kim, lee = 0 in chosen, 1 in chosen
        answer += kim == lee if both else not (kim and lee)
    """
    return Problem(text, answer, reason, script(program, n=n, k=k, both=both))


def points_on_lines(rng: Random) -> Problem:
    """Triangles from points on two lines."""
    a, b = rng.randint(2, 9), rng.randint(2, 9)
    text = wording(
        rng,
        f"On one of two parallel lines {a} points are marked, on the other {b}. How many triangles "
        "have their corners at three marked points?",
        f"{a} pins are stuck in one edge of a ruler and {b} in the opposite edge. A rubber band is "
        "stretched around three pins that are not all in the same edge. How many triangles can be "
        "formed?",
    )
    answer = comb(a, 2) * b + comb(b, 2) * a
    reason = (
        f"Two corners are on one line and the third is on the other: {comb(a, 2)} * {b} + {comb(b, 2)} * {a}"
    )
    program = """
    from itertools import combinations
    points = [(x, 0) for x in range(a)] + [(x, 1) for x in range(b)]
    answer = sum(len({y for x, y in three}) == 2 for three in combinations(points, 3))
    """
    return Problem(text, answer, reason, script(program, a=a, b=b))


def coefficient(rng: Random) -> Problem:
    """Of a power in an expanded binomial."""
    n, a, b = rng.randint(4, 9), rng.randint(1, 4), rng.choice((-3, -2, -1, 1, 2, 3, 4))
    k = rng.randint(1, n - 1)
    inside = f"{a if a > 1 else ''}x {'-' if b < 0 else '+'} {abs(b)}"
    text = f"What is the coefficient of x^{k} when ({inside})^{n} is multiplied out?"
    reason = f"It is {comb(n, k)} * {a}^{k} * ({b})^{n - k}"
    program = """
    powers = [1]
    for _ in range(n):
        powers = [a * x + b * y for x, y in zip([0, *powers], [*powers, 0])]
    answer = powers[k]
    """
    return Problem(text, comb(n, k) * a**k * b ** (n - k), reason, script(program, n=n, a=a, b=b, k=k))
