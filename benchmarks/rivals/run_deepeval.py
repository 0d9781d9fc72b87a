"""The same cases with deepeval, each called by a metric.  Arguments: address, cases, how many at once."""

import os
import sys
from typing import Any

os.environ["DEEPEVAL_TELEMETRY_OPT_OUT"] = "YES"
os.environ["DEEPEVAL_PER_TASK_TIMEOUT_SECONDS_OVERRIDE"] = "600"

from deepeval import evaluate
from deepeval.evaluate import AsyncConfig, CacheConfig, DisplayConfig
from deepeval.metrics import BaseMetric
from deepeval.test_case import LLMTestCase
from openai import AsyncOpenAI


class Answered(BaseMetric):  # type: ignore[misc]
    """Puts the question, and looks for the answer."""

    def __init__(self, client: AsyncOpenAI) -> None:
        self.client = client
        self.threshold, self.async_mode, self.score, self.success = 0.5, True, 0.0, False

    async def a_measure(self, case: LLMTestCase, **_: Any) -> float:
        """Ask."""
        said = await self.client.chat.completions.create(
            model="served", messages=[{"role": "user", "content": case.input}], temperature=0
        )
        self.score = float("7" in (said.choices[0].message.content or ""))
        self.success = self.score >= self.threshold
        return self.score

    def measure(self, case: LLMTestCase, **_: Any) -> float:
        """Is not used."""
        raise NotImplementedError

    def is_successful(self) -> bool:
        """Say so."""
        return self.success

    def __deepcopy__(self, memo: dict[int, Any]) -> "Answered":
        return Answered(self.client)

    @property
    def __name__(self) -> str:
        return "Answered"


def main(url: str, cases: int, at_once: int) -> None:
    """Put every question once."""
    client = AsyncOpenAI(base_url=url, api_key="none")
    asked = [LLMTestCase(input=f"What is {n} + 1? <<<number>>>", actual_output="") for n in range(cases)]
    done = evaluate(
        asked,
        [Answered(client)],
        async_config=AsyncConfig(max_concurrent=at_once, throttle_value=0),
        display_config=DisplayConfig(show_indicator=False, print_results=False),
        cache_config=CacheConfig(write_cache=False),
    )
    print(sum(bool(result.success) for result in done.test_results), "of", len(done.test_results))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
