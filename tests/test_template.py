"""Templates: special tokens around texts, types, and the way through JSON."""

import json

from hypothesis import given
from hypothesis import strategies as st

from textprep.template import FIRST, SECOND, Part, Template

SPECIALS = st.lists(
    st.builds(
        Part, type_id=st.integers(0, 3), ids=st.lists(st.integers(0, 99), min_size=1, max_size=2).map(tuple)
    ),
    max_size=2,
)


@st.composite
def templates(draw: st.DrawFn) -> Template:
    single = (*draw(SPECIALS), FIRST, *draw(SPECIALS))
    pair = (*draw(SPECIALS), FIRST, *draw(SPECIALS), SECOND, *draw(SPECIALS))
    end_id = draw(st.one_of(st.none(), st.integers(0, 99)))
    return Template(draw(st.integers(0, 99)), single, draw(st.sampled_from([pair, None])), end_id)


@given(templates())
def test_json_gives_a_template_back(template: Template) -> None:
    assert Template.from_json(json.loads(json.dumps(template.to_json()))) == template


@given(templates(), st.lists(st.integers(100, 199)), st.lists(st.integers(100, 199)))
def test_a_row_is_as_long_as_its_texts_and_special_tokens(
    template: Template, first: list[int], second: list[int]
) -> None:
    ids, types = template.row(first)
    assert len(ids) == len(types) == len(first) + template.specials(pair=False)
    if template.pair is not None:
        ids, types = template.row(first, second)
        assert len(ids) == len(types) == len(first) + len(second) + template.specials(pair=True)


@given(templates(), st.lists(st.integers(100, 199)), st.lists(st.integers(100, 199)))
def test_a_bare_template_has_the_texts_only(template: Template, first: list[int], second: list[int]) -> None:
    bare = template.bare()
    assert bare.row(first)[0] == first
    assert bare.pad_id == template.pad_id
    assert bare.ending == template.ending
    assert (bare.pair is None) == (template.pair is None)
    if bare.pair is not None:
        assert bare.row(first, second)[0] == [*first, *second]


@given(templates())
def test_a_text_ends_with_the_token_that_is_named_or_stands_behind_it(template: Template) -> None:
    behind = template.row([100])[0]
    last = behind[-1] if behind[-1] != 100 else None
    assert template.ending == (last if template.end_id is None else template.end_id)
