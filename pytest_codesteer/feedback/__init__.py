"""What a model is told of a program that was run for it."""

import re

from pytest_codesteer.conversation import Execution
from pytest_codesteer.prompts import Prompts

MOST_CHARS = 4_000  # of one stream, or of an answer; the middle of a longer one is left out

_FOLDER = re.compile(r'(File ")[^"\n]*[/\\]')  # of a scratch directory: another one in every run


def told(execution: Execution, prompts: Prompts) -> str:
    """Return what a model reads of an execution; the same text for the same program in every run."""
    return prompts.render(
        "execution",
        status=execution.status,
        stdout=shortened(execution.stdout.strip()),
        stderr=shortened(_FOLDER.sub(r"\1", execution.stderr).strip()),
    )


def shortened(text: str) -> str:
    """Return *text* without its middle when it is too long to be told."""
    if len(text) <= MOST_CHARS:
        return text
    half = MOST_CHARS // 2
    return f"{text[:half]}\n[{len(text) - 2 * half:,} characters left out]\n{text[-half:]}"
