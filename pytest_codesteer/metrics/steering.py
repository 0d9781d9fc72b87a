"""Did a method steer to the mode that solves the instance?  Measured against `all_code` and `all_text`.

An instance *decides* when exactly one of the two solves it.  Both must have been run, on the same instances.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Literal

from pytest_codesteer.metrics.intervals import Estimate, Rate, Undefined, clusters_of, share_of
from pytest_codesteer.metrics.relative import centred, relative
from pytest_codesteer.metrics.summary import grouped, instance_of, judged
from pytest_codesteer.runlog import Record

CODE, TEXT = "all_code", "all_text"

Solves = Literal["code", "text", "both", "neither"]
SOLVES: tuple[Solves, ...] = ("code", "text", "both", "neither")
Place = tuple[Solves, str]  # which mode solves; "code" or "text" answered, "" when nothing did


def steering_accuracy(method: Iterable[Record], run: Iterable[Record]) -> Rate | Undefined:
    """Return, of the deciding instances, the share that *method* answered by the mode that solves them.

    *method* are the records of one method, *run* those of the whole run.
    """
    triples = _triples(method, run)
    if isinstance(triples, Undefined):
        return triples
    deciding = [triple for triple in triples if triple[1].correct != triple[2].correct]
    if not deciding:
        return Undefined(f"none of {len(triples)} cases is solved by exactly one of {CODE} and {TEXT}")
    hits = [mine.answered_by == ("code" if code.correct else "text") for mine, code, _ in deciding]
    return share_of(clusters_of(map(float, hits), (instance_of(mine) for mine, _, _ in deciding)))


def steering_regret(method: Iterable[Record], run: Iterable[Record]) -> Estimate | Undefined:
    """Return the share that the better of the two modes solves minus the share that *method* solves.

    Below zero where the method beats both.
    """
    triples = _triples(method, run)
    if isinstance(triples, Undefined):
        return triples
    rows = [
        tuple(float(figure) for side in zip(*mine, strict=True) for figure in (_solved(side), len(side)))
        for mine in grouped(triples, lambda triple: instance_of(triple[0])).values()
    ]
    (number,) = relative([rows], [(1, 2)], lambda shares: [_regret(*shares[0])])
    return centred(number, -1.0, 1.0) if number else Undefined("no case was judged")


def steering_matrix(method: Iterable[Record], run: Iterable[Record]) -> Mapping[Place, int] | Undefined:
    """Count the cases of *method* by which of the two modes solve the instance and which one answered."""
    triples = _triples(method, run)
    if isinstance(triples, Undefined):
        return triples
    return Counter((_solves(code, text), mine.answered_by) for mine, code, text in triples)


def _solves(code: Record, text: Record) -> Solves:
    if code.correct and text.correct:
        return "both"
    return "code" if code.correct else "text" if text.correct else "neither"


_Triple = tuple[Record, Record, Record]  # of the method, of all_code, of all_text


def _triples(method: Iterable[Record], run: Iterable[Record]) -> list[_Triple] | Undefined:
    """Put each judged case of *method* beside those of the two modes."""
    known = judged(run)
    modes: list[Mapping[Hashable, Record]] = []
    for name in (CODE, TEXT):
        modes.append({_place(record): record for record in known if record.method == name})
        if not modes[-1]:
            return Undefined(f"{name} was not run, or none of its cases was judged")
    code, text = modes
    places = [(record, _place(record)) for record in judged(method)]
    triples = [
        (record, code[place], text[place]) for record, place in places if place in code and place in text
    ]
    return triples or Undefined(f"no case was judged of the method, {CODE} and {TEXT} alike")


def _place(record: Record) -> Hashable:
    return instance_of(record), record.model, record.turns, record.epoch


def _solved(records: Iterable[Record]) -> int:
    return sum(record.correct for record in records)


def _regret(mine: float | None, code: float | None, text: float | None) -> float | None:
    return None if mine is None or code is None or text is None else max(code, text) - mine
