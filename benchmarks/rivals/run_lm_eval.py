"""The same cases with lm-evaluation-harness.  Arguments: address, cases, how many at once."""

import json
import os
import sys
from pathlib import Path

TASK = """
task: served
dataset_path: json
dataset_kwargs: {data_files: {test: cases.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "{{question}}"
doc_to_target: "7"
generation_kwargs: {until: [], temperature: 0, do_sample: false}
process_results: !function checks.check
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
"""
CHECKS = """
def check(doc, results):
    return {"acc": float("7" in results[0])}
"""


def main(url: str, cases: int, at_once: int) -> None:
    """Put every question once."""
    os.environ["OPENAI_API_KEY"] = "none"
    lines = [json.dumps({"question": f"What is {number} + 1? <<<number>>>"}) for number in range(cases)]
    Path("cases.jsonl").write_text("\n".join(lines), "utf-8")
    folder = Path("tasks")
    folder.mkdir()
    (folder / "served.yaml").write_text(TASK, "utf-8")
    (folder / "checks.py").write_text(CHECKS, "utf-8")
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager

    done = simple_evaluate(
        model="local-chat-completions",
        model_args={
            "model": "served",
            "base_url": f"{url}/chat/completions",
            "num_concurrent": at_once,
            "tokenized_requests": False,
        },
        tasks=["served"],
        task_manager=TaskManager(include_path=str(folder), include_defaults=False),
        apply_chat_template=True,
        bootstrap_iters=0,
    )
    print(done["results"] if done else done)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
