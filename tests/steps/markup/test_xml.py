"""XML: its text, whatever state it is in, and no more of its entities than there is room for."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.steps.markup.soup import pages
from textprep import StripMarkup

strip = StripMarkup(mode="xml")


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("<doc>one</doc>two", "\none\ntwo"),
        ("<?xml version='1.0'?><a:doc xmlns:a='urn:a'>one<a:c/>two</a:doc>", "\none\ntwo\n"),
        ("<p>a <b>great</b>er <x:i>film</x:i></p>", "\na greater film\n"),
        ("<p title='a > b' x=\"'>'\">c</p>", "\nc\n"),
        ("<p>a<!-- <b> -- -->b<?c > d?>e</p>", "\nabe\n"),
        ("<p><![CDATA[<b>&amp;</b>]]> ]]&gt;</p>", "\n<b>&amp;</b> ]]>\n"),
        ("<p><![CDATA[a]]]]><![CDATA[>b]]></p>", "\na]]>b\n"),
        ("<script>a</script><title>b</title>", "\na\n\nb\n"),
        ("&lt;&gt;&amp;&quot;&apos; &#233;&#xE9; &#150;", "<>&\"' \xe9\xe9 \x96"),
        ("AT&T &nbsp; &lt &#x; &#; &#0;&#xD800;", "AT&T &nbsp; &lt &#x; &#; \ufffd\ufffd"),
        ("<!DOCTYPE p SYSTEM 'p.dtd'><p>a</p>", "\na\n"),
        ("<!DOCTYPE p [<!ELEMENT p (#PCDATA)> <!-- ]> --> <?x ]>?>]><p>a</p>", "\na\n"),
        ("<!DOCTYPE p [<!ENTITY a 'b<i>c</i>'><!ENTITY a 'd'>]><p>&a;</p>", "\nbc\n"),
        ("<!DOCTYPE p [<!ENTITY a '&#38;lt;&#60;i>b'>]><p>&a;</p>", "\n<b\n"),
        ("<!DOCTYPE p [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><p>&a;</p>", "\n&a;\n"),
        ("<!DOCTYPE p [<!ENTITY % a 'b'> %a; <!-- <!ENTITY c 'd'> -->]><p>&a;&c;</p>", "\n&a;&c;\n"),
        ("<!DOCTYPE p [<!ENTITY a '&b;'><!ENTITY b '&a;'>]><p>&a;</p>", "\n&a;\n"),
        ("a < b, i <3 u, <", "a < b, i <3 u, <"),
        ("<p>a</doc>b</p", "\na\nb</p"),
        ("<p x='a>b</p>", "\nb\n"),
        ("<p>a<!-- b", "\na"),
        ("<p>a<![CDATA[b", "\nab"),
        ("no markup & no tags", "no markup & no tags"),
        ("&lt;", "<"),
    ],
)
def test_the_text_of_a_document(document, text):
    assert strip(document) == text


names = st.sampled_from(["a", "p", "title", "x:y"])
texts = st.text(st.characters(exclude_categories=["C"], exclude_characters="\r"), max_size=8)


@st.composite
def documents(draw, depth=0):
    """Well-formed ones, with the namespace that their names need."""
    inner = documents(depth + 1) if depth < 3 else texts.map(_escaped)
    parts = st.one_of(
        texts.map(_escaped), inner, st.sampled_from(["<!-- a -->", "<?b c?>", "<![CDATA[<d>&]]>"])
    )
    return f"<{(name := draw(names))} xmlns:x='urn:x'>{''.join(draw(st.lists(parts, max_size=4)))}</{name}>"


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&#60;").replace(">", "&gt;")


@given(documents())
def test_of_a_well_formed_document_it_is_what_expat_finds(document):
    expected = "".join(ElementTree.fromstring(document).itertext())
    assert strip(document).replace("\n", "") == expected.replace("\n", "")


@given(pages | st.text())
def test_any_text_gives_a_text(text):
    assert isinstance(strip(text), str)


def test_entities_are_bounded():
    """Ten lines that ask for a gigabyte get ten times their own length, and say what they did not get."""
    lines = [f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)]
    document = f"<!DOCTYPE p [<!ENTITY a0 'ha'>{''.join(lines)}]><p>&a9;</p>"
    text = strip(document)
    assert "ha" in text
    assert "&a" in text
    assert len(text) < 20 * len(document)


def test_entities_are_not_nested_without_end():
    lines = "".join(f"<!ENTITY a{n} '&a{n - 1};'>" for n in range(1, 2000))
    assert "&a" in strip(f"<!DOCTYPE p [<!ENTITY a0 'x'>{lines}]><p>&a1999;</p>")
    assert strip(f"<!DOCTYPE p [<!ENTITY a0 'x'>{lines}]><p>&a9;</p>").strip() == "x"
