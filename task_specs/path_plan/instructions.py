"""What the robot is told: some boxes to visit and some to avoid, in words."""

from random import Random

_NOUNS = {"room": "rooms", "box": "boxes", "area": "areas", "zone": "zones", "region": "regions"}
_TOURS = (
    "Drive through {}.",
    "Pass through {} on the way.",
    "Call at {} before you stop.",
    "You have errands in {}.",
    "See to it that your way leads through {}.",
    "Whatever way you take, be in {} at some time.",
    "Somewhere along the way, enter {}.",
    "There are parcels to collect in {}.",
)
_BANS = (
    "Never enter {}.",
    "Keep out of {} the whole time.",
    "You must not come into {}.",
    "Go around {}.",
    "At no time touch {}.",
    "Stay clear of {} from start to end.",
)


def instruction(rng: Random, visit: list[str], avoid: list[str], *, of: int) -> str:
    """Return an instruction in one or two sentences; *of* is how many boxes there are."""
    noun = rng.choice(list(_NOUNS))
    sentences = [rng.choice(_TOURS).format(_named(visit, noun))]
    if avoid:
        rest = len(avoid) > 1 and len(visit) + len(avoid) == of and rng.random() < 0.5
        named = f"all the other {_NOUNS[noun]}" if rest else _named(avoid, noun)
        sentences.append(rng.choice(_BANS).format(named))
        if not rest and rng.random() < 0.3:
            sentences.reverse()
    return " ".join(sentences)


def _named(colours: list[str], noun: str) -> str:
    if len(colours) == 1:
        return f"the {colours[0]} {noun}"
    return f"the {', '.join(colours[:-1])} and {colours[-1]} {_NOUNS[noun]}"
