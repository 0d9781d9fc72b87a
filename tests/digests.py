"""Print the digests of the first instances of every task and level, as `digests.json` keeps them.

python tests/digests.py > tests/digests.json
"""

import json
import sys
from pathlib import Path

from pytest_codesteer.task import find_tasks, load_task

FIRST = 3


def digests() -> dict[str, dict[str, list[str]]]:
    tasks = [load_task(path) for path in find_tasks([Path(__file__).parents[1] / "task_specs"]).values()]
    return {
        task.name: {
            level: [instance.digest for instance in task.instances(level, FIRST)] for level in task.levels
        }
        for task in tasks
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(digests(), indent=1) + "\n")
