"""The wire format of OpenAI's Responses API, spoken for its hosted Code Interpreter alone."""

from typing import Any

from pytest_codesteer.conversation import Ask, Execution, FinishReason, HostedRun, Reply, Status
from pytest_codesteer.models.completions import plain, usage_of
from pytest_codesteer.models.providers import ModelError, Quirks, Settings

ISOLATION = "hosted"
_FINISH: dict[str, FinishReason] = {"max_output_tokens": "length", "content_filter": "content_filter"}


def arguments(model: str, request: Ask, quirks: Quirks, settings: Settings) -> dict[str, Any]:
    """Return what the SDK is called with; nothing is left stored with the provider."""
    messages = plain(request.messages, no_system=quirks.no_system)
    sent: dict[str, Any] = {
        "model": model,
        "input": [{"role": message.role, "content": message.content} for message in messages],
        "tools": [{"type": "code_interpreter", "container": {"type": "auto"}}],
        "include": ["code_interpreter_call.outputs"],
        "store": False,
    }
    if not quirks.no_temperature:
        sent["temperature"] = settings.temperature
    if not quirks.no_limit:
        sent["max_output_tokens"] = settings.max_tokens
    return sent


def reply_of(response: Any, name: str) -> Reply:
    """Make a `Reply` of what the SDK returned, which is unchecked: any field may be missing.

    Its text is what the model said after its last program.  A container is made, and billed, with each
    response, also with one that runs no program and so names none.
    """
    status, items = getattr(response, "status", None), getattr(response, "output", None)
    if status not in ("completed", "incomplete") or not isinstance(items, list):
        fault = getattr(getattr(response, "error", None), "message", None) or str(response)
        raise ModelError(f"{name}: the response is {status or 'malformed'} ({' '.join(fault.split())[:200]})")
    places = [at for at, item in enumerate(items) if getattr(item, "type", None) == "code_interpreter_call"]
    calls = [items[at] for at in places]
    texts, refusals = _said(items[max(places, default=-1) + 1 :])
    text = "\n\n".join(texts or _said(items)[0])
    reason = getattr(getattr(response, "incomplete_details", None), "reason", None)
    finish = _FINISH.get(str(reason), "length") if status == "incomplete" else "stop"
    containers = {str(getattr(call, "container_id", None) or "") for call in calls}
    return Reply(
        text=text or "\n\n".join(refusals),
        usage=usage_of(getattr(response, "usage", None), "input_tokens", "output_tokens"),
        finish_reason="refusal" if refusals and not text else finish,
        model=str(getattr(response, "model", None) or ""),
        executions=tuple(_run(call) for call in calls),
        containers=max(1, len(containers)),
    )


def _said(items: list[Any]) -> tuple[list[str], list[str]]:
    """Return the texts and the refusals of the messages among *items*."""
    parts = [
        part
        for item in items
        if getattr(item, "type", None) == "message"
        for part in getattr(item, "content", None) or ()
    ]
    texts = [str(part.text) for part in parts if getattr(part, "type", None) == "output_text" and part.text]
    refusals = [str(part.refusal) for part in parts if getattr(part, "type", None) == "refusal"]
    return texts, refusals


def _run(call: Any) -> HostedRun:
    """Return a run of the hosted interpreter; its logs do not tell output and errors apart."""
    outputs = getattr(call, "outputs", None) or ()
    logs = "".join(str(each.logs) for each in outputs if getattr(each, "type", None) == "logs")
    status: Status = "ok" if getattr(call, "status", None) == "completed" else "error"
    return HostedRun(str(getattr(call, "code", None) or ""), Execution(status, logs, isolation=ISOLATION))
