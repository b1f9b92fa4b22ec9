"""Templates of rows, those of models and odd ones."""

from __future__ import annotations

from hypothesis import strategies as st

from textprep.template import FIRST, SECOND, Part, Template

BERT = Template(
    pad_id=90,
    single=(Part(ids=(101,)), FIRST, Part(ids=(102,))),
    pair=(Part(ids=(101,)), FIRST, Part(ids=(102,)), SECOND, Part(1, ids=(102,))),
)
XLNET = Template(
    pad_id=90,
    single=(FIRST, Part(ids=(104,)), Part(2, ids=(103,))),
    pair=(FIRST, Part(ids=(104,)), SECOND, Part(1, ids=(104,)), Part(2, ids=(103,))),
)
ROBERTA = Template(
    pad_id=90,
    single=(Part(ids=(101,)), FIRST, Part(ids=(102,))),
    pair=(Part(ids=(101,)), FIRST, Part(ids=(102, 102)), Part(text=1), Part(ids=(102,))),
)
PLAIN = Template.plain(pad_id=90, separator=91)
SPECIALS = st.lists(st.integers(1, 300), min_size=1, max_size=3)


@st.composite
def special_parts(draw):
    return tuple(
        Part(draw(st.integers(0, 2)), ids=tuple(ids)) for ids in draw(st.lists(SPECIALS, max_size=2))
    )


@st.composite
def templates(draw):
    """Special tokens anywhere, the second text in front or behind, any token types, any padding."""
    first, second = (Part(draw(st.integers(0, 2)), text=text) for text in (0, 1))
    order = draw(st.permutations([first, second]))
    before, between, after, around = (draw(special_parts()) for _ in range(4))
    single = (*before, first, *around)
    return Template(draw(st.integers(0, 400)), single, (*before, order[0], *between, order[1], *after))
