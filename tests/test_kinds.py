"""The kinds of answer that a single-file task declares: total on any text, in bounded time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_codesteer.task import load_task
from tests.judging import MANY, processor_time

DECLARED = {
    "number": '{ kind = "number", tolerance = 0.5 }\n[[instances]]\nanswer = 5',
    "choice": '{ kind = "choice", options = ["red", "blue"] }\n[[instances]]\nanswer = "B"',
    "yes_no": '{ kind = "yes_no" }\n[[instances]]\nanswer = true',
    "exact": '{ kind = "exact" }\n[[instances]]\nanswer = "Lima (Peru)"',
    "regex": '{ kind = "regex" }\n[[instances]]\nanswer = "(a+)+b"\nexample = "ab"',
    "list": '{ kind = "json" }\n[[instances]]\nanswer = [1, "a"]',
    "mapping": '{ kind = "json" }\n[[instances]]\nanswer = { a = [1, true] }',
}
EACH = pytest.mark.parametrize("kind", DECLARED)
HOSTILE = (
    "[", "(", '{"a":', "```\n", "```a\n", "\n", " \n", "= ", "is ", "answer: ", "so the ", "\u0301\u0327", "'", '"',
    "\u201c", "- ", "1,", "\\boxed{", "a", "yes no ", "A. ", "(A) (B) ", "9**", "<", "1e9", "\ud800", "\0",
)  # fmt: skip


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Judge an answer to the one instance of a task with this kind of answer."""
    folder = tmp_path_factory.mktemp("kinds")
    tasks = {}
    for name, declared in DECLARED.items():
        path = folder / f"{name}.toml"
        path.write_text(f'[task]\ntitle = "t"\nsource = "own"\nquestion = "q <<<x>>>"\nanswer = {declared}\n')
        tasks[name] = load_task(path)
    first = {name: task.instances(*task.levels)[0].data for name, task in tasks.items()}
    return lambda kind, text: tasks[kind].check(first[kind], text)


@EACH
@MANY
@given(text=st.text(max_size=200), lead=st.sampled_from(("", "The answer is ", "Answer: ", "- ", "```\n")))
def test_any_text_is_judged(judged, kind, text, lead):
    for form in (lead + text, f"<<<{lead}{text}>>>"):
        assert judged(kind, form).correct in (True, False)


@EACH
def test_hostile_texts_are_judged_in_bounded_time(judged, kind):
    for piece in HOSTILE:
        text = f"a{piece * (30_000 // len(piece))}z"
        with processor_time(0.5):
            assert not judged(kind, text).correct
    assert judged(kind, "[" * 1_000_000).kind == "unreadable"


WORDS = st.text("abcxyz ABC\u00e9-'", min_size=1, max_size=20).filter(lambda text: text.strip(" -'"))


@MANY
@given(words=WORDS, other=WORDS)
def test_the_same_words_are_right_in_any_dress(tmp_path_factory, words, other):
    words, other = words.strip(" -'"), other.strip(" -'")
    path = tmp_path_factory.mktemp("exact") / "words.toml"
    path.write_text(
        '[task]\ntitle = "t"\nsource = "own"\nquestion = "q <<<x>>>"\nanswer = { kind = "exact" }\n'
        f'[[instances]]\nanswer = "{words}"\n'
    )
    task = load_task(path)
    data = task.instances(*task.levels)[0].data
    for form in (
        "{}",
        "{}.",
        "**{}**",
        '"{}"',
        "- {}",
        "[{}]",
        "So the answer is {}.",
        "Final answer: {}",
        "So:\n{}",
    ):
        assert task.check(data, form.format(words)).correct
        same = " ".join(words.split()).casefold() == " ".join(other.split()).casefold()
        assert task.check(data, form.format(other)).correct == same
    assert not task.check(data, f"The answer is not {words}").correct
