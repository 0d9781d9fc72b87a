"""Judging again what was recorded: today's checkers, no model, no program."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pytest_codesteer.conversation import (
    Ask,
    Execution,
    HostedRun,
    Message,
    Reply,
    RunCode,
    ToolCall,
    Usage,
)
from pytest_codesteer.engine import Case, Episode, Step, chances_of
from pytest_codesteer.runlog.record import Record, judgement, was_stopped
from pytest_codesteer.task import Task


class OtherInstance(Exception):
    """The task does not make the instance any more that the record is of."""


def rejudged(record: Record, task: Task) -> Record:
    """Return the record as *task* judges its final text now.

    A case without an episode, or one that a limit ended, was never shown to a checker and stays as it is.
    Raises `OtherInstance`, and `TaskCrash` when the task's own code fails.
    """
    if not record.transcript or was_stopped(record):
        return record
    index = int(record.instance.rpartition("-")[2])
    if record.level not in task.levels or index >= task.count(record.level, index + 1):
        raise OtherInstance(record.id)
    instance = task.instance(record.level, index, record.seed)
    if instance.digest != record.digest:
        raise OtherInstance(record.id)
    case = Case(task, record.level, index, record.seed, record.method, record.model)
    episode = episode_of(record)
    verdict = task.check(instance.data, record.final_text)
    texts = () if verdict.correct else chances_of(episode)
    chances = [task.check(instance.data, text) for text in texts]
    return replace(record, error="", details="", **judgement(episode, verdict, chances, case))


def episode_of(record: Record) -> Episode:
    """Return the episode that a record tells of."""
    return Episode(record.final_text, "finished", tuple(map(_step, record.transcript)))


def _step(values: Mapping[str, Any]) -> Step:
    if "run_code" in values:
        return Step(RunCode(values["run_code"], values.get("session")), Execution(**values["execution"]))
    messages = tuple(map(_message, values["ask"]))
    request = Ask(messages, tuple(values.get("tools", ())), values.get("role", "task"))
    return Step(request, _reply(values["reply"]))


def _message(values: Mapping[str, Any]) -> Message:
    calls = tuple(ToolCall(**call) for call in values.get("calls", ()))
    return Message(values["role"], values["content"], calls, values.get("call_id", ""))


def _reply(values: Mapping[str, Any]) -> Reply:
    runs = (HostedRun(run["source"], Execution(**run["execution"])) for run in values["executions"])
    return Reply(
        **{
            **values,
            "usage": Usage(**values["usage"]) if values["usage"] else None,
            "tool_calls": tuple(ToolCall(**call) for call in values["tool_calls"]),
            "executions": tuple(runs),
        }
    )
