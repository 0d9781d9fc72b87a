"""Instances that are given: layouts, levels, and what is said of a file that cannot be used."""

import json
import textwrap
from pathlib import Path

import pytest

from pytest_codesteer.task import TaskError, find_tasks, load_task
from pytest_codesteer.task.data import MOST_LEVELS, Given, by_level

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
TASKS = find_tasks([ROOT / "task_specs"])
LIES = TASKS["web_of_lies"]
ANN = {"input": "Question: Bob lies. Ann says Bob lies. Does Ann tell the truth?", "target": "Yes"}
EVE = {"input": "Question: Bob lies. Eve says Bob tells the truth. Does Eve tell the truth?", "target": "No"}


@pytest.fixture
def write(tmp_path):
    """Write a file: text as it is, a list as JSON lines, all else as JSON."""

    def write_file(name, content):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        if isinstance(content, list):
            content = "".join(f"{json.dumps(line)}\n" for line in content)
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return path

    return write_file


def faults(task, data):
    with pytest.raises(TaskError) as caught:
        load_task(task, data=data)
    return str(caught.value).replace(f"{data.parent}/", "").splitlines()


class TestLayouts:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("plain.jsonl", [ANN, EVE]),
            ("wrapped.jsonl", [{"id": "x#0", "level": {}, "instance": each} for each in (ANN, EVE)]),
            ("windows.jsonl", f"\ufeff{json.dumps(ANN)}\r\n\r\n{json.dumps(EVE)}"),
            ("list.json", json.dumps([ANN, EVE])),
            ("bbh.json", {"canary": "none", "examples": [ANN, EVE]}),
        ],
    )
    def test_each_layout_gives_the_same_instances(self, write, name, content):
        task = load_task(LIES, data=write(name, content))
        assert list(task.levels) == ["data"]
        assert [instance.data for instance in task.instances("data", 9)] == [ANN, EVE]
        assert [instance.id for instance in task.instances("data")] == ["data-000", "data-001"]
        assert task.question(ANN).startswith("Question: Bob lies.")
        assert task.check(EVE, f"<<<{task.solve(EVE)}>>>").correct
        assert task.paper_levels == ()

    def test_a_line_separator_inside_a_text_ends_no_line(self, write):
        odd = {**ANN, "note": "a\u2028b\x0cc"}
        path = write("odd.jsonl", json.dumps(odd, ensure_ascii=False) + "\n")
        assert load_task(LIES, data=path).instances("data")[0].data == odd

    def test_keys_that_the_task_does_not_know_are_kept(self, write):
        path = write("more.jsonl", [{**ANN, "id": 7, "tags": ["x"]}])
        assert load_task(LIES, data=path).instances("data")[0].data["tags"] == ["x"]

    def test_gsm_hard_as_it_comes(self, write):
        line = {"input": "How much is 2 and 2?", "code": "def solution():\n    return 2 + 2\n", "target": 4.0}
        task = load_task(TASKS["gsm_hard"], data=write("gsm.jsonl", [line]))
        assert task.solve(line) == "4"
        assert "solution()" in task.program(line)
        assert "def solution" not in task.question(line)

    def test_the_digest_tells_the_data(self, write):
        plain = load_task(LIES).digest
        one = load_task(LIES, data=write("a.jsonl", [ANN])).digest
        two = load_task(LIES, data=write("a.jsonl", [ANN, EVE])).digest
        assert len({plain, one, two}) == 3
        assert load_task(LIES, data=write("a.jsonl", [ANN])).digest == one

    def test_another_seed_draws_another_order(self, write):
        lines = [{**ANN, "id": n} for n in range(30)]
        task = load_task(LIES, data=write("a.jsonl", lines))
        shuffled = [instance.data["id"] for instance in task.instances("data", 30, seed=1)]
        assert [instance.data["id"] for instance in task.instances("data", 30)] == list(range(30))
        assert shuffled != sorted(shuffled) == list(range(30))


class TestLevels:
    @pytest.mark.parametrize(
        ("level", "name"),
        [
            ("Level 5", "Level 5"),
            ({"level": "Level 5"}, "Level 5"),
            (3, "3"),
            (None, "data"),
            ("", "data"),
            ({}, "data"),
            ({"digits": [1, 2, 4]}, "digits=1_2_4"),
            ({"n": 4, "hard": True}, "n=4,hard=true"),
            ("a[b]::c\n d", "a b c d"),
        ],
    )
    def test_a_level_is_named_after_what_the_file_says(self, level, name):
        assert list(by_level([Given("x", level, ANN)])) == [name]

    def test_levels_come_from_the_data(self, write):
        lines = [{**ANN, "level": "easy"}, {**EVE, "level": "hard"}, {**EVE, "level": "easy"}]
        task = load_task(LIES, data=write("a.jsonl", lines))
        assert list(task.levels) == ["easy", "hard"]
        assert task.count("easy") == 2

    def test_what_only_tells_instances_apart_makes_no_level(self):
        given = [Given("x", {"size": n % 3, "rank": n}, ANN) for n in range(3 * MOST_LEVELS)]
        assert list(by_level(given)) == ["size=0", "size=1", "size=2"]


class TestLoad:
    """A task that reads a layout of its own."""

    TOML = '[task]\ntitle = "Sum"\nsource = "own"\n[levels]\none = {}\n'
    CODE = """
        from pytest_codesteer import right, wrong
        from pytest_codesteer.task import read_json

        def generate(rng):
            return {"a": 1}

        def solve(data):
            return data["a"]

        def check(data, answer):
            return right() if answer == str(data["a"]) else wrong("another")

        def load(path):
            for file in sorted(path.glob("*.json")):
                problem = read_json(file)
                yield problem["level"], {"a": problem["a"]}
    """

    @pytest.fixture
    def task(self, write):
        write("sum/question.j2", "What is {{ a }}? <<<number>>>")
        write("sum/task.py", textwrap.dedent(self.CODE))
        return write("sum/task.toml", self.TOML).parent

    def test_a_folder_is_read_by_the_task(self, task, write):
        write("set/2.json", {"level": "Level 2", "a": 5})
        folder = write("set/1.json", {"level": "Level 1", "a": 3}).parent
        loaded = load_task(task, data=folder)
        assert {level: loaded.instances(level)[0].data for level in loaded.levels} == {
            "Level 1": {"a": 3},
            "Level 2": {"a": 5},
        }
        digest = loaded.digest
        write("set/1.json", {"level": "Level 1", "a": 4})
        assert load_task(task, data=folder).digest != digest

    @pytest.mark.parametrize(
        ("content", "fault"),
        [
            ('{"level": "x",\n"a": }', "1.json:2: not JSON: Expecting value (column 6)"),
            ('{"level": "x"}', "set: load() raised KeyError: 'a' "),
            ('{"level": "x", "a": "1"}', "set: instance 0: a: is a text, not a number"),
            ("[", "1.json:1: not JSON"),
        ],
    )
    def test_what_it_cannot_read_is_one_line(self, task, write, content, fault):
        found = faults(task, write("set/1.json", content).parent)
        assert len(found) == 1
        assert fault in found[0]

    def test_a_load_that_exits_is_one_line(self, task, write):
        write("sum/task.py", textwrap.dedent(self.CODE).replace("for file in", "exit(3)\n    for file in"))
        [found] = faults(task, write("set/1.json", "{}").parent)
        assert found.startswith("set: load() raised SystemExit: 3 (")

    def test_an_empty_folder_holds_no_instance(self, task, tmp_path):
        (tmp_path / "set").mkdir()
        assert faults(task, tmp_path / "set") == ["set: holds no instance"]

    def test_a_task_can_name_its_data_and_then_needs_no_generator(self, task, write):
        write("sum/task.toml", self.TOML.partition("[levels]")[0] + '[data]\npath = "../given.jsonl"\n')
        write("sum/task.py", textwrap.dedent(self.CODE).replace("def generate", "def made"))
        write("given.jsonl", [{"a": 3}, {"a": 4}])
        assert [instance.data for instance in load_task(task).instances("data")] == [{"a": 3}, {"a": 4}]
        other = write("other.jsonl", [{"a": 9}])
        assert load_task(task, data=other).instances("data")[0].data == {"a": 9}

    @pytest.mark.parametrize(
        ("toml", "fault"),
        [
            ('[data]\npth = "x"\n', "data.pth: unknown key 'pth'; did you mean 'path'?"),
            ("[data]\n", "data.path: is missing (a text)"),
            ('[data]\npath = "x.jsonl"\n', "x.jsonl: No such file or folder"),
            ("data = 3\n", "data: is 3, not a table"),
        ],
    )
    def test_a_faulty_data_table_is_named(self, task, write, toml, fault):
        write("sum/task.toml", toml + self.TOML if toml.startswith("data") else self.TOML + toml)
        with pytest.raises(TaskError) as caught:
            load_task(task)
        assert fault in str(caught.value)


class TestFaults:
    @pytest.mark.parametrize(
        ("name", "content", "fault"),
        [
            ("a.jsonl", "", "a.jsonl: holds no instance"),
            ("a.jsonl", "\n \n", "a.jsonl: holds no instance"),
            ("a.jsonl", f"{json.dumps(ANN)}\n{{nope\n", "a.jsonl:2: not JSON: Expecting property name"),
            ("a.jsonl", f"{json.dumps(ANN)}\n[1]\n", "a.jsonl:2: is a list, not an object"),
            ("a.jsonl", [ANN, {"input": "x"}], "a.jsonl:2: no 'target' (it holds 'input')"),
            ("a.jsonl", [ANN, {}], "a.jsonl:2: no 'input', 'target' (it holds nothing)"),
            ("a.jsonl", [{"input": 3, "target": "Yes"}], "a.jsonl:1: input: is a number, not a text"),
            ("a.jsonl", '{"input": NaN, "target": ""}', "a.jsonl:1: not JSON: NaN is no JSON value"),
            ("a.jsonl", "[" * 100_000, "a.jsonl:1: not JSON"),
            ("a.json", {"rows": []}, "a.json: neither a list of instances nor an object with one"),
            ("a.json", {"examples": []}, "a.json: holds no instance"),
            ("a.json", {"examples": [ANN, 3]}, "a.json: examples[1]: is a number, not an object"),
            ("a.json", {"examples": [{"input": "x"}]}, "a.json: examples[0]: no 'target'"),
            ("a.json", "{\n\n", "a.json:3: not JSON"),
            ("a.csv", "1,2\n", "a.csv: give a .jsonl or .json file; the task has no load() for '.csv' files"),
        ],
    )
    def test_a_file_that_cannot_be_used_is_one_line(self, write, name, content, fault):
        found = faults(LIES, write(name, content))
        assert len(found) == 1
        assert found[0].startswith(fault)

    def test_many_faults_of_one_file_are_summed_up(self, write):
        found = faults(LIES, write("a.jsonl", [{"input": "x"}] * 50))
        assert len(found) == 4
        assert found[3] == "a.jsonl: 47 more faults of this kind"

    def test_a_missing_file_a_folder_and_bytes_are_named(self, write, tmp_path):
        assert faults(LIES, tmp_path / "no.jsonl") == ["no.jsonl: No such file or folder"]
        (tmp_path / "set").mkdir()
        assert faults(LIES, tmp_path / "set") == [
            "set: give a .jsonl or .json file; the task has no load() for a folder"
        ]
        write("a.jsonl", "x").write_bytes(b'{"input": "\xff"}')
        assert faults(LIES, tmp_path / "a.jsonl") == ["a.jsonl: not UTF-8 (byte 11); save the file as UTF-8"]

    def test_a_single_file_task_takes_data_as_well(self, write):
        spec = '[task]\ntitle = "t"\nsource = "s"\nquestion = "{{ q }}"\nanswer = {kind = "number"}\n'
        path = write("one.toml", spec + '[[instances]]\nq = "1+1"\nanswer = 2\n')
        task = load_task(path, data=write("a.jsonl", [{"q": "2+2", "answer": 4}]))
        assert task.instances("all")[0].data == {"q": "2+2", "answer": 4}
        assert faults(path, write("a.jsonl", [{"q": "2+2", "answer": "x"}])) == [
            "a.jsonl:1: answer: is 'x': no number in 'x'"
        ]
        assert faults(path, write("a.jsonl", [{"q": "2+2"}])) == ["a.jsonl:1: no 'answer' (it holds 'q')"]


def shared(*parts):
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"there is no {path}: it is not part of the project")
    return path


@pytest.mark.parametrize("name", TASKS)
def test_real_instances_load_and_are_asked(name):
    task = load_task(TASKS[name], data=shared("symbench", f"{name}.jsonl"))
    lines = shared("symbench", f"{name}.jsonl").read_text("utf-8").splitlines()
    assert sum(task.count(level, 10**6) for level in task.levels) == len(lines)
    assert len(task.levels) <= MOST_LEVELS
    for level in task.levels:
        assert "<<<" in task.question(task.instance(level, 0).data)


@pytest.mark.parametrize(
    ("name", "file", "count"),
    [
        ("date_understanding", "bbh/date_understanding.json", 250),
        ("logical_deduction", "bbh/logical_deduction_seven_objects.json", 250),
        ("navigate", "bbh/navigate.json", 250),
        ("web_of_lies", "bbh/web_of_lies.json", 250),
        ("gsm_hard", "gsmhardv2.jsonl", 1319),
    ],
)
def test_public_files_load_as_they_come_and_every_instance_is_solved(name, file, count):
    task = load_task(TASKS[name], data=shared("raw", *file.split("/")))
    instances = task.instances("data", 10**6)
    assert len(instances) == count
    assert [each.id for each in instances if not task.check(each.data, task.solve(each.data)).correct] == []
