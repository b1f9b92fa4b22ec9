"""The shell of a page: nothing in it is markup or code but what is ours."""

from __future__ import annotations

import base64
import hashlib
import json
import re

from hypothesis import given
from hypothesis import strategies as st

from textprep.report.page import asset, script_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_data_in_a_script_comes_back_and_can_not_end_it(value):
    written = script_json(value)
    assert not re.search("[<>&\u2028\u2029]", written)
    assert json.loads(written) == value
    written.encode("ascii")


def test_only_our_script_may_run(page_of):
    page = page_of("a film")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    digest = base64.b64encode(hashlib.sha256(asset("explanation.js").encode()).digest()).decode()
    assert f"script-src &#39;sha256-{digest}&#39;" in policy
    assert "default-src &#39;none&#39;" in policy


def test_a_page_asks_for_nothing_from_anywhere(page_of):
    page = page_of("a film")
    assert not re.findall(r"(?:src|href)=\"(?!#)|url\(|@import|https?:", page)


def test_hostile_text_is_text(page_of):
    hostile = "</script><script>alert(1)</script> <!-- ]]> \" ' & </style> \u202e\x00 {{ 7 * 7 }}"
    page = page_of(hostile)
    assert page.count("<script") == page.count("</script>") == 2
    assert "⟨U+202E⟩␀" in page
    assert "{{ 7 * 7 }}" in page
    page.encode("utf-8")
