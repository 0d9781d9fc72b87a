"""Blocksworld, solved: few blocks by breadth-first search, with the fewest moves; many by rebuilding.

With three stacks or more every arrangement can be reached from every other; with two, only those that
the order of the blocks allows, and they are few.
"""

FEW = 5  # blocks; at most so many are searched

Stacks = list[list[str]]  # each from its lowest block to its top
Move = tuple[str, int, int]  # block, from, to


def plan(initial: dict[str, list[str]], goal: dict[str, list[str]]) -> str:
    """Return one line for each move, or "no moves"."""
    names = list(initial)
    stacks = [list(blocks) for blocks in initial.values()]
    wanted = [list(goal.get(name, [])) for name in names]
    if sum(map(len, stacks)) <= FEW or len(stacks) < 3:
        moves = searched(stacks, wanted)
    else:
        moves = rebuilt(stacks, wanted)
    lines = [f"Move {block} from {names[source]} to {names[target]}" for block, source, target in moves]
    return "\n".join(lines) or "no moves"


def searched(stacks: Stacks, wanted: Stacks) -> list[Move]:
    """Return the fewest moves that make the stacks as *wanted*.  Raises ValueError when none do."""
    start, goal = tuple(map(tuple, stacks)), tuple(map(tuple, wanted))
    ways: dict[tuple[tuple[str, ...], ...], list[Move]] = {start: []}
    for state in (queue := [start]):  # grows while it is walked through
        if state == goal:
            return ways[state]
        for source, blocks in enumerate(state):
            for target in range(len(state)) if blocks else ():
                after = list(state)
                after[source] = blocks[:-1]
                after[target] = (*after[target], blocks[-1])
                if tuple(after) not in ways:
                    ways[tuple(after)] = [*ways[state], (blocks[-1], source, target)]
                    queue.append(tuple(after))
    raise ValueError("no moves lead to the goal")


def rebuilt(stacks: Stacks, wanted: Stacks) -> list[Move]:
    """Return moves that build the wanted stacks one after the other, from below.

    What stands right is never touched again, and there is always a third stack to put aside what is in the
    way.  Raises ValueError for fewer than three stacks.
    """
    if len(stacks) < 3:
        raise ValueError("rebuilding takes three stacks")
    stacks = [list(blocks) for blocks in stacks]
    moves: list[Move] = []

    def move(source: int, target: int) -> None:
        stacks[target].append(stacks[source].pop())
        moves.append((stacks[target][-1], source, target))

    def aside(source: int, kept: int) -> int:
        """Put the top of *source* on the lowest stack that is neither *source* nor *kept*."""
        others = [at for at in range(len(stacks)) if at not in (source, kept)]
        target = min(others, key=lambda at: len(stacks[at]))
        move(source, target)
        return target

    for built, blocks in enumerate(wanted):
        for height, block in enumerate(blocks):
            if stacks[built][height : height + 1] == [block]:
                continue
            holder = next(at for at, held in enumerate(stacks) if block in held)
            while stacks[holder][-1] != block:
                aside(holder, built)
            if holder == built:
                holder = aside(built, built)
            while len(stacks[built]) > height:
                aside(built, holder)
            move(holder, built)
    return moves
