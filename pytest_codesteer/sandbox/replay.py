"""Sessions for a sandbox that has none: each program is run after all earlier ones, whose output is dropped.

A program that was stopped takes the state along: the next one starts afresh.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from pytest_codesteer.conversation import Execution, RunCode

_REPLAY = """\
import contextlib as _c, io as _i, sys as _s
_g = {{"__name__": "__main__"}}
for _p in {earlier}:
    with _c.redirect_stdout(_i.StringIO()), _c.redirect_stderr(_i.StringIO()), _c.suppress(BaseException):
        exec(compile(_p, "<earlier>", "exec"), _g)
exec(compile({source}, "<program>", "exec"), _g)
"""


@dataclass(slots=True)
class ReplaySession:
    """A session made of fresh runs."""

    run_afresh: Callable[[RunCode, float], Execution]
    earlier: list[str] = field(default_factory=list)

    def run(self, source: str, *, seconds: float) -> Execution:
        """Run a program in view of what the earlier ones defined."""
        program = _REPLAY.format(earlier=ascii(self.earlier), source=ascii(source))
        execution = self.run_afresh(RunCode(program), seconds)
        self.earlier = [*self.earlier, source] if execution.status in ("ok", "error") else []
        return execution

    def close(self) -> None:
        """Forget."""
        self.earlier = []
