"""The same cases with inspect_ai.  Arguments: address, cases, how many at once."""

import os
import sys

from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.scorer import includes
from inspect_ai.solver import generate


def main(url: str, cases: int, at_once: int) -> None:
    """Put every question once."""
    os.environ["OPENAI_API_KEY"] = "none"
    samples = [Sample(f"What is {number} + 1? <<<number>>>", target="7") for number in range(cases)]
    model = get_model(
        "openai/served",
        base_url=url,
        responses_api=False,
        config=GenerateConfig(max_connections=at_once, temperature=0),
    )
    [log] = evaluate(
        Task(dataset=samples, solver=generate(), scorer=includes()),
        model=model,
        display="none",
        max_samples=at_once,
        log_dir="logs",
    )
    print(log.status, log.results and log.results.completed_samples)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
