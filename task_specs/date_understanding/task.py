"""Date Understanding: work a date out from what is told of another one, and pick it from six.

Half reading, half calendar: text knows what an anniversary is, a program never forgets a leap year.
"""

import re
from collections.abc import Mapping
from datetime import date
from random import Random
from string import ascii_uppercase
from typing import Any

from pytest_codesteer import Verdict, program_of, right, wrong
from pytest_codesteer.answers import choice, plain, shown

from .solver import (
    ASKED,
    MONTHS,
    NUMBERS,
    ORDINALS,
    READERS,
    STORIES,
    WEEKDAYS,
    Rows,
    kind,
    shift,
    solution,
)

_FORM = "%m/%d/%Y"
_OPTIONS = 6
_FIRST, _LAST = date(1900, 1, 1), date(2100, 1, 1)  # between these is every date told or asked for
_MOST_OFTEN = 60  # times, months or years
_BUILDINGS = (
    "airport arena bakery bank bridge brewery canal castle cinema clinic court factory gallery garden "
    "harbour hospital hotel library market mill museum opera palace park school stadium station temple "
    "theatre tower tunnel zoo"
).split()
_OPTION = re.compile(r"^\(([A-Z])\) (.+)$", re.MULTILINE)

# Other ways in which an answer may write a date.
_NAMED = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?)?({'|'.join(month[:3] for month in MONTHS)})[a-z]*\.?"
    r"(?: (\d{1,2})(?:st|nd|rd|th)?\b)?,? (\d{4})\b",
    re.IGNORECASE,
)
_ISO = re.compile(r"\b(\d{4})([-/.])(\d\d?)\2(\d\d?)\b")
_PYTHON = re.compile(r"\b(?:datetime\.)?date(?:time)?\((\d{4}), (\d\d?), (\d\d?)\b[^)]*\)")
_NUMERIC = re.compile(r"\b(\d\d?)(?: ?([-/.]) ?)(\d\d?) ?\2 ?(\d{4})\b")
_DATE = r"(\d{1,2}/\d{1,2}/\d{4})"
_BOTH = re.compile(rf"\W*(?:[A-Za-z]\W+{_DATE}|{_DATE}\W+[A-Za-z])\W*")  # a letter and a date


def generate(
    rng: Random, *, asked: list[str], most: int, stories: list[str] | None = None, links: int = 0
) -> dict[str, Any]:
    """Draw a story that settles what day it is today, and ask for that day or one seen from it.

    *stories* and *asked* name families of sentences (in solver.py); with *links*, the story is a chain of
    so many openings.  *most* is the largest number of days or the like.
    """
    while True:
        try:
            if links:
                story, today = _chain(rng, links, most)
            else:
                story, today = _filled(rng, STORIES, stories or [], most)
            question, wanted = _filled(rng, ASKED, asked, most, today)
        except ValueError:
            continue  # no such date, such as a 30th of February
        if min(today, wanted) >= _FIRST and max(today, wanted) < _LAST:
            break
    dates = [wanted, *_others(rng, today, wanted)]
    rng.shuffle(dates)
    lines = [f"({letter}) {day:{_FORM}}" for letter, day in zip(ascii_uppercase, dates, strict=False)]
    text = f"{story} Which date (MM/DD/YYYY) {question}?"
    return {
        "input": "\n".join((text, "Options:", *lines)),
        "target": f"({ascii_uppercase[dates.index(wanted)]})",
    }


def solve(data: Mapping[str, Any]) -> str:
    """Work the date out; where the text is told in other words than ours, return the target."""
    try:
        return solution(data["input"])
    except ValueError:
        return str(data["target"])


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept the option that is the target: its letter, its date in any clear form, or both."""
    options = dict(_OPTION.findall(data["input"]))
    said = _slashed(plain(answer))
    chosen = choice(said, options)
    both = _BOTH.fullmatch(said)
    if both and (both[1] or both[2]) != options[chosen]:
        return wrong(f"{shown(answer)} is not option {chosen}")
    return right() if f"({chosen})" == data["target"] else wrong(f"chooses {chosen}")


def program(data: Mapping[str, Any]) -> str:
    """Return the program that reads the story and computes; where it cannot read it, the target."""
    try:
        solution(data["input"])
    except ValueError:
        return f"print('<<<{data['target']}>>>')\n"
    return program_of(solution, text=data["input"])


def _filled(rng: Random, rows: Rows, families: list[str], most: int, *known: date) -> tuple[str, date]:
    """Return a sentence with its slots filled, and the date that follows.  Raises `ValueError` for none."""
    sentence, work_out = rng.choice([row for family in families for row in rows[family]])
    words: dict[str, str] = {}
    for slot in re.findall(r"{(\w+)}", sentence):
        near = READERS["day"](words["day"]) if slot == "day_2" else None
        words[slot] = _drawn(rng, kind(slot), most, near)
    values = {slot: READERS[kind(slot)](said) for slot, said in words.items()}
    return sentence.format(**words), work_out(*known, **values)


def _drawn(rng: Random, slot: str, most: int, near: date | None = None) -> str:
    """Return what may stand in a slot; a day *near* another one if there is one."""
    day = shift(near, rng.choice((-2, -1, 1, 2))) if near else _any_day(rng)
    match slot:
        case "day":
            return _written(rng, day)
        case "british":
            return f"{day:%d/%m/%Y}"
        case "n":
            return _number(rng, rng.randint(2, most))
        case "nth":
            return ORDINALS[rng.randint(1, 4)]
        case "dth":
            return _nth(rng.randint(1, 28))
        case "visit":
            return _nth(rng.randint(2, _MOST_OFTEN))
        case "age" | "months":
            return str(rng.randint(2, _MOST_OFTEN))
        case "hours":
            return str(24 * rng.randint(1, most))
        case "month":
            return MONTHS[day.month - 1]
        case "weekday":
            return WEEKDAYS[day.weekday()]
        case "year":
            return str(day.year)
    raise AssertionError(f"no such slot: {slot}")


def _chain(rng: Random, links: int, most: int) -> tuple[str, date]:
    """Return a story of openings, each told relative to another one, and the date of today."""
    names = rng.sample(_BUILDINGS, links)
    day = _any_day(rng)
    said = [f"The {names[0]} opened on {_written(rng, day)}."]
    for name, before in zip([*names[1:], ""], names, strict=True):
        unit, way = rng.choice(("day", "week")), rng.choice(("after", "before")) if name else "after"
        n = rng.randint(2, most)
        day = shift(day, n if way == "after" else -n, unit)
        subject, other = (f"The {name} opened", before) if name else ("Today is", f"opening of the {before}")
        said.append(f"{subject} {_number(rng, n)} {unit}s {way} the {other}.")
    rng.shuffle(said)
    return " ".join(said), day


def _others(rng: Random, today: date, wanted: date) -> list[date]:
    """Return the wrong options: slips near the right date, and as many near a wrong one.

    So the right one is not the one in the middle.
    """
    wrong = rng.choice(_slips(wanted, [today, shift(today, (today - wanted).days)]))
    others = sorted({*_slips(wanted), *_slips(wrong)} - {wanted, wrong})
    return [wrong, *rng.sample(others, _OPTIONS - 2)]


def _slips(right: date, more: list[date] | None = None) -> list[date]:
    """Return dates that a slip may put in the place of *right*."""
    slips = [shift(right, sign * days) for days in (1, 2, 7, 10, 30) for sign in (-1, 1)] + (more or [])
    first = right.replace(day=1)
    for months in (-12, -1, 1, 12):
        if shift(right, 1).day == 1:
            slips.append(shift(shift(first, months + 1, "month"), -1))  # the end of another month
        elif right.day <= 28:
            slips.append(shift(right, months, "month"))
    if right.day <= 12:
        slips.append(right.replace(month=right.day, day=right.month))
    return sorted({slip for slip in slips if slip != right})


def _any_day(rng: Random) -> date:
    return date.fromordinal(rng.randrange(_FIRST.toordinal(), _LAST.toordinal()))


def _written(rng: Random, day: date) -> str:
    """Return a date as people write it."""
    month, number = MONTHS[day.month - 1], day.day
    forms = (
        f"{day:{_FORM}}",
        f"{month} {number}, {day.year}",
        f"{month[:3]} {number}, {day.year}",
        f"{WEEKDAYS[day.weekday()]}, {month} {number}, {day.year}",
        f"the {_nth(number)} of {month} {day.year}",
    )
    return rng.choice(forms)


def _number(rng: Random, n: int) -> str:
    return NUMBERS[n] if n < len(NUMBERS) and rng.random() < 0.5 else str(n)


def _nth(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def _slashed(text: str) -> str:
    """Return *text* with its dates as 03/05/2013: March 5, 2013, 2013-03-05, 3-5-2013, date(2013, 3, 5)."""
    text = _ISO.sub(r"\3/\4/\1", _PYTHON.sub(r"\2/\3/\1", _NAMED.sub(_of_named, text)))
    return _NUMERIC.sub(_of_numbers, text)


def _of_named(named: re.Match[str]) -> str:
    month = next(at for at, name in enumerate(MONTHS, 1) if name[:3].lower() == named[2].lower())
    day = named[1] or named[3]
    return f"{month}/{day}/{named[4]}" if day else named[0]


def _of_numbers(numbers: re.Match[str]) -> str:
    """Return the date with the month first; it comes second where there is no other way, as in 25/03/2013."""
    month, sign, day, year = numbers.groups()
    if sign == "." and month != day and max(int(month), int(day)) <= 12:
        return numbers[0]  # with full stops it is mostly the day that comes first, but not always
    if int(month) > 12 >= int(day):
        month, day = day, month
    return f"{month:0>2}/{day:0>2}/{year}"
