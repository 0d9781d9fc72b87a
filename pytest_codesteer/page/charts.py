"""The plots of the HTML report."""

from collections.abc import Sequence

from pytest_codesteer.metrics import grouped, judged
from pytest_codesteer.page.curves import code_by_level, costs, solved_by_level, solved_by_turns
from pytest_codesteer.page.matrices import four_classes, steering, wins
from pytest_codesteer.page.vega import Chart
from pytest_codesteer.runlog import Record

_OF_ALL_MODELS = (costs, solved_by_turns)
_OF_A_MODEL = (solved_by_level, code_by_level, four_classes, steering, wins)


def charts(records: Sequence[Record]) -> list[Chart]:
    """Return the plots that *records* give."""
    known = judged(records)
    by_model = grouped(known, lambda record: record.model)
    found = [make(known) for make in _OF_ALL_MODELS]
    found += [make(model, mine) for model, mine in by_model.items() for make in _OF_A_MODEL]
    return [each for each in found if each]
