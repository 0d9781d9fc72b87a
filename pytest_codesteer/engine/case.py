"""One case: a task's instance, put to a model by a method, and judged."""

import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType

from pytest_codesteer.answers import without_programs
from pytest_codesteer.conversation import Execution, Limits
from pytest_codesteer.engine.episode import DRIVER, Episode, MethodFault, World, perform
from pytest_codesteer.engine.ledger import NotRun
from pytest_codesteer.engine.thinking import Thinking
from pytest_codesteer.methods import Method
from pytest_codesteer.models import Model, ModelError, StandIn
from pytest_codesteer.prompts import Prompts, TemplateFault
from pytest_codesteer.sandbox import Sandbox
from pytest_codesteer.task import Instance, Task, TaskCrash, Verdict

_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be done.  Its instance is made only when it is done."""

    task: Task
    level: str
    index: int  # of the instance within its level
    seed: int
    method: str
    model: str  # its label
    turns: int = 1  # that the model has at most to refine its answer
    epoch: int = 1  # which repeat, from 1

    @property
    def id(self) -> str:
        """The name of the pytest item, e.g. ``game24[gpt-4o-all_code-four-003]``.

        ``all_code-t2`` is the method in at most two turns, ``003-e2`` the second repeat.
        """
        instance = f"{self.level}-{self.index:03}"
        return case_id(self.task.name, self.model, self.method, self.turns, instance, self.epoch)

    def instance(self) -> Instance:
        """Make the instance.  Raises `TaskCrash`."""
        return self.task.instance(self.level, self.index, self.seed)


def case_id(task: str, model: str, method: str, turns: int, instance: str, epoch: int) -> str:
    """Return what `Case.id` is made of; *instance* is ``<level>-<index>``."""
    refined = "" if turns == 1 else f"-t{turns}"
    repeat = "" if epoch == 1 else f"-e{epoch}"
    return f"{task}[{model}-{method}{refined}-{instance}{repeat}]"


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a case.  Without an *error*, episode and verdict are there."""

    case: Case
    instance: Instance | None = None
    question: str = ""
    episode: Episode | None = None
    verdict: Verdict | None = None
    chances: tuple[Verdict, ...] = ()  # on what lenient scoring reads besides the final text
    error: str = ""  # what kept the case from being judged: one line that names file, option or address
    details: str = ""  # the traceback of an error that is nobody's but ours or a method's


@dataclass(frozen=True, slots=True)
class Means:
    """What cases are played with."""

    model: Model | StandIn
    sandbox: Sandbox
    method: Method
    prompts: Prompts
    programs: Executor
    thinking: Thinking
    guide: Model | None = None  # of the methods that have one; None: the model guides itself
    steer: Callable[[str], Awaitable[Episode]] | None = None  # runs a question instead of the method


async def play(case: Case, means: Means) -> Played:
    """Make the instance, run the method, judge its final text.

    Never raises for what goes wrong with one case: a session goes on.  Raises `NotRun` when the run is over.
    """
    played = Played(case)

    def pose() -> None:
        nonlocal played
        played = Played(case, instance := case.instance())
        played = replace(played, question=case.task.question(instance.data))

    try:
        await means.thinking.call(pose, case.task)
        instance, question, model = played.instance, played.question, means.model
        assert instance is not None
        if isinstance(model, StandIn):
            informed = partial(_informed, model, case, instance, question)
            model = await means.thinking.call(informed, case.task)
        if means.steer is not None:
            episode = await means.steer(question)
        else:
            episode = await perform_method(question, model, means, case.task.limits)
        played = replace(played, episode=episode)
        judged = partial(_judged, case, instance, episode)
        verdict, chances = await means.thinking.call(judged, case.task)
    except NotRun:
        raise
    except (ModelError, TaskCrash, TemplateFault, MethodFault) as error:
        return _failed(played, str(error))
    except (Exception, SystemExit) as error:  # noqa: BLE001  (the edge of a case: reported as its error, loudly)
        return _crashed(played, error)
    return replace(played, verdict=verdict, chances=chances)


async def perform_method(question: str, model: Model, means: Means, limits: Limits) -> Episode:
    """Run the method on any question."""
    world = World(model, means.sandbox, means.programs, means.guide)
    return await perform(means.method(question, means.prompts), world, limits)


def of_own_method(error: BaseException) -> TracebackType | None:
    """Return the part of the error's traceback that is a method of the user's; None if there is none."""
    part, raised = None, error.__traceback__
    while raised is not None:
        if raised.tb_frame.f_code is DRIVER:
            part = raised.tb_next
        raised = raised.tb_next
    ours = part is None or Path(part.tb_frame.f_code.co_filename).is_relative_to(_PACKAGE)
    return None if ours else part


def _informed(model: StandIn, case: Case, instance: Instance, question: str) -> Model:
    answer, program = case.task.solve(instance.data), case.task.program(instance.data)
    return model.knowing(answer, program, question)


def _judged(case: Case, instance: Instance, episode: Episode) -> tuple[Verdict, tuple[Verdict, ...]]:
    """Return the verdict on the final text, and on the other chances of one that is not correct."""
    check = partial(case.task.check, instance.data)
    verdict = check(episode.final_text)
    return verdict, tuple(map(check, () if verdict.correct else chances_of(episode)))


def _failed(played: Played, error: str, details: str = "") -> Played:
    return replace(played, error=error, details=details)


def _crashed(played: Played, error: BaseException) -> Played:
    """Note an error that has no line of its own: what failed, where, and the frames that tell why."""
    theirs = of_own_method(error)
    frames: list[traceback.FrameSummary] = traceback.extract_tb(theirs or error.__traceback__)
    if theirs:  # what their file calls is not where the error is to be put right
        first = Path(frames[0].filename)
        frames = [frame for frame in frames if Path(frame.filename).parent == first.parent]
    place = f"{frames[-1].filename}:{frames[-1].lineno}"
    said = f"{played.case.method}: {type(error).__name__}: {error} ({place})"
    shown = traceback.format_exception(type(error), error, theirs or error.__traceback__)
    return _failed(played, said, "".join(shown))


def chances_of(episode: Episode) -> tuple[str, ...]:
    """Return the two texts that the paper's harness judges, but for the final text.

    They are what a program of the last reply printed, however it ended, and the words of that reply; there
    are none where a limit ended the episode.
    """
    if episode.stopped != "finished" or not episode.replies:
        return ()
    last = episode.steps[-1].outcome
    printed = last.stdout if isinstance(last, Execution) else ""
    said = without_programs(episode.replies[-1].text)
    return tuple(text for text in (printed, said) if text.strip() and text != episode.final_text)
