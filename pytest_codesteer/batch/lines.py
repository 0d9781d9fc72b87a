"""The files of the Batch API: a line for each request, a line for each answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from pytest_codesteer.conversation import Reply, in_batch
from pytest_codesteer.models import forms
from pytest_codesteer.models.forms import Form, Posting
from pytest_codesteer.models.patience import Malformed

if TYPE_CHECKING:
    import openai

URLS: Mapping[Form, str] = {form: f"/v1{path}" for form, path in forms.PATHS.items()}
#: The status that an error without one stands for: whether it may pass decides whether it is asked again.
_STATUS = {"batch_expired": 408, "batch_cancelled": 410}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a line brings: what the server would have sent to the request alone."""

    status: int  # of HTTP
    body: Mapping[str, Any]


def line(key: str, posting: Posting) -> bytes:
    """Return the line of a request."""
    values = {"custom_id": key, "method": "POST", "url": URLS[posting.form], "body": posting.body}
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


def answers(content: bytes) -> dict[str, Answer]:
    """Return what a file brings, by the keys of the requests; of two answers to one the first.

    Raises `Malformed` for a line that is no JSON, as where the file was cut off.
    """
    found: dict[str, Answer] = {}
    for at, text in enumerate(content.splitlines(), 1):
        try:
            values = json.loads(text) if text.strip() else None
        except (ValueError, RecursionError) as error:
            raise Malformed(f"line {at} of the batch's file is no answer ({text[:100]!r})") from error
        if isinstance(values, Mapping):
            found.setdefault(str(values.get("custom_id")), _answer(values))
    return found


def read_answers(
    answers: Mapping[str, Answer], form: Form, name: str
) -> tuple[dict[str, Reply], dict[str, Exception]]:
    """Return the replies among the answers, and what to raise for the others."""
    replies: dict[str, Reply] = {}
    errors: dict[str, Exception] = {}
    for key, answer in answers.items():
        try:
            replies[key] = reply_of(answer, form, name)
        except Exception as error:  # noqa: BLE001  (handed to whoever waits)
            errors[key] = error
    return replies, errors


def reply_of(answer: Answer, form: Form, name: str) -> Reply:
    """Return the reply that an answer is.  Raises `Malformed`, and what the SDK raises for an error."""
    if answer.status != 200:
        raise error_of(answer)
    return in_batch(forms.read(form, answer.body, name))


def error_of(answer: Answer) -> "openai.APIStatusError":
    """Return the error that the SDK would have raised."""
    import openai

    kinds: Mapping[int, type[openai.APIStatusError]] = {
        400: openai.BadRequestError,
        401: openai.AuthenticationError,
        403: openai.PermissionDeniedError,
        404: openai.NotFoundError,
        409: openai.ConflictError,
        422: openai.UnprocessableEntityError,
        429: openai.RateLimitError,
    }
    lost = openai.InternalServerError if answer.status >= 500 else openai.APIStatusError
    error = answer.body.get("error")
    said = error.get("message") if isinstance(error, Mapping) else error
    response: Any = SimpleNamespace(status_code=answer.status, headers={}, request=None)
    return kinds.get(answer.status, lost)(str(said), response=response, body=error)


def _answer(values: Mapping[str, Any]) -> Answer:
    """Return the answer of a line; one that says nothing is no reply."""
    response, error = values.get("response"), values.get("error")
    status = response.get("status_code") if isinstance(response, Mapping) else None
    if isinstance(response, Mapping) and isinstance(status, int):
        body = response.get("body")
        return Answer(status, body if isinstance(body, Mapping) else {"error": body})
    if isinstance(error, Mapping):
        return Answer(_STATUS.get(str(error.get("code")), 500), {"error": error})
    return Answer(200, {})
