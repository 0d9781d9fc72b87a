"""Date Understanding, solved: the story read, and the date worked out by the calendar."""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()
ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

Rows = dict[
    str, tuple[tuple[str, Callable[..., date]], ...]
]  # sentences with slots, and what follows from them


def solution(text: str) -> str:
    """Return the one option that is the date asked for, as (A)."""
    story, _, listed = text.partition("\nOptions:\n")
    question = re.search(r"Which date \(MM/DD/YYYY\) (.*)\?", story)
    if question is None:
        raise ValueError(f"asks for no date: {text:.60}")
    told = after_openings(story) if "opening of" in story else _work_out(STORIES, story, re.search)
    wanted = _work_out(ASKED, question[1], re.fullmatch, told).strftime("%m/%d/%Y")
    return next(f"({letter})" for letter, option in re.findall(r"\((\w)\) (.*)", listed) if option == wanted)


def _work_out(rows: Rows, text: str, match: Callable[..., re.Match[str] | None], *known: date) -> date:
    """Return the date that follows from the first sentence of *rows* that *text* says."""
    for sentence, work_out in (row for family in rows.values() for row in family):
        pattern = re.sub(r"\\{(\w+)\\}", _slot_pattern, re.escape(sentence))
        if found := match(pattern, text):
            return work_out(
                *known, **{slot: READERS[kind(slot)](said) for slot, said in found.groupdict().items()}
            )
    raise ValueError(f"tells no date: {text:.60}")


def _slot_pattern(slot: re.Match[str]) -> str:
    return f"(?P<{slot[1]}>{_PATTERNS[kind(slot[1])]})"


def kind(slot: str) -> str:
    """Return what a slot holds: `day` for {day} and {day_2}."""
    return slot.partition("_")[0]


def after_openings(story: str) -> date:
    """Return today, at the end of a chain of openings that is told in any order."""
    day, n = _PATTERNS["day"], _PATTERNS["n"]
    known = {name: written(said) for name, said in re.findall(rf"The (\w+) opened on ({day})", story)}
    links = re.findall(
        rf"(?:The (\w+) opened|(Today) is) ({n}) (day|week)s (after|before) the (?:opening of the )?(\w+)",
        story,
    )
    for _ in links:  # at worst each round finds one
        for name, now, amount, unit, way, other in links:
            if other in known:
                known[name or now] = shift(known[other], number(amount) * (1 if way == "after" else -1), unit)
    return known["Today"]


# Calendar -------------------------------------------------------------------------------------


def shift(day: date, n: int, unit: str = "day") -> date:
    """Return the date *n* days, weeks, months or years after *day*."""
    if unit in ("month", "year"):
        months = day.year * 12 + day.month - 1 + n * (12 if unit == "year" else 1)
        return day.replace(year=months // 12, month=months % 12 + 1)
    return day + timedelta(**{f"{unit}s": n})


def last_of(month: int, year: int) -> date:
    """Return the last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def next_weekday(day: date, weekday: str, step: int = 1) -> date:
    """Return the first day of that name after *day*, for a *step* of -1 the last one before it."""
    day += timedelta(step)
    while WEEKDAYS[day.weekday()] != weekday:
        day += timedelta(step)
    return day


def nth_weekday(nth: int, weekday: str, month: int, year: int) -> date:
    """Return the first, second, third or fourth Monday, say, of a month."""
    return next_weekday(date(year, month, 1) - timedelta(1), weekday) + timedelta(weeks=nth - 1)


def day_of_year(n: int, year: int) -> date:
    """Return the *n*th day of a year.  Raises `ValueError` when it has not so many."""
    day = shift(date(year, 1, 1), n - 1)
    if day.year != year:
        raise ValueError(f"{year} has no day {n}")
    return day


def working_days(day: date, n: int) -> date:
    """Return the *n*th working day, Monday to Friday, after *day*."""
    while n:
        day += timedelta(1)
        n -= day.weekday() < WEEKDAYS.index("Saturday")
    return day


# Reading --------------------------------------------------------------------------------------


def number(word: str) -> int:
    """Return the number that is written 5, 5th, five or fifth."""
    if word[0].isdigit():
        return int(re.sub(r"\D", "", word))
    return NUMBERS.index(word) if word in NUMBERS else ORDINALS.index(word)


def written(text: str) -> date:
    """Return the date that is written 03/05/2013, March 5, 2013 or the 5th of March 2013."""
    if "/" in text:
        month, day, year = text.split("/")
        return date(int(year), int(month), int(day))
    name = next(name for name in MONTHS if re.search(rf"\b{name[:3]}", text))
    day, year = re.findall(r"\d+", text)
    return date(int(year), MONTHS.index(name) + 1, int(day))


def day_first(text: str) -> date:
    """Return the date that is written 25/03/2013."""
    day, month, year = text.split("/")
    return date(int(year), int(month), int(day))


_MONTH = "|".join((*MONTHS, *(month[:3] for month in MONTHS)))
_PATTERNS = {  # what may stand in a slot
    "day": rf"\d+/\d+/\d+|(?:\w+day, )?(?:{_MONTH}) \d+, \d+|(?:\w+day, )?the \d+\w\w of (?:{_MONTH}) \d+",
    "british": r"\d+/\d+/\d+",
    "n": r"\d+|[a-z]+",
    "nth": "|".join(ORDINALS[1:]),
    "month": _MONTH,
    "year": r"\d{4}",
    "weekday": r"[A-Z]\w+day",
}
_PATTERNS |= dict.fromkeys(("age", "hours", "months"), r"\d+") | dict.fromkeys(("dth", "visit"), r"\d+[a-z]+")
READERS: dict[str, Callable[[str], Any]] = {
    "day": written,
    "british": day_first,
    "month": lambda name: MONTHS.index(name) + 1,
    "weekday": str,
}
READERS |= dict.fromkeys(("n", "nth", "year", "age", "hours", "months", "dth", "visit"), number)

# What is told and asked -----------------------------------------------------------------------

STORIES: Rows = {
    "plain": (
        ("Today is {day}.", lambda day: day),
        ("It is {day} today.", lambda day: day),
        ("The newspaper of today says {day} on its front page.", lambda day: day),
    ),
    "near": (
        ("Yesterday was {day}.", lambda day: shift(day, 1)),
        ("Tomorrow is {day}.", lambda day: shift(day, -1)),
        ("The day before yesterday was {day}.", lambda day: shift(day, 2)),
        ("The day after tomorrow will be {day}.", lambda day: shift(day, -2)),
        ("Just {n} days ago it was {day}.", lambda n, day: shift(day, n)),
        ("In {n} days it will be {day}.", lambda n, day: shift(day, -n)),
        ("The deadline on {day} is {n} days away.", lambda day, n: shift(day, -n)),
        ("The match planned for {day} is put off by {n} days, to today.", shift),
        (
            "Otto thinks that today is {day}, Rosa that it is {day_2}. Rosa is right.",
            lambda day_2, **_: day_2,
        ),
        ("Otto thinks that today is {day}, Rosa that it is {day_2}. Otto is right.", lambda day, **_: day),
    ),
    "calendar": (
        ("Mila writes the day before the month. In her diary, today is {british}.", lambda british: british),
        ("Today is the last day of {month} {year}.", last_of),
        ("Today is the first day of {month} {year}.", lambda month, year: date(year, month, 1)),
        ("Tomorrow {month} {year} begins.", lambda month, year: shift(date(year, month, 1), -1)),
        ("In {n} days the year {year} begins.", lambda n, year: shift(date(year, 1, 1), -n)),
        (
            "Today is day {n} of the year {year}; January 1 is day 1.",
            day_of_year,
        ),
        ("Today is the first {weekday} after {day}.", lambda weekday, day: next_weekday(day, weekday)),
        ("Today is the {nth} {weekday} of {month} {year}.", nth_weekday),
        (
            "Today is the last {weekday} of {month} {year}.",
            lambda weekday, month, year: next_weekday(shift(last_of(month, year), 1), weekday, -1),
        ),
    ),
    "counted": (
        ("Ivo gave up smoking on {day}, and {n} days have passed since then.", shift),
        (
            (
                "On {day} Lea began a box of {n} tea bags. She has used one every day, that day "
                "included, and took the last one today."
            ),
            lambda day, n: shift(day, n - 1),
        ),
        (
            "Ben and Kim married on {day}. Today they have been married for exactly {age} years.",
            lambda day, age: shift(day, age, "year"),
        ),
        ("Nele was born on {day} and turns {age} today.", lambda day, age: shift(day, age, "year")),
        (
            (
                "Pia waters her palm on the {dth} of every month, for the first time in {month} {year}. "
                "Today she does so for the {visit} time."
            ),
            lambda dth, month, year, visit: shift(date(year, month, dth), visit - 1, "month"),
        ),
        (
            "Every {n} days Tom visits his aunt. The first visit was on {day}, that of today is the {visit}.",
            lambda n, day, visit: shift(day, n * (visit - 1)),
        ),
        (
            "It is noon. A clock that was started at noon on {day} has run for {hours} hours.",
            lambda day, hours: shift(day, hours // 24),
        ),
        (
            "It was {day} when the ship left, {n} weeks and {n_2} days ago.",
            lambda day, n, n_2: shift(day, 7 * n + n_2),
        ),
    ),
}
ASKED: Rows = {
    "near": (
        ("is today", lambda today: today),
        ("will be tomorrow", lambda today: shift(today, 1)),
        ("was yesterday", lambda today: shift(today, -1)),
        ("will be the day after tomorrow", lambda today: shift(today, 2)),
        ("was one week ago", lambda today: shift(today, -7)),
        ("will be one week from today", lambda today: shift(today, 7)),
        ("was {n} days ago", lambda today, n: shift(today, -n)),
        ("will be {n} days from today", shift),
        ("will be 24 hours from now", lambda today: shift(today, 1)),
        ("was one month ago", lambda today: shift(today, -1, "month")),
        ("was one year ago", lambda today: shift(today, -1, "year")),
    ),
    "far": (
        ("was {n} days ago", lambda today, n: shift(today, -n)),
        ("will be {n} days from today", shift),
        ("was {n} weeks ago", lambda today, n: shift(today, -n, "week")),
        ("will be {n} weeks from today", lambda today, n: shift(today, n, "week")),
        ("was {months} months ago", lambda today, months: shift(today, -months, "month")),
        ("will be {months} months from today", lambda today, months: shift(today, months, "month")),
        (
            "will be the last day of the next month",
            lambda today: shift(shift(today.replace(day=1), 2, "month"), -1),
        ),
        ("was the last {weekday} before today", lambda today, weekday: next_weekday(today, weekday, -1)),
        ("will be the first {weekday} after today", next_weekday),
        ("will be {n} working days after today, where Monday to Friday are working days", working_days),
    ),
}
