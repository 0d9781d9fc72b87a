"""Cases of a finished run whose task is not there any more."""

from collections.abc import Iterator
from typing import Any

import pytest

from pytest_codesteer.plugin.items import Carried, CaseError, carried, unjudged
from pytest_codesteer.plugin.options import Options
from pytest_codesteer.runlog import Earlier


class LostFile(pytest.File):
    """The run log, as the place of the cases that have no task file."""

    def __init__(self, *, options: Options, earlier: Earlier, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.options = options
        self.earlier = earlier

    def collect(self) -> Iterator["LostItem"]:
        """Yield an item for each of them."""
        for case, entry in self.earlier.entries.items():
            if entry.record.task not in (self.options.tasks or {}):
                item: LostItem = LostItem.from_parent(self, name=case, earlier=self.earlier)
                yield item


class LostItem(pytest.Item):
    """A case that cannot be judged: an error, not a wrong answer."""

    def __init__(self, *, earlier: Earlier, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.earlier = earlier
        self.carried: Carried | None = None

    def runtest(self) -> None:
        """Leave the record, and fail."""
        record = self.earlier.record(self.name)
        said = f"there is no task {record.task!r} any more; if it is elsewhere, name its file as an argument"
        record = unjudged(record, said)
        self.carried = carried(record, record)
        raise CaseError(said)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]
        """Show the reason alone."""
        return str(excinfo.value) if isinstance(excinfo.value, CaseError) else super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Any, int, str]:
        """Point at the run log."""
        return self.path, 0, self.name
