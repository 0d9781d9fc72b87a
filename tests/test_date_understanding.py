"""Date Understanding, against dates worked out by hand."""

import re
from datetime import date, timedelta

import pytest

from tests.judging import instances, levels, loaded, options, right, wrong

DATE = loaded("date_understanding")


@pytest.mark.parametrize(
    ("story", "question", "answer"),
    [
        ("Today is March 5, 2013.", "is today", "03/05/2013"),
        ("It is the 28th of February 2012 today.", "will be tomorrow", "02/29/2012"),
        ("Yesterday was 02/28/2013.", "is today", "03/01/2013"),
        ("The day before yesterday was Dec 31, 1999.", "was yesterday", "01/01/2000"),
        ("The day after tomorrow will be January 1, 1900.", "is today", "12/30/1899"),
        ("Just ten days ago it was Friday, February 25, 2000.", "is today", "03/06/2000"),
        ("In 3 days it will be 03/01/2001.", "is today", "02/26/2001"),
        ("The deadline on 06/01/2021 is two days away.", "was one week ago", "05/23/2021"),
        ("The match planned for 06/01/1943 is put off by 30 days, to today.", "is today", "07/01/1943"),
        (
            "Otto thinks that today is 06/18/2019, Rosa that it is 06/19/2019. Rosa is right.",
            "is today",
            "06/19/2019",
        ),
        (
            "Otto thinks that today is 06/18/2019, Rosa that it is 06/19/2019. Otto is right.",
            "is today",
            "06/18/2019",
        ),
        (
            "Mila writes the day before the month. In her diary, today is 02/01/1987.",
            "was one month ago",
            "12/02/1986",
        ),
        ("Today is the last day of February 1900.", "will be 24 hours from now", "03/01/1900"),
        ("Today is the first day of March 1904.", "was yesterday", "02/29/1904"),
        ("Tomorrow March 2100 begins.", "is today", "02/28/2100"),
        ("In 36 days the year 2015 begins.", "is today", "11/26/2014"),
        ("Today is day 60 of the year 2012; January 1 is day 1.", "is today", "02/29/2012"),
        ("Today is the first Monday after 07/01/2024.", "is today", "07/08/2024"),
        ("Today is the fourth Thursday of November 2001.", "is today", "11/22/2001"),
        ("Today is the last Friday of June 2018.", "is today", "06/29/2018"),
        ("Ivo gave up smoking on 03/20/2020, and 176 days have passed since then.", "is today", "09/12/2020"),
        (
            (
                "On May 9, 2017 Lea began a box of 40 tea bags. She has used one every day, that day "
                "included, and took the last one today."
            ),
            "is today",
            "06/17/2017",
        ),
        (
            "Ben and Kim married on 01/02/1958. Today they have been married for exactly 50 years.",
            "is today",
            "01/02/2008",
        ),
        ("Nele was born on 02/29/2000 and turns 16 today.", "was one year ago", None),
        ("Nele was born on 02/29/2000 and turns 16 today.", "was {n} days ago", "02/19/2016"),
        (
            (
                "Pia waters her palm on the 16th of every month, for the first time in October 2009. "
                "Today she does so for the 5th time."
            ),
            "is today",
            "02/16/2010",
        ),
        (
            "Every 3 days Tom visits his aunt. The first visit was on 12/30/2010, that of today is the 3rd.",
            "is today",
            "01/05/2011",
        ),
        (
            "It is noon. A clock that was started at noon on 02/28/2000 has run for 48 hours.",
            "is today",
            "03/01/2000",
        ),
        ("It was 01/01/2001 when the ship left, 5 weeks and 2 days ago.", "is today", "02/07/2001"),
        ("Today is 01/31/2011.", "will be the last day of the next month", "02/28/2011"),
        ("Today is 08/31/2011.", "was 12 months ago", "08/31/2010"),
        ("Today is 08/30/2011.", "will be 14 months from today", "10/30/2012"),
        ("Today is 07/03/2024.", "was the last Wednesday before today", "06/26/2024"),
        ("Today is 07/03/2024.", "will be the first Wednesday after today", "07/10/2024"),
        ("Today is 07/05/2024.", "will be 6 working days", None),
        (
            "Today is 07/05/2024.",
            "will be 6 working days after today, where Monday to Friday are working days",
            "07/15/2024",
        ),
        ("Today is 07/05/2024.", "will be 3 weeks from today", "07/26/2024"),
        (
            (
                "Today is 3 days after the opening of the zoo. The zoo opened two weeks before the mill. "
                "The mill opened on 03/10/2012."
            ),
            "is today",
            "02/28/2012",
        ),
    ],
)
def test_dates_worked_out_by_hand(story, question, answer):
    """Where the text asks for no date, or in no words of ours, the target stands."""
    text = f"{story} Which date (MM/DD/YYYY) {question.format(n='ten')}?"
    data = {"input": f"{text}\nOptions:\n(A) 01/01/1800\n(B) {answer}\n(C) 12/31/2200", "target": "(C)"}
    assert DATE.solve(data) == ("(B)" if answer else "(C)")


@levels(DATE)
def test_every_date_is_worked_out_from_the_text_alone(level):
    for data in instances(DATE, level, 200):
        assert DATE.solve({**data, "target": "unknown"}) == data["target"]


@levels(DATE, *(level for level in DATE.levels if not level.startswith("chain")))
def test_a_chain_of_openings_leads_to_the_target(level):
    for data in instances(DATE, level, 30):
        opened = dict(re.findall(r"The (\w+) opened on ([^.]*)\.", data["input"]))
        ((first, said),) = opened.items()
        numbers = [*map(int, re.findall(r"\d+", said))]
        named = re.search("Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec", said)
        month = "JanFebMarAprMayJunJulAugSepOctNovDec".index(named[0]) // 3 + 1 if named else numbers.pop(0)
        days = {first: date(numbers[1], month, numbers[0]).toordinal()}
        words = "zero one two three four five six seven eight nine ten eleven twelve".split()
        for _ in range(30):
            for name, count, unit, way, other in re.findall(
                r"(\w+) (?:opened|is) (\w+) (day|week)s (after|before) the (?:opening of the )?(\w+)",
                data["input"],
            ):
                if other in days:
                    n = int(count) if count.isdigit() else words.index(count)
                    days[name] = days[other] + n * (7 if unit == "week" else 1) * (
                        1 if way == "after" else -1
                    )
        today = date.fromordinal(days["Today"])
        asked = re.search(r"\) (?:is|was|will be) (today|(\d+|\w+) days (ago|from today))\?", data["input"])
        if asked:
            n = 0 if asked[1] == "today" else int(asked[2]) if asked[2].isdigit() else words.index(asked[2])
            wanted = today + timedelta(-n if asked[3] == "ago" else n)
            assert options(data)[data["target"][1]] == f"{wanted:%m/%d/%Y}"


def test_dates_are_accepted_in_any_clear_form():
    data = {"input": "x\nOptions:\n(A) 12/06/1986\n(B) 01/03/1987\n(C) 03/01/1987", "target": "(B)"}
    assert right(
        DATE, data, "January 3, 1987", "3 January 1987", "the 3rd of January 1987", "1987-01-03", "1/3/1987"
    )
    assert right(
        DATE, data, "Saturday, Jan. 3rd, 1987", "(B) January 3, 1987", "The date is January 3, 1987."
    )
    assert right(
        DATE,
        data,
        "01-03-1987",
        "1 / 3 / 1987",
        "1987/01/03",
        "datetime.date(1987, 1, 3)",
        "1987-01-03 00:00",
    )
    assert wrong(
        DATE, data, "03-01-1987", "01.03.1987", "date(1987, 3, 1)", "03/01/1987 (B)", "01/03/1986 (B)"
    )
    assert wrong(
        DATE, data, "March 1, 1987", "1987-03-01", "(B) 01/04/1987", "(B) March 1, 1987", "January 1987"
    )


def test_the_day_may_come_first_where_it_cannot_be_a_month():
    data = {"input": "x\nOptions:\n(A) 12/06/1986\n(B) 12/25/1986", "target": "(B)"}
    assert right(DATE, data, "25/12/1986", "25.12.1986", "12.25.1986", "(B) 25/12/1986")
    assert wrong(DATE, data, "25/13/1986", "06/12/1986", "26/12/1986", "12/25/86")
