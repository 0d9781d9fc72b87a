"""Paths on grids, random walks and sequences of flips."""

from fractions import Fraction
from functools import reduce
from math import comb
from random import Random

from pytest_codesteer.task.boxed import Problem, script, wording

#: Source text for a walk from place 0 that follows the *links* at random.
_WALK = """
from fractions import Fraction
chances = {0: Fraction(1)}
for _ in range(steps):
    after = {}
    for place, chance in chances.items():
        for other in links[place]:
            after[other] = after.get(other, 0) + chance / len(links[place])
    chances = after
answer = chances.get(0, Fraction(0))
"""


def grid_paths(rng: Random) -> Problem:
    """Shortest ways on a grid."""
    a, b = rng.randint(2, 8), rng.randint(2, 8)
    text = wording(
        rng,
        f"On a street grid, a school lies {a} blocks east and {b} blocks north of a bus stop. How many "
        "shortest ways along the streets lead from the stop to the school?",
        f"A token moves on a grid from (0, 0) to ({a}, {b}), each time one unit to the right or one "
        "unit up. How many paths are there?",
    )
    program = """
    from functools import cache

    @cache
    def paths(x, y):
        return 1 if x == y == 0 else (paths(x - 1, y) if x else 0) + (paths(x, y - 1) if y else 0)

    answer = paths(a, b)
    """
    return Problem(
        text, comb(a + b, a), f"Of the {a + b} steps {a} go to the east", script(program, a=a, b=b)
    )


def paths_and_a_point(rng: Random) -> Problem:
    """Paths through a point, or around it."""
    a, b, c, d = (rng.randint(1, 5) for _ in range(4))
    through = rng.random() < 0.5
    rule = "pass through" if through else "avoid"
    text = (
        f"Consider the paths from (0, 0) to ({a + c}, {b + d}) that consist of steps of length 1 to "
        f"the right and upwards. How many of them {rule} the point ({a}, {b})?"
    )
    via = comb(a + b, a) * comb(c + d, c)
    answer = via if through else comb(a + b + c + d, a + c) - via
    reason = (
        f"There are {comb(a + b, a)} paths to the point and {comb(c + d, c)} from it, of "
        f"{comb(a + b + c + d, a + c)} in all"
    )
    program = """
    from itertools import combinations
    steps = a + b + c + d
    answer = 0
    for right in combinations(range(steps), a + c):
        answer += (sum(step < a + b for step in right) == a) == through
    """
    return Problem(text, answer, reason, script(program, a=a, b=b, c=c, d=d, through=through))


def staircase(rng: Random) -> Problem:
    """Ways to climb steps."""
    n = rng.randint(6, 14)
    jumps = rng.choice(([1, 2], [1, 3], [2, 3], [1, 2, 3]))
    if jumps == [2, 3]:
        n += 4
    text = (
        f"A staircase has {n} steps. Tess climbs it by taking "
        f"{' or '.join([', '.join(map(str, jumps[:-1])), str(jumps[-1])])} steps at a time. In how "
        "many ways can she reach the top?"
    )
    ways = [1]
    for step in range(1, n + 1):
        ways.append(sum(ways[step - jump] for jump in jumps if jump <= step))
    reason = "The number of ways to a step is the sum over the steps from which it can be reached"
    program = """
    from math import factorial, prod
    from itertools import product
    answer = 0
    for uses in product(*(range(n // jump + 1) for jump in jumps)):
        if sum(use * jump for use, jump in zip(uses, jumps)) == n:
            answer += factorial(sum(uses)) // prod(map(factorial, uses))
    """
    return Problem(text, ways[n], reason, script(program, n=n, jumps=jumps))


def below_the_diagonal(rng: Random) -> Problem:
    """Ballots: never behind, or always ahead."""
    b = rng.randint(1, 6)
    a = b + rng.randint(0, 4)
    strict = a > b and rng.random() < 0.5
    rule = "was always strictly ahead of Bo, from the first vote on" if strict else "was never behind Bo"
    text = (
        f"In an election Ann got {a} votes and Bo {b}. The votes were counted one by one. In how many "
        f"orders of the {a + b} votes, where only for whom each vote is matters, can this have "
        f"happened so that Ann {rule}?"
    )
    orders = comb(a + b, a)
    answer = Fraction(a - b, a + b) * orders if strict else Fraction(a - b + 1, a + 1) * orders
    reason = f"By the ballot theorem a part of the {orders} orders is such"
    program = """
    from itertools import accumulate, combinations
    answer = 0
    for votes in combinations(range(a + b), a):
        lead = accumulate(1 if i in votes else -1 for i in range(a + b))
        answer += all(x > 0 if strict else x >= 0 for x in lead)
    """
    return Problem(text, answer, reason, script(program, a=a, b=b, strict=strict))


def no_two_heads(rng: Random) -> Problem:
    """Flips without a run of heads."""
    n, run = rng.randint(4, 15), rng.randint(2, 4)
    text = wording(
        rng,
        f"A fair coin is flipped {n} times. What is the probability that there are never {run} heads "
        "in a row?",
        f"What is the probability that {n} flips of a fair coin show no {run} consecutive tails?",
    )
    counts = [2**i for i in range(run)]
    for _ in range(run, n + 1):
        counts.append(sum(counts[-run:]))
    reason = f"The sequences without such a run follow a recurrence; there are {counts[n]} of length {n}"
    program = """
    from fractions import Fraction
    from itertools import product
    flips = ["".join(f) for f in product("HT", repeat=n)]
    answer = Fraction(sum("H" * run not in f for f in flips), len(flips))
    """
    return Problem(text, Fraction(counts[n], 2**n), reason, script(program, n=n, run=run))


def ruin(rng: Random) -> Problem:
    """A gambler who plays until all or nothing."""
    goal = rng.randint(3, 8)
    start = rng.randint(1, goal - 1)
    q = rng.randint(2, 5)
    p = rng.randint(1, q - 1)
    win = Fraction(p, q)
    text = (
        f"A player has {start} coin{'s' if start > 1 else ''}. In each round she wins a coin with "
        f"probability {win} and loses one with probability {1 - win}. She stops when she has {goal} "
        f"coins or none. What is the probability that she ends with {goal} coins?"
    )
    odds = (1 - win) / win
    answer = Fraction(start, goal) if odds == 1 else (1 - odds**start) / (1 - odds**goal)
    reason = f"With the odds {odds} of losing a round, the probability is the solution of a linear recurrence"
    program = """
    from fractions import Fraction
    # Chances c[i] = win * c[i + 1] + (1 - win) * c[i - 1], scaled so that c[goal] = 1.
    win, chances = Fraction(p, q), [Fraction(0), Fraction(1)]
    while len(chances) <= goal:
        chances.append((chances[-1] - (1 - win) * chances[-2]) / win)
    answer = chances[start] / chances[goal]
    """
    return Problem(text, answer, reason, script(program, start=start, goal=goal, p=p, q=q))


def returning_ant(rng: Random) -> Problem:
    """A random walk around a polygon."""
    n, half = rng.randint(3, 9), rng.randint(1, 6)
    steps = 2 * half
    text = (
        f"An ant walks around a polygon with {n} corners. At each step it goes to one of the two "
        "neighbouring corners, each with probability 1/2. What is the probability that it is back at "
        f"its starting corner after {steps} steps?"
    )
    good = sum(comb(steps, k) for k in range(steps + 1) if (2 * k - steps) % n == 0)
    reason = f"The numbers of steps to the left and to the right must differ by a multiple of {n}"
    links = {i: [(i - 1) % n, (i + 1) % n] for i in range(n)}
    return Problem(text, Fraction(good, 2**steps), reason, script(_WALK, links=links, steps=steps))


def wandering_ant(rng: Random) -> Problem:
    """A random walk in which every place is next to every other."""
    n, steps = rng.randint(3, 9), rng.randint(2, 8)
    text = wording(
        rng,
        f"{n} children stand in a circle and throw a ball. Whoever has it throws it to one of the "
        "others, chosen at random. What is the probability that the ball is back with the child who "
        f"had it first after {steps} throws?",
        f"In a network each of {n} stations is linked to all the others. A message starts at station A "
        "and is sent on at random, at each step to one of the other stations. What is the probability "
        f"that it is at A after {steps} steps?",
    )
    answer = Fraction(1, n) + Fraction(n - 1, n) * Fraction(-1, n - 1) ** steps
    reason = f"If x is the probability of being there after a step, the next one is (1 - x)/{n - 1}"
    links = {i: [j for j in range(n) if j != i] for i in range(n)}
    return Problem(text, answer, reason, script(_WALK, links=links, steps=steps))


def series(rng: Random) -> Problem:
    """A match over several games."""
    need, q = rng.randint(2, 4), rng.randint(2, 5)
    p = rng.randint(1, q - 1)
    win = Fraction(p, q)
    games = rng.randint(need, 2 * need - 1)
    exact = rng.random() < 0.5
    end = f"Anna wins the match in game {games}, not earlier or later" if exact else "Anna wins the match"
    text = (
        f"Anna and Beth play games until one of them has won {need}. Anna wins each game with "
        f"probability {win}, and there are no draws. What is the probability that {end}?"
    )
    ways = [comb(g - 1, need - 1) * win**need * (1 - win) ** (g - need) for g in range(need, 2 * need)]
    answer = ways[games - need] if exact else reduce(Fraction.__add__, ways)
    reason = f"In the last game Anna wins, and before that she has won {need - 1} games"
    program = """
    from fractions import Fraction
    win = Fraction(p, q)

    def chance(anna, beth):
        if anna == need:
            return Fraction(1) if games in (None, anna + beth) else Fraction(0)
        if beth == need:
            return Fraction(0)
        return win * chance(anna + 1, beth) + (1 - win) * chance(anna, beth + 1)

    answer = chance(0, 0)
    """
    return Problem(text, answer, reason, script(program, need=need, p=p, q=q, games=games if exact else None))
