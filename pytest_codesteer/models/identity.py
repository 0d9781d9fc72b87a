"""What makes a request what it is: two that are the same in all of this may have the same reply."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from pytest_codesteer.conversation import Ask
from pytest_codesteer.models.providers import ModelName, Settings, hosts_interpreter, quirks_of
from pytest_codesteer.models.weights import SMALL, known

_ENDS = 1 << 20  # bytes at either end of a file of weights, which tell it from others


def identity_of(name: ModelName, settings: Settings, request: Ask) -> Mapping[str, Any]:
    """Return, as JSON values, all that decides what the model is sent.

    What a server refuses, and is then asked without, follows from it; how long it may take does not matter,
    nor whether the model is asked as a guide.  Raises `TemplateFault`.
    """
    local = name.provider == "local"
    offers = request.tools or any(message.calls for message in request.messages)
    return {
        "provider": name.provider,
        "base_url": "" if local else name.base_url.rstrip("/"),  # the embedded server's port is any
        "model": _weights(name.model) if local else name.model,
        "quirks": _quirks(name),
        "hosted": not local and hosts_interpreter(name),
        "max_tokens": settings.max_tokens,
        "temperature": settings.temperature,
        "messages": [asdict(message) for message in request.messages],
        "tools": request.tools,
        "tool": settings.prompts.render("python_tool") if offers else "",
        "offer": settings.prompts.render("python_tool_in_words", content="") if offers else "",
    }


@cache
def _quirks(name: ModelName) -> tuple[str, ...]:
    return tuple(quirk for quirk, has in asdict(quirks_of(name)).items() if has)


@cache
def _weights(given: str) -> str:
    """Return what tells the weights of a local model from others."""
    entry = known().get(given or SMALL)
    path = Path(given).expanduser()
    if entry:
        return str(entry["sha256"])
    if "://" in given or not path.is_file():
        return given  # an address ends with its SHA-256
    content = hashlib.sha256(f"{path.stat().st_size}\n".encode())
    with path.open("rb") as file:
        content.update(file.read(_ENDS))
        file.seek(-min(_ENDS, path.stat().st_size), 2)
        content.update(file.read())
    return content.hexdigest()
