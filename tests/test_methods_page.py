"""docs/methods.md is what docs/make_methods.py makes of the methods as they are."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from pytest_codesteer.methods import method_names

SCRIPT = Path(__file__).parents[1] / "docs" / "make_methods.py"


@pytest.fixture(scope="module")
def make_methods():
    spec = spec_from_file_location("make_methods", SCRIPT)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(make_methods):
    assert make_methods.PAGE.read_text("utf-8") == make_methods.page(), "run python docs/make_methods.py"


def test_every_method_has_its_transcript(make_methods):
    assert sorted({scene.method for scene in make_methods.SCENES if scene.turns == 1}) == [*method_names()]
