"""Run logs made up for tests."""

from dataclasses import replace
from random import Random

from pytest_codesteer.runlog import RunLog
from tests.records import record

HEADER = {
    "started": "2026-01-02T03:04:05+00:00",
    "models": {"gpt-4o": {"provider": "openai", "model": "gpt-4o"}},
    "methods": ["all_text", "all_code"],
    "turns": [1],
    "samples": 2,
    "seed": 0,
    "epochs": 1,
    "scoring": "strict",
    "max_tokens": 2000,
    "temperature": 0.0,
    "sandbox": "process",
    "tasks": {"letters": "abc"},
    "data": {},
    "gates": [],
    "packages": {"pytest-codesteer": "0.1.0"},
}
USAGE = {"prompt": 11, "cached_prompt": 0, "completion": 7, "reasoning": 0}


def reply(text, **more):
    values = {"text": text, "usage": USAGE, "seconds": 0.5, "finish_reason": "stop", "model": "m"}
    return {**values, "tool_calls": [], "executions": [], "containers": 0, **more}


def execution(stdout, *, status="ok", stderr=""):
    return {"status": status, "stdout": stdout, "stderr": stderr, "exit_code": 0 if status == "ok" else 1,
            "seconds": 0.1, "isolation": "process"}  # fmt: skip


def said(role, content):
    return {"role": role, "content": content}


def transcript(question, text, *, source=None, printed=""):
    """Return the steps of one request, and of its program if there is one."""
    steps = [{"ask": [said("user", question)], "reply": reply(text)}]
    return tuple(steps + ([{"run_code": source, "execution": execution(printed)}] if source else []))


def told(each, text="The answer is <<<1>>>.", **more):
    """Return the record *each* with a transcript."""
    return replace(
        each, question="What is it?", final_text=text, transcript=transcript("What is it?", text, **more)
    )


def a_run(
    count=5, *, methods=("all_text", "all_code", "code_text_sum"), tasks=("letters", "game24"), models=("gpt-4o",),
    levels=("short", "long"), turns=(1,), seed=4,
):  # fmt: skip
    """Return records as a run makes them, some of everything."""
    rng = Random(seed)
    spent = {
        "prompt_tokens": 120,
        "completion_tokens": 340,
        "dollars": 0.0123,
        "model_seconds": 2.5,
        "requests": 1,
    }
    return [
        told(
            record(index, correct=rng.random() < 0.5, method=method, task=task, model=model, level=level, turns=turn,
                   used_code=method != "all_text", answered_by="text" if method == "all_text" else "code", **spent),
            source=None if method == "all_text" else "print('<<<1>>>')", printed="<<<1>>>\n",
        )
        for model in models for task in tasks for level in levels for index in range(count)
        for method in methods for turn in turns
    ]  # fmt: skip


def write_log(path, records, *, decisions=None, **header):
    """Write a run log, of a run that came to its end where *decisions* are given; returns its path as text."""
    log = RunLog(path, {**HEADER, **header})
    for each in records:
        log.add(each.to_json())
    if decisions is not None:
        log.decided(decisions)
    log.close()
    return str(path)
