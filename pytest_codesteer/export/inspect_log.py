"""Logs that `inspect view` opens: Inspect's ``.eval`` format, a zip of JSON, version 2.

Inspect's log is of one task and one model.  Here that is a method put to a model; our tasks are in the ids of
its samples and in their metadata.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_codesteer.metrics import Rate, grouped, summarise, way_of
from pytest_codesteer.report.transcript import Entry, entries
from pytest_codesteer.runlog import Record, Run

_Json = dict[str, Any]
_Way = tuple[str, str, int]  # model, method, turns


def inspect_logs(run: Run) -> Iterator[tuple[str, bytes]]:
    """Yield a file name and its content for each model and method of *run*."""
    for key, records in grouped(run.records, lambda r: (r.model, r.method, r.turns)).items():
        name, content = _named(run.header, key), _zip(run.header, key, records)
        yield name, content


def _zip(header: Mapping[str, Any], key: _Way, records: Sequence[Record]) -> bytes:
    samples = [_sample(record) for record in records]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, value: Any) -> None:
            # a fixed date: the same run makes the same file
            archive.writestr(zipfile.ZipInfo(name), json.dumps(value), zipfile.ZIP_DEFLATED)

        for sample in samples:
            put(f"samples/{sample['id']}_epoch_{sample['epoch']}.json", sample)
        put("summaries.json", [_summary(sample) for sample in samples])
        put("header.json", _head(header, key, records, samples))
    return file.getvalue()


def _named(header: Mapping[str, Any], key: _Way) -> str:
    created = _created(header).replace(":", "-").replace("+", "-")
    task = "-".join(
        "".join(sign if sign.isalnum() else "-" for sign in part) for part in (key[0], _task(key))
    )
    return f"{created}_{task}_{_digest(header, key)}.eval"


def _head(header: Mapping[str, Any], key: _Way, records: Sequence[Record], samples: Sequence[_Json]) -> _Json:
    created, known = _created(header), dict(header)
    return {
        "version": 2,
        "status": "success",
        "eval": {
            "eval_id": _digest(header, key), "run_id": _digest(header, ("", "", 0)), "created": created,
            "task": _task(key), "task_id": _digest(header, key), "task_version": 0, "model": key[0],
            "dataset": {"name": known.get("suite") or "codesteer", "samples": len(samples),
                        "sample_ids": list(dict.fromkeys(sample["id"] for sample in samples))},
            "config": {"epochs": max(record.epoch for record in records)},
            "packages": {name: str(version) for name, version in known.get("packages", {}).items()},
            "scorers": [{"name": name} for name in ("correct", "score")],
            "metadata": {"codesteer": known},
        },
        "plan": {"name": "codesteer", "steps": [{"solver": key[1], "params": {"turns": key[2]}}]},
        "results": _results(records),
        "stats": {"started_at": created, "completed_at": created, "model_usage": _usages(key[0], samples)},
    }  # fmt: skip


def _results(records: Sequence[Record]) -> _Json:
    summary = summarise(records)
    shares: dict[str, Rate | float | None] = {"correct": summary.solved, "score": summary.score}
    scores = []
    for name, share in shares.items():
        value = share.value if isinstance(share, Rate) else share
        if value is not None:
            metric = {"name": "mean", "value": value, "params": {}}
            scores.append({"name": name, "scorer": name, "params": {}, "metrics": {"mean": metric}})
    return {
        "total_samples": summary.cases,
        "completed_samples": summary.cases - summary.errors,
        "scores": scores,
    }


def _sample(record: Record) -> _Json:
    answer = {"role": "assistant", "content": record.final_text}
    output: _Json = {"model": record.model, "choices": [{"message": answer, "stop_reason": "stop"}]}
    sample: _Json = {
        "id": f"{record.task}-{record.instance}", "epoch": record.epoch, "input": record.question,
        "target": "", "messages": _messages(entries(record)), "output": output,
        "scores": _scores(record),
        "metadata": _metadata(record), "total_time": record.seconds,
    }  # fmt: skip
    if record.tokens is not None:
        sample["model_usage"] = {record.model: _usage(record)}
        output["usage"] = _usage(record)
    if record.outcome == "error":
        fault = {"message": record.error, "traceback": record.details, "traceback_ansi": ""}
        sample |= {"error": fault, "scores": {}}
    return sample


def _scores(record: Record) -> _Json:
    answer = record.final_text[:1000]
    return {
        "correct": {
            "value": "C" if record.correct else "I",
            "answer": answer,
            "explanation": f"{record.outcome}: {record.reason}" if record.reason else record.outcome,
        },
        "score": {"value": record.score, "answer": answer, "metadata": dict(record.scores)},
    }


def _metadata(record: Record) -> _Json:
    kept = ("task", "level", "instance", "digest", "seed", "method", "turns", "outcome", "reason", "lenient",
            "answered_by", "used_code", "requests", "programs", "dollars", "model_seconds",
            "code_seconds")  # fmt: skip
    return {"case": record.id, **{name: getattr(record, name) for name in kept}}


def _usage(record: Record) -> _Json:
    return {
        "input_tokens": record.prompt_tokens, "output_tokens": record.completion_tokens,
        "total_tokens": record.tokens, "input_tokens_cache_read": record.cached_prompt_tokens,
        "reasoning_tokens": record.reasoning_tokens,
    }  # fmt: skip


def _usages(model: str, samples: Sequence[_Json]) -> _Json:
    """Return what the whole run used, by model; nothing where that of a sample is not known."""
    used = [sample.get("model_usage", {}).get(model) for sample in samples if "error" not in sample]
    known = [usage for usage in used if usage is not None]
    if not known or len(known) < len(used):
        return {}
    return {model: {name: sum(usage[name] or 0 for usage in known) for name in known[0]}}


def _messages(transcript: Sequence[Entry]) -> list[_Json]:
    """Return the chat.  A program is a call by the reply before it: Inspect shows no other outputs."""
    messages: list[_Json] = []
    kinds = [entry.kind for entry in transcript]
    for at, entry in enumerate(transcript):
        match entry.kind:
            case "said":
                messages.append(_said("system" if entry.head == "system" else "user", entry))
            case "reply":
                messages.append(_said("assistant", entry))
            case "call" if _neighbour(kinds[at + 1 :], entry.kind) != "program":
                messages.append({"role": "assistant", "content": f"{entry.head}: {entry.text}"})
            case "program":
                _caller(messages).setdefault("tool_calls", []).append(_call(len(messages), entry))
            case "output":
                answered = {"tool_call_id": f"call-{len(messages)}", "function": "python"}
                messages.append({"role": "tool", **answered, "content": f"{entry.head}\n{entry.text}"})
            case "seen" if _neighbour(kinds[:at][::-1], entry.kind) != "output":
                messages.append(_said("user", entry))
    return messages


def _neighbour(kinds: Sequence[str], mine: str) -> str | None:
    """Return the first of *kinds* that is another one."""
    return next((kind for kind in kinds if kind != mine), None)


def _said(role: str, entry: Entry) -> _Json:
    return {"role": role, "content": entry.text}


def _call(number: int, program: Entry) -> _Json:
    arguments = {"code": program.text}
    return {"id": f"call-{number}", "type": "function", "function": "python", "arguments": arguments}


def _caller(messages: list[_Json]) -> _Json:
    """Return the reply whose program comes next; a new one where nothing was said since the last request."""
    last = next((each for each in reversed(messages) if each["role"] != "tool"), None)
    if last is None or last["role"] != "assistant":
        messages.append({"role": "assistant", "content": ""})
        return messages[-1]
    return last


def _summary(sample: _Json) -> _Json:
    kept = ("id", "epoch", "input", "target", "scores", "metadata", "model_usage", "total_time")
    summary = {name: sample[name] for name in kept if name in sample}
    summary["input"] = sample["input"][:500]
    summary["completed"] = True
    return summary | ({"error": sample["error"]["message"]} if "error" in sample else {})


def _task(key: _Way) -> str:
    return way_of(key[1], key[2])


def _created(header: Mapping[str, Any]) -> str:
    return str(header.get("started") or "1970-01-01T00:00:00+00:00")


def _digest(header: Mapping[str, Any], key: _Way) -> str:
    return hashlib.sha256(repr((_created(header), key)).encode()).hexdigest()[:22]
