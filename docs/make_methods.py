"""Write docs/methods.md: what every method is, and how it goes on one question.

    python docs/make_methods.py

The model's replies are scripted below; prompts, programs and the verdict are real.  A test holds the page
against this script.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from pytest_codesteer import Ask, Execution, Message, Prompts, Reply, RunCode, ToolCall, load_task
from pytest_codesteer.conversation import Limits
from pytest_codesteer.engine import Episode, Step, World, perform
from pytest_codesteer.feedback.complexity import read_counts
from pytest_codesteer.methods import find_method, in_turns
from pytest_codesteer.models import Scripted
from pytest_codesteer.sandbox import open_sandbox

PAGE = Path(__file__).with_name("methods.md")
TASK, LEVEL = "number_multiply", "1_2_4"

WORDS = "4 * 87 = 348, and 348 * 7218 = 2511764. Both signs cancel out: <<<2511764>>>"  # one digit is wrong
CODE = """\
```python
print(f"<<<{(-4) * 87 * (-7218)}>>>")
```"""
PLAN = f"Multiply the three numbers; Python's integers are exact.\n\n{CODE}"
LOOP = """\
```python
product = 1
for factor in (-4, 87, -7218):
    product = product * factor
print(f"<<<{product}>>>")
```"""
SILENT = """\
```python
product = (-4) * 87 * (-7218)
```"""
CHECK = """\
```python
answer = 2511764
print("Correct" if answer == -4 * 87 * -7218 else f"The product is not {answer}.")
```"""
RECHECK = CHECK.replace("2511764", "2511864")


@dataclass(frozen=True, slots=True)
class Scene:
    """A method, and what the model says in it."""

    title: str
    method: str
    replies: tuple[str | Reply, ...]
    turns: int = 1


SCENES = (
    Scene("Only Question", "only_question", (WORDS,)),
    Scene("All Text", "all_text", (WORDS,)),
    Scene("All Code", "all_code", (CODE,)),
    Scene("All Code + CoT", "all_code_cot", (PLAN,)),
    Scene("AutoGen Conca.", "autogen_concat", (f"One step, done by a program.\n\n{CODE}",)),
    Scene("AutoGen System", "autogen_system", (f"One step, done by a program.\n\n{CODE}",)),
    Scene(
        "Code Interpreter",
        "code_interpreter",
        (
            Reply("", tool_calls=(ToolCall("call_1", "python", '{"code": "print((-4) * 87 * (-7218))"}'),)),
            "The product is <<<2511864>>>.",
        ),
    ),
    Scene(
        "Code Interpreter+",
        "code_interpreter_plus",
        (
            Reply("", tool_calls=(ToolCall("call_1", "python", '{"code": "x = (-4) * 87"}'),)),
            Reply("", tool_calls=(ToolCall("call_2", "python", '{"code": "print(x * (-7218))"}'),)),
            "The product is <<<2511864>>>.",
        ),
    ),
    Scene(
        "Code + Text + Sum.",
        "code_text_sum",
        (WORDS, CODE, "The program is exact, the other agent lost a carry: <<<2511864>>>."),
    ),
    Scene(
        "Self-estimate Score",
        "self_estimate_score",
        (f"1. Code score: 10, Python is exact. Text score: 5, carries get lost.\n2. Code.\n\n{CODE}",),
    ),
    Scene(
        "CodeSteer",
        "codesteer",
        (
            "<<<Text>>>",
            WORDS,
            CHECK,
            "<<<The last product is wrong. Let a program multiply the three factors in a loop.>>>",
            LOOP,
            RECHECK,
            "<<<Return Answer>>>",
        ),
    ),
    Scene(
        "Symbolic Agent",
        "symbolic_agent",
        ("An exact product: <<<Code>>>", CODE, RECHECK, "Short, but it computes. <<<Return Answer>>>"),
    ),
    Scene("Code/Text Choice", "code_text_choice", ("<<<Code>>>", CODE)),
    Scene("Few-Shot", "few_shot", (f"A long product, so a program.\n\n{CODE}",)),
    Scene("Code-First-Rule", "code_first_rule", (SILENT, LOOP)),
    Scene("Code-First-Agent", "code_first_agent", (PLAN, RECHECK, "<<<Return Answer>>>")),
    Scene("Two turns", "all_code", (SILENT, f"It printed nothing.\n\n{CODE}"), turns=2),
)

HEAD = """\
# Methods

Made by `python docs/make_methods.py`: the replies of the model are scripted, everything else is what really
happens. `--codesteer-method=NAME` plays a method, `--codesteer-method=all` plays all of them, and a generator
of your own is named `module:function`. The prompts are templates in `prompts/`; those in
`--codesteer-prompts DIR` come before them.

Every method ends in one final text: what the program in the last reply printed, if that ran well, else the
words of the reply. The last `<<<...>>>` in it is the answer.

The methods with a guide put some prompts to another model: `--codesteer-guide NAME`, or to the same model.
"""

TURNS = """\
`--codesteer-turns 1,2,4` plays the first six methods in so many turns. After each turn the model is shown
what its program printed, or is asked to look at its words again, until it says TERMINATE. A last word without
an answer of its own leaves the reply before it standing. The other methods are played once.
arXiv:2410.03524, section 4.3.
"""


def page() -> str:
    """Return the text of the page."""
    return "\n".join([HEAD, *(section(scene) for scene in SCENES)])


def section(scene: Scene) -> str:
    """Return the section of one method."""
    about = TURNS if scene.turns > 1 else f"{_about(scene.method)}\n"
    heading = f"## {scene.title}\n\n" + (f"`{scene.method}`\n\n" if scene.turns == 1 else "")
    return f"{heading}{about}\n" + "\n".join(_transcript(scene))


def _about(method: str) -> str:
    """Return what the method's module says of it."""
    said = str(import_module(f"pytest_codesteer.methods.{method}").__doc__)
    about = said.partition(": ")[2].strip().replace("``", "`").replace(".  ", ". ")
    return about[0].upper() + about[1:]


def _transcript(scene: Scene) -> Iterator[str]:
    task = load_task(Path(__file__).parents[1] / "task_specs" / TASK)
    data = task.instance(LEVEL, 0).data
    played = asyncio.run(_played(scene, task.question(data)))
    shown: set[Message] = set()
    for step in played.steps:
        for message in step.request.messages if isinstance(step.request, Ask) else ():
            if message.role != "assistant" and message not in shown:
                yield _block(f"to the {_whom(step)}{_as(message.role, step.request)}", message.content)
            shown.add(message)
        yield from _outcome(step)
    verdict = task.check(data, played.final_text)
    last = played.final_text.strip().rpartition("\n")[2]
    yield f"Final text: `{last}` ({verdict.kind}, answered by {played.answered_by})\n"


def _as(role: str, request: Ask | RunCode) -> str:
    match role, request:
        case "system", _:
            return ", as the system message"
        case "tool", _:
            return ", what came of its program"
        case _, Ask(tools=[tool]):
            return f", which may call `{tool}`"
    return ""


def _whom(step: Step) -> str:
    asked = step.request
    return "guide" if isinstance(asked, Ask) and asked.role == "guide" else "model"


def _outcome(step: Step) -> Iterator[str]:
    match step.outcome:
        case Execution() if complexity := read_counts(step.outcome):
            yield f"*The symbolic checker* counts the nodes of this program: it scores {complexity.score}.\n"
        case Execution(stdout=stdout, stderr=stderr):
            yield _block(
                "the program prints", stdout or stderr.rpartition("\n")[0].rpartition("\n")[2] or "(nothing)"
            )
        case Reply(text, tool_calls=calls):
            for call in calls:
                yield _block(f"the {_whom(step)} calls `{call.name}`", call.arguments)
            if text:
                yield _block(f"the {_whom(step)}", text)


def _block(who: str, text: str) -> str:
    return f"*{who}*\n\n````text\n{text.strip()}\n````\n"


async def _played(scene: Scene, question: str) -> Episode:
    method = in_turns(find_method(scene.method), scene.turns)
    with ThreadPoolExecutor(1) as programs:
        world = World(Scripted(scene.replies), open_sandbox(), programs)
        return await perform(method(question, Prompts()), world, Limits())


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
