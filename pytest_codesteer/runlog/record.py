"""What was asked of whom, and what came of it: JSON values only."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any, Literal

from pytest_codesteer.conversation import Ask, Message, Reply, RunCode
from pytest_codesteer.engine import Case, Episode, Played, Step, case_id
from pytest_codesteer.models import ModelName
from pytest_codesteer.models.prices import Prices
from pytest_codesteer.runlog.shapes import misfit, shapes_of
from pytest_codesteer.task import Verdict

Scoring = Literal["strict", "lenient"]
SCORINGS: tuple[Scoring, ...] = ("strict", "lenient")

Outcome = Literal["correct", "wrong", "unreadable", "limit", "error"]
OUTCOMES: tuple[Outcome, ...] = ("correct", "wrong", "unreadable", "limit", "error")

_STOPPED = {
    "requests": "asked for more than {limits.requests} requests",
    "time": "took longer than {limits.seconds:g} s",
    "context": "the chat is longer than the model's context",
}
_STUCK = {"timeout": "its program ran out of time", "memory": "its program ran out of memory",
          "output_limit": "its program printed too much"}  # fmt: skip
_CUT = {"length": "the reply was cut at the token limit", "refusal": "the model refused to answer",
        "content_filter": "the provider's content filter blocked the reply"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """The result of one case.  None stands for what is not known."""

    task: str
    level: str
    instance: str  # "<level>-<index>"
    digest: str  # of the instance's data; "" when it could not be made
    seed: int
    method: str
    model: str
    outcome: Outcome
    turns: int = 1  # that the model had at most to refine its answer
    epoch: int = 1  # which repeat of the case, from 1
    reason: str = ""  # a few words on why it is not correct
    score: float = 0.0  # 0-1, the task's partial credit
    scores: Mapping[str, float] = field(default_factory=dict)  # its partial scores by name
    lenient: bool = False  # correct where each of the reference's two chances counts
    lenient_score: float = 0.0  # 0-1, the better partial credit of the two
    answered_by: str = ""  # "code" or "text"; "" when there is no final text
    used_code: bool = False
    requests: int = 0  # to the model and its guide
    programs: int = 0  # that were run, those that only check an answer included
    prompt_tokens: int | None = None
    cached_prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    dollars: float | None = None
    cached_requests: int = 0  # those of `requests` that an earlier one paid for; all else counts them in
    spent_dollars: float | None = None  # those of `dollars` that this run spent
    batch_requests: int = 0  # those of `requests` that were made in a batch, at the price of one
    model_seconds: float | None = 0.0  # None where a reply came by batch, or a request failed
    code_seconds: float = 0.0
    error: str = ""  # what kept the case from being judged
    details: str = ""  # the traceback, where there is one
    question: str = ""
    final_text: str = ""
    transcript: tuple[Mapping[str, Any], ...] = ()  # request and outcome of each step

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON values, which are the record's own: not to be changed."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def to_json(self) -> str:
        """Return the record as a line of a run log; a lone surrogate of model text becomes ``?``."""
        line = json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))
        return line.encode("utf-8", "replace").decode("utf-8")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Record":
        """Return the record that `to_dict` wrote; keys of later versions are passed over.

        Raises `TypeError` where it is none.
        """
        if wrong := misfit(_SHAPES, values, _NEEDED):
            raise TypeError(wrong)
        if not values["instance"].rpartition("-")[2].isdecimal():
            raise TypeError(f"instance is {values['instance']!r:.60}, not of the form level-index")
        kept = {name: values[name] for name in _SHAPES if name in values}
        return cls(**{**kept, "transcript": tuple(kept.get("transcript", ()))})

    @property
    def id(self) -> str:
        """The name of its case, as `Case.id` has it."""
        return case_id(self.task, self.model, self.method, self.turns, self.instance, self.epoch)

    @property
    def correct(self) -> bool:
        """Whether the case was solved."""
        return self.outcome == "correct"

    @property
    def tokens(self) -> int | None:
        """Prompt and completion tokens together."""
        if self.prompt_tokens is None or self.completion_tokens is None:
            return None
        return self.prompt_tokens + self.completion_tokens

    @property
    def seconds(self) -> float | None:
        """Time of models and programs together."""
        return None if self.model_seconds is None else self.model_seconds + self.code_seconds


_SHAPES = shapes_of(Record)
_NEEDED = tuple(item.name for item in fields(Record) if item.default is item.default_factory is MISSING)


def scored(record: Record, scoring: Scoring) -> Record:
    """Return the record as *scoring* counts it.

    What `judge` says is strict: one chance.  Lenient scoring gives the two of the paper's harness: a case is
    correct, too, when its last program's output or its last reply's words alone hold a right answer.
    """
    if scoring == "strict" or record.outcome == "error":
        return record
    better = replace(record, score=max(record.score, record.lenient_score))
    return replace(better, outcome="correct", reason="") if record.lenient else better


def record_of(
    played: Played, name: ModelName, prices: Prices, on: date, *, guide: ModelName | None = None
) -> Record:
    """Sum up what came of a case; *on* is the day whose prices hold, *guide* who guided, if another model."""
    case, episode = played.case, played.episode
    kept: dict[str, Any] = {
        "task": case.task.name,
        "level": case.level,
        "instance": f"{case.level}-{case.index:03}",
        "digest": played.instance.digest if played.instance else "",
        "seed": case.seed,
        "method": case.method,
        "model": case.model,
        "turns": case.turns,
        "epoch": case.epoch,
        "question": played.question,
    }
    if episode is None:
        unknown: dict[str, Any] = (
            {"model_seconds": None} if played.question else {}
        )  # what was asked took time
        return Record(
            **kept, **unknown, outcome="error", reason="error", error=played.error, details=played.details
        )
    costs = list(_costs(episode, {"task": name, "guide": guide or name}, prices, on))
    spent = [0.0 if reply.cached else cost for reply, cost in zip(episode.replies, costs, strict=True)]
    figures = {**_figures(episode), "dollars": _sum(costs), "spent_dollars": _sum(spent)}
    if played.verdict is None:
        return Record(
            **kept,
            **figures,
            outcome="error",
            reason="error",
            error=played.error,
            details=played.details,
        )
    return Record(**kept, **figures, **judgement(episode, played.verdict, played.chances, case))


def judgement(episode: Episode, verdict: Verdict, chances: Sequence[Verdict], case: Case) -> dict[str, Any]:
    """Return the fields of a record that rest on what the task's checker says."""
    outcome, reason = judge(episode, verdict, case)
    reason = str(reason)  # a task's checker may have given anything, and a log holds texts
    best = max((verdict, *chances), key=lambda verdict: (verdict.correct, verdict.score))
    return {
        "outcome": outcome, "reason": reason, "score": verdict.score, "scores": dict(verdict.scores),
        "lenient": best.correct, "lenient_score": best.score,
    }  # fmt: skip


def judge(episode: Episode, verdict: Verdict, case: Case) -> tuple[Outcome, str]:
    """Return the outcome of a case, and in a few words why it is not correct.

    A reply that was cut, or a program that ran out of its limits, excuses nothing: it is not correct.  But
    what it ran into is then named, rather than a wrong or unreadable answer.
    """
    if episode.stopped != "finished":
        return "limit", _STOPPED[episode.stopped].format(limits=case.task.limits)
    if verdict.correct:
        return "correct", ""
    cut = episode.replies[-1].finish_reason if episode.replies else "stop"
    if cut == "length":
        return "limit", _CUT[cut]
    if verdict.kind == "wrong":
        return "wrong", verdict.reason
    status = episode.executions[-1].status if episode.executions else "ok"
    if status in _STUCK:
        return "limit", _STUCK[status]
    return "unreadable", _CUT.get(cut, verdict.reason)


def was_stopped(record: Record) -> bool:
    """Return whether a limit ended the episode of a record before its method came to its end."""
    ran_into = (*_STUCK.values(), *_CUT.values())  # of an episode that came to its end
    return record.outcome == "limit" and not record.final_text and record.reason not in ran_into


def _figures(episode: Episode) -> dict[str, Any]:
    usage = episode.usage
    return {
        "answered_by": episode.answered_by if episode.final_text.strip() else "",
        "used_code": episode.used_code,
        "requests": len(episode.replies),
        "cached_requests": sum(reply.cached for reply in episode.replies),
        "programs": len(episode.executions),
        "prompt_tokens": usage.prompt if usage else None,
        "cached_prompt_tokens": usage.cached_prompt if usage else None,
        "completion_tokens": usage.completion if usage else None,
        "reasoning_tokens": usage.reasoning if usage else None,
        "batch_requests": sum(reply.batch for reply in episode.replies),
        "model_seconds": None if episode.model_seconds is None else round(episode.model_seconds, 4),
        "code_seconds": round(episode.code_seconds, 4),
        "final_text": _text(episode.final_text),
        "transcript": tuple(_step(step) for step in episode.steps),
    }


def _costs(
    episode: Episode, names: Mapping[str, ModelName], prices: Prices, on: date
) -> Iterator[float | None]:
    """Yield what each reply costs, at the price of whom it came from; None when it is not known."""
    for step in episode.steps:
        if isinstance(step.request, Ask) and isinstance(step.outcome, Reply):
            name = names[step.request.role]
            yield prices.dollars(step.outcome, name.provider, name.model or name.label, on)


def _sum(costs: Sequence[float | None]) -> float | None:
    """Return the sum; None when one is not known."""
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None


def _step(step: Step) -> dict[str, Any]:
    """Return a step as the run log keeps it; of a request, what is not as usual."""
    request: dict[str, Any]
    match step.request:
        case Ask(messages, tools, role):
            request = {"ask": [_said(message) for message in messages]}
            request |= {"tools": list(tools)} if tools else {}
            request |= {"role": role} if role != "task" else {}
        case RunCode(source, session):
            request = {"run_code": source} | ({"session": session} if session is not None else {})
    outcome = "reply" if isinstance(step.outcome, Reply) else "execution"
    step_values: dict[str, Any] = _clean(request | {outcome: asdict(step.outcome)})
    return step_values


def _said(message: Message) -> dict[str, Any]:
    said: dict[str, Any] = {"role": message.role, "content": message.content}
    said |= {"calls": [asdict(call) for call in message.calls]} if message.calls else {}
    return said | ({"call_id": message.call_id} if message.call_id else {})


def _clean(value: Any) -> Any:
    """Return JSON values with text as UTF-8 can hold it."""
    match value:
        case str():
            return _text(value)
        case dict():
            return {key: _clean(each) for key, each in value.items()}
        case list() | tuple():
            return [_clean(each) for each in value]
    return value


def _text(text: str) -> str:
    """Return model text as UTF-8 can hold it: a lone surrogate becomes ``?``."""
    return text.encode("utf-8", "replace").decode("utf-8")
