"""The wire format of OpenAI's Responses API, spoken for its hosted Code Interpreter alone."""

from typing import Any

from pytest_codesteer.conversation import Ask, Execution, FinishReason, HostedRun, Reply, Status
from pytest_codesteer.models.completions import field, listed, plain, usage_of
from pytest_codesteer.models.patience import Malformed
from pytest_codesteer.models.providers import Quirks, Settings

ISOLATION = "hosted"
_FINISH: dict[str, FinishReason] = {"max_output_tokens": "length", "content_filter": "content_filter"}


def arguments(model: str, request: Ask, quirks: Quirks, settings: Settings) -> dict[str, Any]:
    """Return the body of a request; nothing is left stored with the provider."""
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


def reply_of(response: object, name: str) -> Reply:
    """Make a `Reply` of a server's answer, which is unchecked JSON: any field may be missing.

    Its text is what the model said after its last program.  A container is made, and billed, with each
    response, also with one that runs no program and so names none.
    """
    status, items = field(response, "status"), field(response, "output")
    if status not in ("completed", "incomplete") or not isinstance(items, list):
        fault = str(field(field(response, "error"), "message") or response)
        raise Malformed(f"{name}: the response is {status or 'malformed'} ({' '.join(fault.split())[:200]})")
    places = [at for at, item in enumerate(items) if field(item, "type") == "code_interpreter_call"]
    calls = [items[at] for at in places]
    texts, refusals = _said(items[max(places, default=-1) + 1 :])
    text = "\n\n".join(texts or _said(items)[0])
    reason = field(field(response, "incomplete_details"), "reason")
    finish = _FINISH.get(str(reason), "length") if status == "incomplete" else "stop"
    containers = {str(field(call, "container_id") or "") for call in calls}
    return Reply(
        text=text or "\n\n".join(refusals),
        usage=usage_of(field(response, "usage"), "input_tokens", "output_tokens"),
        finish_reason="refusal" if refusals and not text else finish,
        model=str(field(response, "model") or ""),
        executions=tuple(_run(call) for call in calls),
        containers=max(1, len(containers)),
    )


def _said(items: list[Any]) -> tuple[list[str], list[str]]:
    """Return the texts and the refusals of the messages among *items*."""
    messages = [item for item in items if field(item, "type") == "message"]
    parts = [part for message in messages for part in listed(field(message, "content"))]
    texts = [str(field(part, "text") or "") for part in parts if field(part, "type") == "output_text"]
    refusals = [str(field(part, "refusal")) for part in parts if field(part, "type") == "refusal"]
    return [text for text in texts if text], refusals


def _run(call: object) -> HostedRun:
    """Return a run of the hosted interpreter; its logs do not tell output and errors apart."""
    outputs = [each for each in listed(field(call, "outputs")) if field(each, "type") == "logs"]
    logs = "".join(str(field(each, "logs") or "") for each in outputs)
    status: Status = "ok" if field(call, "status") == "completed" else "error"
    return HostedRun(str(field(call, "code") or ""), Execution(status, logs, isolation=ISOLATION))
