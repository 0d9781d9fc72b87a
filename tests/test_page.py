"""The HTML report: what it holds, that it obeys no text of a run, and how it behaves in a browser."""

import base64
import gzip
import hashlib
import json
import re
import shutil
import tempfile
from dataclasses import replace
from itertools import pairwise

import pytest

from pytest_codesteer.command import main
from pytest_codesteer.gate import decide, parse_gate
from pytest_codesteer.page import charts, drawing, page
from pytest_codesteer.page.drawing import drawn
from pytest_codesteer.page.packing import BLOCK, COLUMNS, packed
from pytest_codesteer.page.vega import Chart
from pytest_codesteer.report.transcript import entries
from pytest_codesteer.runlog import Run
from tests.records import record, records
from tests.runs import HEADER, a_run, told, write_log

pytest.importorskip("vl_convert", reason="needs the extra: report")

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
HOSTILE = (
    "</script><script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>\u202e\x1b[31m]]><!--"
)
LONG = "x" * 1_000_000


def unpacked(text):
    return json.loads(gzip.decompress(base64.b64decode(text)))


def plots(listed):
    return {each.title: each for each in charts(listed)}


def rows(chart):
    return chart.spec["data"]["values"]


def panels(listed):
    """Return the costs that the plot of costs has a panel for, of one model."""
    [model] = plots(listed)["Share solved against cost"].spec["vconcat"]
    return [panel["layer"][-1]["encoding"]["x"]["field"] for panel in model["hconcat"]]


class TestPacking:
    def test_every_case_and_its_transcript_come_back(self):
        listed = [told(record(index), "word " * 50_000) for index in range(12)]
        index, blocks = packed(listed)
        assert len(blocks) == 12 * 2 * 250_000 // BLOCK
        for row, each in zip(unpacked(index), listed, strict=True):
            *values, block, place = row
            assert dict(zip(COLUMNS, values, strict=True))["id"] == each.id
            assert unpacked(blocks[block])[place] == [
                [part.kind, part.head, part.text] for part in entries(each)
            ]

    def test_what_is_not_known_is_null_and_control_characters_are_written_out(self):
        index, blocks = packed([replace(told(record(), HOSTILE), reason=HOSTILE)])
        row = dict(zip(COLUMNS, unpacked(index)[0], strict=False))
        assert (row["tokens"], row["dollars"]) == (None, None)
        for text in (row["reason"], unpacked(blocks[0])[0][1][2]):
            assert "\\u202e\\x1b[31m" in text
            assert not set(text) & set("\u202e\x1b")

    def test_the_same_cases_are_packed_alike(self):
        assert packed(a_run()) == packed(a_run())


class TestCharts:
    def test_a_run_of_everything_gives_every_plot(self):
        found = plots(a_run(turns=(1, 2)))
        assert list(found) == [
            "Share solved against cost", "Share solved by turns of refinement", "gpt-4o: share solved by level",
            "gpt-4o: code usage by level", "gpt-4o: was a program run, was the answer right", "gpt-4o: steering",
            "gpt-4o: method against method",
        ]  # fmt: skip

    def test_what_a_run_does_not_give_is_left_out(self):
        assert list(plots(records([1, 0]))) == [
            "Share solved against cost", "gpt-4o: was a program run, was the answer right",
        ]  # fmt: skip
        assert plots([record(outcome="error")]) == {}

    def test_costs_are_means_of_a_case(self):
        listed = records([1, 0], prompt_tokens=10, completion_tokens=5, model_seconds=2.0, code_seconds=1.0)
        [row] = rows(plots(listed)["Share solved against cost"])
        assert (row["tokens"], row["seconds"], row["value"]) == (15, 3.0, 0.5)
        assert panels(listed) == ["tokens", "seconds"]
        assert panels(records([1])) == ["seconds"]  # tokens are not known

    def test_where_the_time_is_not_known_the_tokens_still_are(self):
        listed = [replace(record, model_seconds=None) for record in a_run()]
        chart = plots(listed)["Share solved against cost"]
        assert {row["seconds"] for row in rows(chart)} == {None}
        assert panels(listed) == ["tokens"]

    def test_the_four_classes_are_counted(self):
        listed = [*records([1, 1, 0], used_code=True), *records([1, 0, 0], level="long")]
        counted = rows(plots(listed)["gpt-4o: was a program run, was the answer right"])
        assert {row["class"]: row["cases"] for row in counted} == {
            "code right": 2, "code wrong": 1, "text right": 1, "text wrong": 2,
        }  # fmt: skip

    def test_the_steering_matrix_counts_what_solves_against_what_answered(self):
        listed = [
            *records([1, 0, 1, 0], method="all_code", answered_by="code"),
            *records([0, 1, 1, 0], method="all_text", answered_by="text"),
            *(
                record(at, method="mine", answered_by=by)
                for at, by in enumerate(("code", "code", "text", ""))
            ),
        ]
        mine = [
            row for row in rows(plots(listed)["gpt-4o: steering"]) if row["method"] == "mine" and row["cases"]
        ]
        assert {(row["solves"], row["answered"]): row["cases"] for row in mine} == {
            ("code", "code"): 1, ("text", "code"): 1, ("both", "text"): 1, ("neither", "none"): 1,
        }  # fmt: skip

    def test_wins_and_losses_are_counted_both_ways(self):
        listed = [*records([1, 1, 1, 0], method="a"), *records([0, 0, 1, 1], method="b")]
        both = rows(plots(listed)["gpt-4o: method against method"])
        assert {(row["method"], row["against"]): (row["shown"], row["wins"]) for row in both} == {
            ("a", "b"): ("2:1", True), ("b", "a"): ("1:2", False),
        }  # fmt: skip

    def test_turns_are_told_apart_by_shape_and_only_of_methods_that_were_given_several(self):
        listed = [*a_run(turns=(1, 2), methods=("all_code",)), *a_run(methods=("codesteer",))]
        found = plots(listed)
        assert {row["method"] for row in rows(found["Share solved by turns of refinement"])} == {"all_code"}
        [model] = found["Share solved against cost"].spec["vconcat"]
        assert model["hconcat"][0]["layer"][-1]["encoding"]["shape"]["sort"] == [1, 2]

    @pytest.mark.parametrize(
        ("answered", "chose"), [("code", "the mode that solves"), ("text", "the other mode")]
    )
    def test_the_steering_matrix_tells_the_right_choice_from_the_wrong_one(self, answered, chose):
        listed = [
            *records([1], method="all_code", answered_by="code"),
            *records([0], method="all_text", answered_by="text"),
            *records([1], method="mine", answered_by=answered),
        ]
        [mine] = [
            row for row in rows(plots(listed)["gpt-4o: steering"]) if row["method"] == "mine" and row["cases"]
        ]
        assert mine["chose"] == chose
        assert mine["said"] == f"mine: 1 of 1 cases solved by code, answered by {answered}"

    def test_methods_that_are_even_are_pale_and_not_losers(self):
        listed = [*records([1, 0], method="a"), *records([1, 0], method="b")]
        tile, _ = plots(listed)["gpt-4o: method against method"].spec["layer"]
        assert tile["encoding"]["opacity"]["scale"]["domain"] == [0, 1.0]
        assert tile["encoding"]["color"]["condition"][0]["test"] == "datum.net == 0"

    @pytest.mark.parametrize(("methods", "form"), [(4, "line"), (5, "rect")])
    def test_few_methods_are_curves_by_level_and_many_are_tiles(self, methods, form):
        listed = [
            each for at in range(methods) for level in ("two", "four")
            for each in records([1, 0, 0], level=level, method=f"m{at}")
        ]  # fmt: skip
        chart = plots(listed)["gpt-4o: share solved by level"]
        assert form in {layer["mark"]["type"] for layer in chart.spec["spec"]["layer"]}
        [drawing] = drawn([chart.spec])
        assert (
            len(re.findall(r"<title>letters, (?:two|four), m\d: 33% solved, 95 % interval", drawing))
            == 2 * methods
        )
        assert len(re.findall(">33</text>", drawing)) == (2 * methods if form == "rect" else 0)

    def test_costs_that_differ_much_are_on_a_logarithmic_axis_without_crowding(self):
        listed = [
            each
            for at, spent in enumerate((5, 150))
            for each in records([1], method=f"m{at}", prompt_tokens=spent, completion_tokens=0)
        ]
        [model] = plots(listed)["Share solved against cost"].spec["vconcat"]
        axis = model["hconcat"][0]["layer"][-1]["encoding"]["x"]
        assert (axis["scale"]["type"], axis["axis"]["values"]) == (
            "log",
            [1, 2, 5, 10, 20, 50, 100, 200, 500],
        )

    def test_levels_stand_in_the_order_in_which_they_were_run(self):
        listed = [each for level in ("two", "four", "eight") for each in records([1], level=level)]
        assert [row["level"] for row in rows(plots(listed)["gpt-4o: share solved by level"])] == [
            "two",
            "four",
            "eight",
        ]


@pytest.fixture(scope="module")
def whole():
    hostile = told(replace(record(99, method=HOSTILE, task=HOSTILE), reason=HOSTILE), HOSTILE)
    limit = told(record(98, outcome="limit", reason=HOSTILE), LONG)
    return Run({**HEADER, "suite": HOSTILE, "gates": [HOSTILE]}, (*a_run(2), hostile, limit), 0)


@pytest.fixture(scope="module")
def text(whole):
    gate = decide(parse_gate("all_code: solved >= 100%"), whole.records)
    return page(replace(whole, decisions=(gate,)))


class TestDocument:
    def test_no_text_of_the_run_becomes_part_of_the_page(self, text):
        scripts = re.findall(r"<script[^>]*>", text)
        assert scripts[-1] == "<script>"
        assert all(
            re.fullmatch(r'<script type="application/octet-stream" id="(index|block\d+)">', each)
            for each in scripts[:-1]
        )
        assert "<img" not in text
        assert "&lt;img src=x" in text

    def test_the_policy_lets_the_one_script_run_and_nothing_else(self, text):
        script = text.rpartition("<script>")[2].partition("</script>")[0]
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}';" in text

    def test_it_refers_to_nothing_outside_itself(self, text):
        assert re.findall(r"""(?:src|href|xlink:href)=["'](?!#)[^"']*""", text) == []
        assert set(re.findall(r"https?://[^\"'<> ]+", text)) <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }

    def test_it_holds_the_tables_the_gates_and_the_header(self, text):
        assert "<strong>failed</strong> <code>all_code: solved &gt;= 100%</code>" in text
        assert '<th scope="row">all_code</th>' in text
        assert "share solved, by task" in text
        assert "<dt>sandbox</dt><dd>process</dd>" in text

    def test_a_log_without_decisions_says_so_and_one_without_gates_nothing(self, whole):
        assert "gates: not recorded" in page(replace(whole, decisions=None))
        ungated = page(replace(whole, decisions=()))
        assert "gates: not recorded" not in ungated
        assert "<h3>Gates</h3>" not in ungated

    def test_what_a_plot_shows_is_told_in_words_at_its_marks(self, text):
        solved = re.findall(r"<title>gpt-4o, all_text: (\d+)% solved, 95 % interval [^<]*</title>", text)
        assert len(solved) == 2  # against tokens, and against seconds
        assert "<title>all_code, code right: " in text
        assert "<title>letters, short, all_code: " in text
        assert re.search(r"<title>of \d+ cases all_code alone solves \d+, all_text alone \d+; p = ", text)

    def test_ids_are_those_of_one_element(self, text):
        ids = re.findall(r'\bid="([^"]+)"', text)
        assert len(ids) == len(set(ids))


def test_without_the_library_the_command_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("pytest_codesteer.page.drawing.find_spec", lambda name: None)
    path = write_log(tmp_path / "a.jsonl", records([1]))
    assert main(["report", path, "--html", str(tmp_path / "out.html")]) == 2
    assert capsys.readouterr().err == (
        "codesteer: the HTML report needs a plotting library: pip install 'pytest-codesteer[report]'\n"
    )
    with pytest.raises(drawing.NoDrawing):
        drawing.require()


def test_a_library_that_fails_costs_the_plots_and_not_the_report(monkeypatch):
    monkeypatch.setattr(
        "pytest_codesteer.page.charts", lambda listed: [Chart("a", "b", {"mark": "nonsense"})]
    )
    text = page(Run(HEADER, tuple(records([1])), 0))
    assert "The plots could not be drawn: exit code" in text.replace("the plots", "The plots")
    assert "share solved, by task" in text


def test_the_command_writes_it(tmp_path, capsys):
    path = write_log(tmp_path / "a.jsonl", records([1]))
    assert main(["report", path, "--html", str(tmp_path / "sub" / "out.html")]) == 0
    assert (tmp_path / "sub" / "out.html").read_text("utf-8").startswith("<!doctype html>")
    assert main(["report", path, "--html", str(tmp_path)]) == 2
    assert "Is a directory" in capsys.readouterr().err


@pytest.fixture(scope="module")
def browser():
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for word in ("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync",
                     "disable-dev-shm-usage", "disable-background-networking", "disable-component-update",
                     "window-size=1200,900", f"user-data-dir={profile}"):  # fmt: skip
            options.add_argument(f"--{word}")
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
        yield driver
        driver.quit()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two reports: one of all kinds of trouble, one of very many cases."""
    folder = tmp_path_factory.mktemp("pages")
    hostile = told(replace(record(99, method="mine", task="hostile"), reason=HOSTILE), HOSTILE)
    limit = told(record(98, outcome="limit", reason="cut"), LONG)
    listed = (*a_run(30, turns=(1, 2)), replace(hostile, model=HOSTILE), limit)
    (folder / "small.html").write_text(page(Run(HEADER, listed, 0)), "utf-8")
    return folder


@pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="needs Chromium and its driver: apt install chromium-driver"
)
class TestBrowser:
    @pytest.fixture
    def opened(self, browser, folder):
        self.open(browser, folder / "small.html")
        yield browser
        assert [line["message"] for line in browser.get_log("browser")] == []

    def open(self, browser, path):
        browser.get(path.as_uri())
        self.until(browser, "return document.body.dataset.ready")

    def until(self, browser, script):
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(browser, 20, poll_frequency=0.02).until(lambda _: browser.execute_script(script))

    def count(self, browser):
        return int(browser.execute_script("return document.getElementById('count').textContent").split()[0])

    def choose(self, browser, name, value):
        browser.execute_script(
            "const it = document.getElementById(arguments[0]); it.value = arguments[1];"
            "it.dispatchEvent(new Event('change'))", f"filter-{name}", value,
        )  # fmt: skip

    def test_cases_are_listed_filtered_searched_sorted_and_turned_over(self, opened):
        every = 30 * 2 * 2 * 3 * 2 + 2
        assert self.count(opened) == every
        names = "return [...document.querySelectorAll('.case-link')].map(each => each.textContent)"
        first = opened.execute_script(names)
        assert len(first) == 50
        opened.find_element("id", "after").click()
        assert not set(first) & set(opened.execute_script(names))
        self.choose(opened, "method", "all_code")
        assert self.count(opened) == 121
        self.choose(opened, "outcome", "limit")
        assert opened.execute_script(names) == ["letters[gpt-4o-all_code-short-098]"]
        opened.find_element("css selector", "button[type=reset]").click()
        self.until(opened, f"return document.getElementById('count').textContent.startsWith('{every} ')")
        opened.find_element("id", "search").send_keys("short-007")
        self.until(opened, "return document.getElementById('count').textContent.startsWith('12 ')")
        sort = "document.querySelectorAll('#list thead button')[0].click();"
        opened.execute_script(sort)
        up = opened.execute_script(names)
        opened.execute_script(sort)
        assert opened.execute_script(names) == up[::-1] == sorted(up)[::-1]
        head = opened.find_element("css selector", "#list thead th")
        assert head.get_attribute("aria-sort") == "descending"

    def test_that_nothing_fits_is_said_where_the_cases_would_be(self, opened):
        opened.find_element("id", "search").send_keys("no such case")
        self.until(opened, "return document.getElementById('count').textContent.startsWith('0 ')")
        assert opened.find_element("css selector", "#list tbody").text == "No case fits these filters."

    def test_a_telephone_shows_it_without_scrolling_sideways(self, opened):
        size = {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True}
        opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        try:
            assert opened.execute_script("return document.documentElement.scrollWidth") == 360
        finally:
            opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def test_transcripts_are_searched_on_request(self, opened):
        opened.find_element("id", "search").send_keys("window.pwned = 1")
        self.until(
            opened, "return document.getElementById('count').textContent.startsWith('1 ')"
        )  # in its reason
        opened.find_element("id", "search").clear()
        opened.find_element("id", "search").send_keys("x" * 30)
        self.until(opened, "return document.getElementById('count').textContent.startsWith('0 ')")
        opened.find_element("id", "deep").click()
        self.until(opened, "return document.getElementById('count').textContent.startsWith('1 ')")

    def test_hostile_text_is_shown_and_does_nothing(self, opened):
        self.choose(opened, "task", "hostile")
        assert self.count(opened) == 1
        opened.execute_script("document.querySelector('.case-link').click()")
        self.until(opened, "return document.getElementById('case').open")
        shown = opened.execute_script(
            "return [...document.querySelectorAll('.entry.reply pre')].map(each => each.textContent)"
        )
        assert shown == [HOSTILE.replace("\u202e", "\\u202e").replace("\x1b", "\\x1b")]
        assert opened.execute_script("return window.pwned") is None
        assert opened.execute_script("return document.images.length") == 0

    def test_a_line_of_a_million_characters_is_shown_bit_by_bit(self, opened):
        self.choose(opened, "outcome", "limit")
        opened.execute_script("document.querySelector('.case-link').click()")
        self.until(opened, "return document.getElementById('case').open")
        length = "return document.querySelector('.entry.reply pre').textContent.length"
        assert opened.execute_script(length) == 20_000
        opened.execute_script("document.querySelector('.entry.reply button').click()")
        assert opened.execute_script(length) == 1_000_000
        assert opened.execute_script("return document.documentElement.scrollWidth <= innerWidth")

    def test_a_case_is_opened_left_and_closed_by_keyboard(self, opened):
        from selenium.webdriver.common.keys import Keys

        link = opened.find_element("css selector", ".case-link")
        name = link.text
        link.send_keys(Keys.ENTER)
        self.until(opened, "return document.getElementById('case').open")
        head = opened.find_element("id", "case-head")
        assert head.text == name
        assert not opened.find_element("id", "case-before").is_enabled()
        opened.find_element("id", "case-after").send_keys(Keys.ENTER)
        self.until(opened, f"return document.getElementById('case-head').textContent !== {json.dumps(name)}")
        opened.switch_to.active_element.send_keys(Keys.ESCAPE)
        self.until(opened, "return !document.getElementById('case').open")

    def test_a_screen_reader_finds_a_name_for_everything(self, opened):
        nameless = opened.execute_script("""
            const named = (each) => each.textContent.trim() || each.getAttribute('aria-label') || each.labels?.length;
            return [...document.querySelectorAll('button, select, input, summary, th[scope], [role=region], caption')]
                .filter((each) => !named(each)).map((each) => each.outerHTML)""")
        assert nameless == []
        assert opened.execute_script("return document.documentElement.lang") == "en"
        assert opened.find_element("id", "count").get_attribute("aria-live") == "polite"
        levels = opened.execute_script(
            "return [...document.querySelectorAll('main :is(h2, h3)')].map(each => +each.tagName[1])"
        )
        assert levels[0] == 2
        assert all(below - above <= 1 for above, below in pairwise(levels))

    def test_a_method_stands_out_while_the_pointer_is_on_its_name(self, opened):
        from selenium.webdriver.common.action_chains import ActionChains

        pale = """const marks = [...document.querySelectorAll('figure')][0].querySelectorAll('.role-mark path[aria-label^=gpt-4o]');
            return Object.fromEntries([...marks].map(each => [each.ariaLabel.split(/[ ,:]+/)[1], each.matches('.pale')]))"""
        name = opened.find_element("css selector", "figure .role-legend-symbol path")
        ActionChains(opened).move_to_element(name).perform()
        assert opened.execute_script(pale) == {"all_text": False, "all_code": True, "code_text_sum": True}
        ActionChains(opened).move_to_element(opened.find_element("id", "plots-head")).perform()
        assert not any(opened.execute_script(pale).values())

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_text_stands_out_in_light_and_in_dark(self, opened, scheme):
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        ink, paper, axis = opened.execute_script("""
            const body = getComputedStyle(document.body);
            const label = document.querySelector('.role-axis-label text');
            return [body.color, body.backgroundColor, getComputedStyle(label).fill]""")
        assert axis == ink
        lights = [sum(map(int, re.findall(r"\d+", colour)[:3])) / 3 for colour in (ink, paper)]
        assert abs(lights[0] - lights[1]) > 180
        assert (lights[0] > lights[1]) == (scheme == "dark")

    def test_ten_thousand_cases_open_within_two_seconds(self, browser, folder, monkeypatch):
        # neither its tables, whose intervals are bootstrapped, nor its plots make a page slow to open
        monkeypatch.setattr("pytest_codesteer.page.sections", lambda *arguments: [])
        monkeypatch.setattr("pytest_codesteer.page.charts", lambda listed: [])
        many = [
            told(record(index, method=f"m{index % 10}"), f"The answer to {index} is this. " * 20)
            for index in range(10_000)
        ]
        (folder / "large.html").write_text(page(Run(HEADER, tuple(many), 0)), "utf-8")
        self.open(browser, folder / "large.html")
        assert self.count(browser) == 10_000
        assert browser.execute_script("return +document.body.dataset.ready") < 2000
