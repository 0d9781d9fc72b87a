"""Gates: what a run must reach, else it fails.

    METHOD[@TASK][ on MODEL]: METRIC OP VALUE        all_code@game24: solved >= 70%
                                                     *: errors == 0
                                                     self_estimate_score: steering_accuracy.low >= 70%

METHOD, TASK and MODEL are names or shell patterns.  A gate holds for every model and method that it selects,
one by one; without TASK it is about all tasks together, with one it holds for every task that fits.

METRIC is a share (compared with a percentage), a mean of one case, a cost of one solved case or a count.  Its
``.low`` and ``.high`` are the ends of its 95 % interval: ``solved.low >= 70%`` asks for proof, and is
*inconclusive* when the data prove neither that nor the contrary.

Whatever keeps a gate from being decided makes it fail: no such case, an unknown price, a case that was
planned and left no record.
"""

from pytest_codesteer.gate.baseline import Baseline, decide_against
from pytest_codesteer.gate.decision import decide
from pytest_codesteer.gate.grammar import METRICS, Gate, GateError, Place, parse_drop, parse_gate
from pytest_codesteer.gate.sequential import Watch
from pytest_codesteer.runlog.decision import Decision, Verdict

__all__ = [
    "METRICS",
    "Baseline",
    "Decision",
    "Gate",
    "GateError",
    "Place",
    "Verdict",
    "Watch",
    "decide",
    "decide_against",
    "parse_drop",
    "parse_gate",
]
