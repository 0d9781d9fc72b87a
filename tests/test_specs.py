"""Specs: what loads, and what is said of what does not."""

import textwrap
from contextlib import nullcontext

import pytest

from pytest_codesteer.prompts import Prompts, TemplateFault, template_of
from pytest_codesteer.task import TaskCrash, TaskError, find_suite, find_tasks, listed, load_task

TOML = """
    [task]
    title = "Sum"
    source = "own"
    [levels]
    one = { top = 9 }
    two = { top = 99 }
"""
QUESTION = "What is {{ a }} + {{ b }}? <<<number>>>"
CODE = """
    from pytest_codesteer import right, wrong
    from pytest_codesteer.answers import number

    def generate(rng, *, top):
        return {"a": rng.randint(0, top), "b": rng.randint(0, top)}

    def solve(data):
        return data["a"] + data["b"]

    def check(data, answer):
        return right() if number(answer) == data["a"] + data["b"] else wrong("another sum")
"""
SINGLE = """
    [task]
    title = "Capitals"
    source = "own"
    question = "What is the capital of {{ country }}? <<<city>>>"
    answer = { kind = "exact" }
    [[instances]]
    country = "France"
    answer = "Paris"
    [[instances]]
    country = "Peru"
    answer = "Lima"
"""
NO_OPTIONS = "there are no options: give `options`, in task.answer or in the instance"
NOT_JSON = "which JSON cannot hold"


@pytest.fixture
def folder(tmp_path):
    """Write a task folder; keywords replace or drop (None) a file's content."""

    def write(**files):
        path = tmp_path / "sum"
        path.mkdir(exist_ok=True)
        contents = {"toml": TOML, "j2": QUESTION, "py": CODE} | files
        for suffix, name in (("toml", "task.toml"), ("j2", "question.j2"), ("py", "task.py")):
            if contents[suffix] is not None:
                (path / name).write_text(textwrap.dedent(contents[suffix]), "utf-8")
        return path

    return write


def faults(path):
    with pytest.raises(TaskError) as caught:
        load_task(path)
    lines = str(caught.value).splitlines()
    assert all(str(path.parent) in line for line in lines)
    return [line.rpartition(f"{path.parent}/")[2] for line in lines]


def single(tmp_path, text):
    path = tmp_path / "capitals.toml"
    path.write_text(textwrap.dedent(text), "utf-8")
    return path


class TestFolder:
    def test_a_folder_loads_by_its_path_or_its_file(self, folder):
        path = folder()
        for task in (load_task(path), load_task(str(path)), load_task(path / "task.toml")):
            assert (task.name, task.title, list(task.levels)) == ("sum", "Sum", ["one", "two"])
        instance = task.instances("one", 2)[1]
        assert instance.id == "one-001"
        assert (
            task.question(instance.data)
            == f"What is {instance.data['a']} + {instance.data['b']}? <<<number>>>"
        )
        assert task.check(instance.data, f"<<<{task.solve(instance.data)}>>>").correct

    def test_instances_come_one_by_one_and_depend_on_all_of_task_level_seed_and_index(self, folder):
        task = load_task(folder())
        data = [
            task.instance(level, index, seed).data
            for level in ("one", "two")
            for seed in (0, 1)
            for index in range(20)
        ]
        assert task.instance("two", 7).data == task.instances("two", 9)[7].data
        assert len({(d["a"], d["b"]) for d in data[40:]}) > 35
        assert data[1:20] != data[20:39]  # a neighbouring seed is not a shifted copy

    def test_the_digest_changes_with_any_file(self, folder):
        digests = {load_task(folder()).digest}
        digests.add(load_task(folder(j2=QUESTION + "!")).digest)
        digests.add(load_task(folder(py=CODE + "\n    EXTRA = 1\n")).digest)
        assert len(digests) == 3

    def test_the_digest_changes_with_what_the_question_includes(self, folder):
        path = folder(j2=QUESTION + "{% include 'parts/end' %}")
        (path / "parts").mkdir()
        digests = set()
        for text in ("One", "Two"):
            (path / "parts" / "end").write_text(text)
            digests.add(load_task(path).digest)
        (path / "parts" / "start").write_text("not included")
        assert len(digests) == 2
        assert load_task(path).digest in digests

    def test_a_file_beside_the_task_can_be_imported(self, folder):
        path = folder(py="    from .words import TOP\n" + CODE)
        (path / "words.py").write_text("TOP = 9\n")
        assert load_task(path).name == "sum"

    def test_an_error_is_placed_in_the_file_of_the_task_where_it_arose(self, folder):
        path = folder(py="    from .words import TOP\n" + CODE)
        (path / "words.py").write_text("import json\n\nTOP = json.loads('')\n")
        assert faults(path) == [
            "sum/words.py:3: JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
        ]

    def test_line_ends_and_a_byte_order_mark_of_windows_do_no_harm(self, folder):
        path = folder()
        for name in ("task.toml", "question.j2", "task.py"):
            text = (path / name).read_text()
            (path / name).write_bytes(
                b"\xef\xbb\xbf" * (name == "task.toml") + text.replace("\n", "\r\n").encode()
            )
        task = load_task(path)
        assert task.check({"a": 1, "b": 2}, "<<<3>>>\r\n").correct

    def test_every_fault_is_named_with_its_file_and_key(self, folder):
        toml = """
            [task]
            titel = "Sum"
            source = " "
            version = "one"
            samples = 0
            paper_levels = ["none"]
            gates = [3]
            [levels]
            one = 9
            [limits]
            code_second = 3
            seconds = -1
            [extra]
        """
        assert faults(folder(toml=toml, j2="{{ a", py="def generate(): pass")) == [
            "sum/task.toml: extra: unknown key 'extra'; known: data, levels, limits, task",
            "sum/task.toml: task.titel: unknown key 'titel'; did you mean 'title'?",
            "sum/task.toml: levels.one: is 9, not a table",
            "sum/task.toml: limits.code_second: unknown key 'code_second'; did you mean 'code_seconds'?",
            "sum/task.toml: task.paper_levels: 'none' is not a level",
            "sum/task.toml: limits.seconds: is -1, not above 0",
            "sum/task.toml: task.title: is missing (a text)",
            "sum/task.toml: task.source: is empty",
            "sum/task.toml: task.version: is 'one', not a whole number",
            "sum/task.toml: task.samples: is 0, not above 0",
            "sum/task.toml: task.gates: is not a list of texts",
            "sum/question.j2:1: unexpected end of template, expected 'end of print statement'.",
            "sum/task.py: define solve(), check()",
        ]

    @pytest.mark.parametrize(
        ("files", "fault"),
        [
            ({"toml": ""}, "sum/task.toml: task: is missing (a table)"),
            ({"toml": "[task"}, "sum/task.toml: Expected ']' at the end of a table declaration"),
            ({"toml": TOML.replace('"Sum"', "true")}, "sum/task.toml: task.title: is True, not a text"),
            ({"toml": TOML.replace("99", "inf")}, "sum/task.toml: levels.two.top: is inf, which JSON cannot hold"),
            ({"j2": None}, "sum/question.j2: No such file or directory"),
            ({"j2": "{{ a }} {{ c }} {{ d }}"}, "sum/question.j2: c, d: not in instance 0 (a, b)"),
            ({"j2": "{{ a.b.c }}"}, "sum/question.j2: 'int object' has no attribute 'b'"),
            ({"j2": "{% include '../x.txt' %}"}, "sum/question.j2: '../x.txt' lies outside the folder of the template: put the file there"),
            ({"j2": "{% include 'question.j2' %}"}, "sum/question.j2: the template includes itself without end"),
            ({"j2": "{% for i in range(10**9) %}x{% endfor %}"}, "sum/question.j2: loops over more than 100,000 steps"),
            (
                {"j2": "{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}"},
                "sum/question.j2: loops over more than 100,000 steps",
            ),
            ({"j2": "{{ 'x' * 2000000 }}"}, "sum/question.j2: renders to more than 1,000,000 characters"),
            ({"j2": "{{ ''.__class__.__mro__ }}"}, "sum/question.j2: access to attribute '__class__'"),
            ({"py": None}, "sum/task.py: the file is missing"),
            ({"py": "def generate(:"}, "sum/task.py:1: invalid syntax"),
            ({"py": "x = 1\n1 / 0"}, "sum/task.py:2: ZeroDivisionError: division by zero"),
            ({"py": CODE.replace("rng.randint(0, top)", "1 / 0")}, "sum/task.py:6: generate() raised ZeroDivisionError"),
            ({"py": "import sys\nsys.exit()"}, "sum/task.py:2: SystemExit: "),
            ({"py": CODE.replace("rng.randint(0, top)", "exit(3)")}, "sum/task.py:6: generate() raised SystemExit: 3"),
            ({"py": CODE.replace("*, top", "*, bottom")}, "sum/task.py: generate() raised TypeError"),
            ({"py": CODE.replace("{\"a\"", "{\"c\": {1}, \"a\"")}, "sum/task.py: generate() returned what JSON cannot"),
        ],
    )  # fmt: skip
    def test_a_single_fault_is_one_line(self, folder, files, fault):
        found = faults(folder(**files))
        assert len([line for line in found if "is missing" not in line or line == fault]) == 1
        assert found[0].startswith(fault)

    def test_a_file_that_is_not_utf8_is_named_with_the_byte(self, folder):
        path = folder()
        (path / "task.toml").write_bytes(b'[task]\ntitle = "\xff"')
        assert faults(path / "task.toml") == ["task.toml: not UTF-8 (byte 16); save the file as UTF-8"]
        path = folder()
        (path / "question.j2").write_bytes(b"\xff")
        assert faults(path) == ["sum/question.j2: not UTF-8 (byte 0)"]

    def test_an_empty_folder_is_named(self, tmp_path):
        (tmp_path / "empty").mkdir()
        assert faults(tmp_path / "empty") == ["empty: there is no task.toml in this folder"]

    @pytest.mark.parametrize(
        ("failing", "said"),
        [
            ("1 / 0", "task.py:12: check() raised ZeroDivisionError: division by zero"),
            ("exit(3)", "task.py:12: check() raised SystemExit: 3"),
        ],
    )
    def test_a_checker_that_fails_is_named_with_its_line(self, folder, failing, said):
        task = load_task(folder(py=CODE.replace("number(answer) ==", f"{failing} or number(answer) ==")))
        with pytest.raises(TaskCrash) as caught:
            task.check({"a": 1, "b": 2}, "3")
        assert str(caught.value).endswith(said)

    def test_a_checker_must_return_a_verdict(self, folder):
        task = load_task(folder(py=CODE.replace("return right() if", "return True if")))
        with pytest.raises(TaskCrash, match=r"check\(\) returned True, not a Verdict"):
            task.check({"a": 1, "b": 2}, "3")

    @pytest.mark.parametrize("given", ["score='much'", "score=1.2", "score=float('nan')", "steps=-1"])
    def test_what_a_checker_gives_for_an_answer_is_from_0_to_1(self, folder, given):
        task = load_task(folder(py=CODE.replace("return right() if", f"return wrong('', {given}) if")))
        with pytest.raises(TaskCrash, match=r"check\(\) gives a score of .*, not from 0 to 1"):
            task.check({"a": 1, "b": 2}, "3")

    @pytest.mark.parametrize(
        "code", ["    raise KeyboardInterrupt", CODE.replace("rng.randint(0, top)", "stop()")]
    )
    def test_ctrl_c_is_no_fault_of_a_task(self, folder, code):
        path = folder(py=code + "\n    def stop():\n        raise KeyboardInterrupt\n")
        with pytest.raises(KeyboardInterrupt):
            load_task(path)

    @pytest.mark.parametrize("answer", ["None", "[1]", "True", "b'1'"])
    def test_a_solution_must_be_a_text_or_a_number(self, folder, answer):
        task = load_task(folder(py=CODE.replace('return data["a"] + data["b"]', f"return {answer}")))
        with pytest.raises(TaskCrash) as caught:
            task.solve({"a": 1, "b": 2})
        path = task.path.with_name("task.py")
        assert str(caught.value) == f"{path}: solve() returned {answer}, not a text or a number"

    @pytest.mark.parametrize(
        ("number", "text"),
        [("3", "3"), ("3.5", "3.5"), ("Fraction(1, 3)", "1/3"), ("Decimal('0.10')", "0.10")],
    )
    def test_a_number_is_written_out(self, folder, number, text):
        code = CODE.replace('return data["a"] + data["b"]', f"return {number}")
        task = load_task(
            folder(py="    from decimal import Decimal\n    from fractions import Fraction" + code)
        )
        assert task.solve({"a": 1, "b": 2}) == text

    @pytest.mark.parametrize("source", ["None", "3"])
    def test_a_program_must_be_a_text(self, folder, source):
        task = load_task(folder(py=CODE + f"\n    def program(data):\n        return {source}\n"))
        with pytest.raises(TaskCrash) as caught:
            task.program({"a": 1, "b": 2})
        assert str(caught.value).endswith(f"sum/task.py: program() returned {source}, not a text")

    def test_an_unknown_level_is_named(self, folder):
        with pytest.raises(TaskError, match="unknown level 'tow'; did you mean 'two'"):
            load_task(folder()).instances("tow", 1)


class TestSingleFile:
    def test_inline_instances(self, tmp_path):
        task = load_task(single(tmp_path, SINGLE))
        assert (task.name, list(task.levels), task.samples) == ("capitals", ["all"], 2)
        assert task.question(task.instance("all", 0).data) == "What is the capital of France? <<<city>>>"
        assert task.check(task.instance("all", 1).data, "<<<lima>>>").correct
        assert not task.check(task.instance("all", 1).data, "<<<Paris>>>").correct
        assert task.count("all", 99) == 2

    def test_another_seed_draws_another_order(self, tmp_path):
        rows = "".join(f'[[instances]]\ncountry = "{n}"\nanswer = "{n}"\n' for n in range(30))
        task = load_task(single(tmp_path, textwrap.dedent(SINGLE).partition("[[")[0] + rows))
        in_order = [i.data["country"] for i in task.instances("all", 30)]
        shuffled = [i.data["country"] for i in task.instances("all", 30, seed=1)]
        assert in_order == [str(n) for n in range(30)]
        assert shuffled != in_order
        assert sorted(shuffled) == sorted(in_order)

    def test_instances_in_a_file_of_json_lines(self, tmp_path):
        head = textwrap.dedent(SINGLE).partition("[[")[0].replace("answer =", 'data = "rows.jsonl"\nanswer =')
        rows = (
            '{"country": "France", "answer": "Paris", "level": "easy"}\n\n{"country": "X", "answer": "Y"}\n'
        )
        (tmp_path / "rows.jsonl").write_text(rows)
        task = load_task(single(tmp_path, head))
        assert list(task.levels) == ["easy", "all"]
        before = task.digest
        (tmp_path / "rows.jsonl").write_text(rows.replace("Paris", "Lyon"))
        assert load_task(single(tmp_path, head)).digest != before
        (tmp_path / "rows.jsonl").write_text("[1]\n{nope\n")
        assert [line.partition("rows.jsonl")[2] for line in faults(single(tmp_path, head))[:2]] == [
            ":1: is a list, not an object",
            ":2: not JSON: Expecting property name enclosed in double quotes (column 2)",
        ]
        (tmp_path / "rows.jsonl").unlink()
        assert "rows.jsonl: No such file" in faults(single(tmp_path, head))[0]

    @pytest.mark.parametrize(
        ("kind", "instance", "right", "wrong"),
        [
            ('kind = "number"', "answer = 3.5", ["3.5", "7/2", "x = 3.50"], ["3.51", "3 or 3.5", "none"]),
            ('kind = "number", tolerance = 0.1', "answer = 3.5", ["3.6", "3.4"], ["3.61", "3.39"]),
            ('kind = "number", relative = 0.01', "answer = 200", ["202", "198"], ["202.1", "197"]),
            ('kind = "choice", options = ["red", "blue"]', 'answer = "B"', ["B", "(b)", "blue"], ["A", "red", "A or B"]),
            ('kind = "choice"', 'options = ["x", "y"]\nanswer = "x"', ["A", "x"], ["B", "y", "C"]),
            ('kind = "yes_no"', "answer = true", ["yes", "True", "The answer is **Yes**."], ["no", "maybe", "yes and no"]),
            ('kind = "yes_no"', 'answer = "no"', ["No", "false"], ["yes"]),
            ('kind = "exact"', 'answer = "New York"', ["new  york", "New York.", "- New York", "**New York**", "[New York]", "['New York']", "So the answer is New York.", '{"answer": "New York"}', "Final answer: **New York**", "It is large.\nNew York", "\u201cNew York\u201d"], ["York", "New York City", "The answer is not New York", "New York or Rome", "New York?", "NewYork"]),
            ('kind = "exact"', 'answer = "Z\u00fcri, don\'t"', ["Zu\u0308ri, don\u2019t"], ["Zuri, don't"]),
            ('kind = "exact"', 'answer = "-3"', ["-3", "\u22123", "Answer: -3"], ["3", "- 3"]),
            ('kind = "exact"', 'answer = "a - b"', ["a - b"], ["b", "ab", "a b"]),
            ('kind = "exact", case_sensitive = true', 'answer = "Ab"', ["Ab"], ["ab"]),
            ('kind = "regex"', 'answer = "a+b?"\nexample = "aab"', ["aaa", "AB"], ["b", "xaab"]),
            ('kind = "json"', "answer = [1, {a = true}]", ['[1, {"a": true}]', "(1.0, {'a': True})", '```json\n[1, {"a": true}]\n```', 'It is [1, {"a": true}].', 'result = [1, {"a": true}]', '1, {"a": true}', 'Found:\n[1, {"a": true}]', '**[1, {\u201ca\u201d: true}]**'], ['[1, {"a": 1}]', "[1]", '[1, {"a": true}] or [1]', 'not [1, {"a": true}]', '[2], that is [1, {"a": true}]']),
            ('kind = "json"', 'answer = "ab"', ['"ab"', "ab", "`ab`"], ["abc", '["ab"]', "AB"]),
        ],
    )  # fmt: skip
    def test_each_kind_of_answer(self, tmp_path, kind, instance, right, wrong):
        text = f'[task]\ntitle = "t"\nsource = "s"\nquestion = "q <<<x>>>"\nanswer = {{ {kind} }}\n[[instances]]\n{instance}\n'
        task = load_task(single(tmp_path, text))
        data = task.instance("all", 0).data
        assert task.check(data, f"<<<{task.solve(data)}>>>").correct
        assert [answer for answer in right if not task.check(data, f"<<<{answer}>>>").correct] == []
        assert [answer for answer in wrong if task.check(data, f"<<<{answer}>>>").correct] == []

    def test_a_pattern_that_never_ends_is_stopped(self, tmp_path):
        text = (
            '[task]\ntitle = "t"\nsource = "s"\nquestion = "q"\nanswer = { kind = "regex" }\n'
            '[[instances]]\nanswer = "(a|aa)+b"\nexample = "ab"\n'
        )
        task = load_task(single(tmp_path, text))
        assert not task.check(task.instance("all", 0).data, "a" * 5000).correct

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            (('"exact"', '"exakt"'), "task.answer.kind: unknown kind 'exakt'; did you mean 'exact'?"),
            (('"exact"', '"exact", options = []'), "task.answer.options: unknown key 'options'; known: case_sensitive, kind"),
            (('kind = "exact"', "tolerance = 1"), "task.answer.kind: is missing (a text)"),
            (('answer = { kind = "exact" }', 'answer = "exact"'), "task.answer: is 'exact', not a table"),
            (('"exact"', '"choice"'), f"instances[0].answer: is 'Paris': {NO_OPTIONS}"),
            (('"exact"', '"choice", options = []'), f"instances[0].answer: is 'Paris': {NO_OPTIONS}"),
            (('"exact"', '"choice", options = ["a", "b", "a"]'), "task.answer.options: the option 'a' is there twice"),
            (('"exact"', f'"choice", options = {[*map(str, range(27))]}'), "task.answer.options: there are 27 options, and 26 letters to name them"),
            (('"exact" }', '"choice" }\n[[instances]]\ncountry = "X"\noptions = ["a", "a"]\nanswer = "A"'), "instances[0].answer: is 'A': the option 'a' is there twice"),
            (('"exact" }', '"choice" }\n[[instances]]\ncountry = "X"\noptions = "ab"\nanswer = "A"'), "instances[0].answer: is 'A': `options` is not a list of texts"),
            (('"Paris"', '""'), "instances[0].answer: is '': holds no word, so no answer at all would be right"),
            (('"Paris"', '"."'), "instances[0].answer: is '.': holds no word"),
            (('"Paris"', "2020-01-01"), f'instances[0].answer: is 2020-01-01, {NOT_JSON}: write it as a text, "2020-01-01"'),
            (('"France"', "12:30:00"), f'instances[0].country: is 12:30:00, {NOT_JSON}: write it as a text, "12:30:00"'),
            (('"Peru"', "2020-01-01T12:30:00Z"), f"instances[1].country: is 2020-01-01 12:30:00+00:00, {NOT_JSON}"),
            (('"Peru"', "inf"), f"instances[1].country: is inf, {NOT_JSON}"),
            (('"Peru"', "[1, { x = nan }]"), f"instances[1].country[1].x: is nan, {NOT_JSON}"),
            (('"exact"', '"number"'), "instances[0].answer: is 'Paris': no number in 'Paris'"),
            (('"exact"', '"yes_no"'), "instances[0].answer: is 'Paris': neither yes nor no: 'Paris'"),
            (('"exact"', '"regex"'), "instances[0]: has no `example`, a text that its pattern accepts"),
            (('answer = "Lima"', 'anser = "Lima"'), "instances[1].answer: is missing"),
            (("{{ country }}", "{{ contry }}"), "task.question: contry: not in instance 0 (country)"),
            (("{{ country }}", "{{ answer }}"), "task.question: answer: not in instance 0 (country)"),
            (("[[instances]]", "[[instance]]"), "instance: unknown key 'instance'; did you mean 'instances'?"),
            (('source = "own"', 'source = "own"\ndata = "x.jsonl"'), "give either [[instances]] or task.data"),
        ],
    )  # fmt: skip
    def test_a_fault_is_one_line(self, tmp_path, change, fault):
        found = faults(single(tmp_path, SINGLE.replace(*change)))
        assert any(line.startswith(f"capitals.toml: {fault}") for line in found), found

    def test_what_hangs_on_a_missing_key_is_not_told(self, tmp_path):
        assert faults(single(tmp_path, "")) == [
            "capitals.toml: task: is missing (a table)",
            "capitals.toml: task.question: is missing (a text)",
            "capitals.toml: give either [[instances]] or task.data, a file of JSON lines",
            "capitals.toml: task.answer: is missing (a table)",
            "capitals.toml: task.title: is missing (a text)",
            "capitals.toml: task.source: is missing (a text)",
        ]
        assert faults(single(tmp_path, SINGLE.replace('kind = "exact"', "tolerance = 1"))) == [
            "capitals.toml: task.answer.kind: is missing (a text)"
        ]

    def test_no_answer_at_all_is_not_right(self, tmp_path):
        task = load_task(single(tmp_path, SINGLE.replace("exact", "json").replace("Paris", "")))
        data = task.instance("all", 0).data
        assert task.check(data, '<<<"">>>').correct
        assert not task.check(data, "<<<>>>").correct

    @pytest.mark.parametrize(
        "include",
        [
            "{% include 'a.j2' %}",
            "{% if country == 'Peru' %}{% include '/a.j2' %}{% endif %}",
            "{% include ['none.j2', 'a.j2'] %}",
            "{% include country ~ '.j2' ignore missing %}",
            "{% from 'a.j2' import b with context %}",
        ],
    )
    @pytest.mark.parametrize("changed", ["a.j2", "parts/b.j2"])
    def test_the_digest_changes_with_whatever_the_question_may_include(self, tmp_path, include, changed):
        (tmp_path / "parts").mkdir()
        (tmp_path / "a.j2").write_text("{% set b = 1 %}{% include 'parts/b.j2' %}")
        (tmp_path / "parts" / "b.j2").write_text("Hello.")
        text = SINGLE.replace("What is", f"{include} What is")
        before = load_task(single(tmp_path, text)).digest
        assert load_task(single(tmp_path, text)).digest == before
        with (tmp_path / changed).open("a") as file:
            file.write("!")
        assert load_task(single(tmp_path, text)).digest != before

    def test_a_fault_of_an_included_template_names_its_file(self, tmp_path):
        (tmp_path / "a.j2").write_text("\n{% if %}")
        found = faults(single(tmp_path, SINGLE.replace("What is", "{% include 'a.j2' %} What is")))
        assert found[0].startswith("a.j2:2: Expected an expression")


class TestCatalog:
    def test_tasks_are_found_by_looking(self, tmp_path, folder):
        folder()
        single(tmp_path, SINGLE)
        (tmp_path / "_notes").mkdir()
        (tmp_path / ".hidden").mkdir()
        (tmp_path / "README.md").write_text("")
        assert list(find_tasks([tmp_path])) == ["capitals", "sum"]

    def test_a_name_taken_twice_and_an_empty_folder_are_named_together(self, tmp_path):
        single(tmp_path, SINGLE)
        (tmp_path / "capitals").mkdir()
        (tmp_path / "capitals" / "task.toml").write_text("")
        (tmp_path / "empty").mkdir()
        with pytest.raises(TaskError) as caught:
            find_tasks([tmp_path])
        assert str(caught.value).splitlines() == [
            f"{tmp_path}/capitals.toml: the task name 'capitals' is taken by {tmp_path}/capitals/task.toml",
            f"{tmp_path}/empty: there is no task.toml in this folder",
        ]

    def test_the_file_of_a_name_that_a_folder_has_does_not_load(self, tmp_path, folder):
        path = folder().with_suffix(".toml")
        path.write_text(SINGLE)
        assert listed([tmp_path]) == {"sum": path}
        with pytest.raises(TaskError) as caught:
            load_task(path)
        assert str(caught.value) == f"{path}: the task name 'sum' is taken by {tmp_path}/sum/task.toml"

    def test_a_link_to_nowhere_is_named(self, tmp_path):
        path = tmp_path / "broken.toml"
        path.symlink_to("gone.toml")
        assert listed([tmp_path]) == {"broken": path}
        assert faults(path) == ["broken.toml: No such file or directory (a link to gone.toml)"]
        with pytest.raises(TaskError) as caught:
            find_tasks([tmp_path])
        assert str(caught.value) == f"{path}: a link to gone.toml, which is not there"

    def test_suites_are_found_by_name_or_path(self, tmp_path):
        assert "number_multiply" in find_suite("demo", []).tasks
        path = tmp_path / "_suites" / "mine.toml"
        path.parent.mkdir()
        path.write_text('[suite]\ntitle = "Mine"\nsamples = 3\n[tasks]\nletters = []\n')
        assert find_suite("mine", [tmp_path]).samples == find_suite(str(path), []).samples == 3
        with pytest.raises(TaskError, match="unknown suite 'mien'; did you mean 'mine'"):
            find_suite("mien", [tmp_path])
        path.write_text("[suite]\ntitel = 1\n[tasks]\nletters = 3\n")
        with pytest.raises(TaskError) as caught:
            find_suite("mine", [tmp_path])
        assert len(str(caught.value).splitlines()) == 3


class TestPrompts:
    def test_a_users_template_comes_before_the_bundled_one(self, tmp_path):
        (tmp_path / "all_text.j2").write_text("Think: {{ question }}")
        assert Prompts((tmp_path,)).render("all_text", question="Q") == "Think: Q"
        assert "Q" in Prompts((tmp_path,)).render("all_code", question="Q")

    def test_a_name_that_is_not_given_is_an_error(self):
        with pytest.raises(TemplateFault, match="all_text.j2: 'question' is undefined"):
            Prompts().render("all_text")

    @pytest.mark.parametrize(
        ("name", "source", "fault"),
        [
            ("all_text", "{{ question", r"all_text.j2:1: unexpected end of template"),
            (
                "all_text",
                "{{ questoin }}",
                r"all_text.j2: unknown variable 'questoin'; did you mean 'question'",
            ),
            ("mine", "{% if %}", r"mine.j2:1: "),
            ("mine", "{{ anything }}", ""),
            ("codesteer_review", "{{ reply }} {{ question }}", ""),
        ],
    )
    def test_a_template_that_could_not_be_rendered_is_refused_beforehand(self, tmp_path, name, source, fault):
        (tmp_path / f"{name}.j2").write_text(source)
        with pytest.raises(TemplateFault, match=fault) if fault else nullcontext():
            Prompts((tmp_path,)).check()

    def test_a_template_that_is_missing_is_named(self):
        with pytest.raises(TemplateFault, match="nothing.j2: No such file"):
            Prompts().render("nothing")

    def test_markup_is_left_alone(self, tmp_path):
        assert template_of("{{ x }}", name="t", folder=tmp_path).render({"x": "<b>&"}) == "<b>&"
