"""The engine over BeautifulSoup."""

from __future__ import annotations

import warnings

from hypothesis import example, given

from tests.steps.markup.soup import pages
from textprep import StripMarkup

strip = StripMarkup(engine="beautifulsoup4")


def test_the_text_that_it_finds():
    assert strip("<p>A <b>great</b>er film &amp; a<br>short<script>b</script> one, i <3 it") == (
        "\nA greater film & a\nshort one, i <3 it"
    )


@given(pages)
@example("<b<br>r>")
def test_debris_gives_text_without_a_warning(text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(strip(text), str)


def test_text_at_any_depth_is_kept():
    assert strip("<div>" * 20_000 + "deep" + "</div>" * 20_000 + "shallow").split() == ["deep", "shallow"]


def test_only_those_who_choose_the_engine_import_its_package(run_python):
    code = "import sys, textprep; textprep.StripMarkup()('<p>a</p>'); assert 'bs4' not in sys.modules"
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr
