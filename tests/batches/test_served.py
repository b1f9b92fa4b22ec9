"""What a batch is made of, against slow, plain definitions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.batches.rows import Rows, laid_out, numbered
from tests.batches.templates import BERT, PLAIN, templates
from textprep.batches.layout import Layout
from textprep.batches.loader import BatchLoader
from textprep.batches.reader import EncodedTexts
from textprep.batches.rectangle import FIELDS, INPUTS
from textprep.batches.served import ServedRows
from textprep.batches.torch_data import Collate
from textprep.errors import LoaderError
from textprep.ragged import Ragged
from textprep.template import Template

LENGTHS = st.lists(st.integers(0, 40), min_size=1, max_size=60)
MOST_SPECIALS = 24


def ids_of(split, layout, rows):
    return ServedRows(split, layout).arrays(np.array(rows, np.int64), ["input_ids"])["input_ids"]


@st.composite
def layouts(draw, *, own_tokens=True, least=3):
    max_length = draw(st.none() | st.integers(least, least + 42))
    special = {"start_id": draw(st.none() | st.integers(1, 70_000)), "end_id": draw(st.none() | st.just(9))}
    return Layout(
        max_length=max_length,
        truncation=draw(st.sampled_from(["head", "tail", "head_tail"])),
        padding=draw(st.sampled_from(["longest", "max_length"])) if max_length else "longest",
        padding_side=draw(st.sampled_from(["right", "left"])),
        pad_to_multiple_of=draw(st.none() | st.integers(1, 8)),
        **(special if own_tokens else {"special_tokens": draw(st.booleans())}),
    )


@given(LENGTHS, layouts(), st.data())
def test_a_batch_is_what_the_plain_definition_says(lengths, layout, data):
    rows = numbered(lengths)
    numbers = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=9))
    expected = laid_out([rows[number] for number in numbers], layout)
    assert ids_of(Rows(rows), layout, numbers).tolist() == expected["input_ids"]


@given(LENGTHS, layouts(own_tokens=False, least=MOST_SPECIALS + 1), templates(), st.data())
def test_a_batch_of_a_template_and_of_pairs_too(lengths, layout, template, data):
    rows = numbered(lengths)
    has_pair = data.draw(st.booleans())
    pair = data.draw(st.permutations(rows)) if has_pair else None
    served = ServedRows(Rows(rows, template=template, pair=pair, dtype=np.int64), layout)
    numbers = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=9))
    expected = laid_out(
        [rows[number] for number in numbers],
        layout,
        template,
        pair and [pair[number] for number in numbers],
    )
    found = served.arrays(np.array(numbers), FIELDS)
    assert {name: array.tolist() for name, array in found.items()} == expected
    assert served.lengths[numbers].tolist() == expected["lengths"]
    assert {name: array.dtype for name, array in found.items()} == {
        name: np.bool_ if name == "attention_mask" else np.int64 for name in FIELDS if name != INPUTS
    }


@given(LENGTHS, layouts(own_tokens=False, least=MOST_SPECIALS + 1), templates(), st.data())
def test_apart_each_text_is_laid_out_alone(lengths, layout, template, data):
    rows = numbered(lengths)
    pair = data.draw(st.permutations(rows))
    split = Rows(rows, template=template, pair=pair, dtype=np.int64)
    loader = BatchLoader(
        split, layout=layout, pair="apart", batch_size=7, return_tensors="np", prefetch=0, by_length=True
    )
    for batch in loader:
        assert list(batch) == [
            "input_ids", "attention_mask", "lengths",
            "pair_input_ids", "pair_attention_mask", "pair_lengths", "labels", "row_ids",
        ]  # fmt: skip
        numbers = (batch["row_ids"] - 1000).tolist()
        for prefix, texts in (("", rows), ("pair_", pair)):
            expected = laid_out([texts[number] for number in numbers], layout, template)
            for name in ("input_ids", "attention_mask", "lengths"):
                assert batch[prefix + name].tolist() == expected[name]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=60),
    st.sampled_from(["together", "apart"]),
    st.integers(20, 90),
    st.none() | st.integers(1, 4),
    st.booleans(),
)
def test_no_batch_of_pairs_has_more_than_max_tokens(lengths, pair, max_tokens, multiple, shuffle):
    first, second = zip(*lengths, strict=True)
    split = Rows(numbered(first), template=BERT, pair=numbered(second))
    layout = Layout(pad_to_multiple_of=multiple)
    loader = BatchLoader(split, max_tokens=max_tokens, layout=layout, pair=pair, shuffle=shuffle, prefetch=0)
    served = [row for batch in loader for row in batch.row_ids.tolist()]
    assert sorted(served) == split.row_ids.tolist()
    for batch in loader:
        area = sum(batch[name].numel() for name in ("input_ids", "pair_input_ids") if name in batch)
        assert area <= max_tokens


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=40),
    st.integers(6, 90),
    st.sampled_from([1, 2, 3]),
)
def test_apart_batches_are_as_full_as_max_tokens_lets_them_be(lengths, max_tokens, multiple):
    first, second = zip(*lengths, strict=True)
    split = Rows(numbered(first), template=BERT, pair=numbered(second))
    layout = Layout(pad_to_multiple_of=multiple)
    assume(max_tokens >= 2 * layout.widths(3))

    def area(rows):
        widest = (max(layout.widths(each[row] + 2) for row in rows) for each in (first, second))
        return len(rows) * sum(widest)

    loader = BatchLoader(split, max_tokens=max_tokens, layout=layout, pair="apart", prefetch=0)
    batches = [(batch.row_ids - 1000).tolist() for batch in loader]
    for rows, (after, *_) in pairwise(batches):
        cut = [row for row in [*rows, after] if area([row]) > max_tokens]
        assert cut or area(rows) <= max_tokens < area([*rows, after])
    for batch in loader:
        for row, *served in zip(batch.row_ids - 1000, batch.lengths, batch["pair_lengths"], strict=True):
            whole = [first[row] + 2, second[row] + 2]
            if area([int(row)]) <= max_tokens:
                assert served == whole
            else:  # the longer one first, so that neither is cut more than it must be
                assert sum(map(layout.widths, map(int, served))) > max_tokens - 2 * multiple


def test_batches_of_pairs_are_by_what_is_served_of_them():
    first, second = [1, 50, 1, 50], [50, 1, 1, 50]
    split = Rows(numbered(first), template=BERT, pair=numbered(second))
    batches = BatchLoader(split, batch_size=2, by_length=True, prefetch=0)
    assert [batch.row_ids.tolist() for batch in batches] == [[1003, 1000], [1001, 1002]]
    batches = BatchLoader(split, batch_size=3, by_length=True, pair="apart", prefetch=0)
    assert [batch.row_ids.tolist() for batch in batches] == [[1003, 1000, 1001], [1002]]


def test_rows_of_a_store_are_what_the_plain_definition_says(stored):
    rows = [stored.ids(row).tolist() for row in range(len(stored))]
    layout = Layout(max_length=6, truncation="head_tail", start_id=2)
    assert ids_of(stored, layout, range(len(stored))).tolist() == laid_out(rows, layout)["input_ids"]


def test_rectangles_are_copies():
    split = Rows(numbered([40, 40, 40]))
    before = split.ids(1).copy()
    rectangle = ids_of(split, Layout(max_length=10), [0, 1])
    assert rectangle.dtype == np.int64
    rectangle[:] = 0
    assert np.array_equal(split.ids(1), before)


@given(LENGTHS, layouts(), st.booleans(), st.data())
def test_rows_that_do_not_fit_the_lengths_are_an_error(lengths, layout, is_second, data):
    pair = numbered(lengths) if is_second else None
    split = Rows(numbered(lengths), pair=pair, template=PLAIN)
    row = data.draw(st.integers(0, len(lengths) - 1))
    (split.pair if is_second else split).lengths[row] += 1
    layout = layout.model_copy(update={"max_length": None, "padding": "longest"}) if is_second else layout
    with pytest.raises(
        LoaderError, match=f"row {row} of the split has {lengths[row]} ids, where its lengths"
    ):
        ids_of(split, layout, range(len(lengths)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"padding": "max_length"}, "padding='max_length' needs a max_length"),
        ({"padding": "max"}, "option 'padding': Input should be 'longest' or 'max_length' (given 'max')"),
        ({"padding_side": "lft"}, "option 'padding_side': Input should be 'right' or 'left' (given 'lft')"),
        (
            {"max_length": 2, "start_id": 5, "end_id": 6},
            "max_length=2 leaves no room for text: a row has 2 special tokens; give an integer of at least 3",
        ),
        (
            {"pad_to_multiple_of": 0},
            "option 'pad_to_multiple_of': Input should be greater than or equal to 1 (given 0)",
        ),
        ({"start_id": -1}, "option 'start_id': Input should be greater than or equal to 0 (given -1)"),
        ({"pair_truncation": "only"}, "option 'pair_truncation': Input should be 'longest_first', 'only_"),
    ],
)
def test_a_bad_option_is_one_clear_line(options, message):
    with pytest.raises(LoaderError) as caught:
        Layout(**options)
    assert str(caught.value).startswith(message)


PAIRS = {"template": BERT, "pair": numbered([3, 9, 20])}


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (
            PAIRS,
            {"max_length": 3},
            "max_length=3 leaves no room for text: a row has 3 special tokens; give an integer of at least 4",
        ),
        (
            {**PAIRS, "template": Template()},
            {},
            "rows of two texts cannot be laid out as one: the tokenizer they were prepared with has no special "
            "token to put between the texts; prepare them with one that is not fitted, or was fitted with "
            "specials=['<sep>']; or serve the two texts separately: pair='apart'",
        ),
        ({}, {"pair": "apart"}, "pair='apart' needs rows of two texts, and these have one; leave it out"),
        (PAIRS, {"pair": "near"}, "pair='near' cannot be used; give 'together' or 'apart'"),
        (
            {"pair": numbered([3, 9])},
            {},
            "2 second texts do not go with 3 rows: each row needs one",
        ),
        (
            {"template": BERT},
            {"layout": Layout(start_id=5)},
            "start_id and end_id cannot be used: the rows get the special tokens of their tokenizer; leave "
            "start_id and end_id out, or those of the tokenizer: special_tokens=False",
        ),
        (
            PAIRS,
            {"pair": "apart", "layout": Layout(pair_truncation="only_first")},
            "pair_truncation has no effect with pair='apart', where each text is cut by itself; leave it out",
        ),
        (
            PAIRS,
            {"max_length": 12, "layout": Layout(pair_truncation="only_first")},
            "pair_truncation='only_first' cannot cut row 1 to 12 tokens: its other text has 9, and there are "
            "3 special ones; cut both texts (pair_truncation='longest_first'), or let rows have at least 24 "
            "tokens",
        ),
        (
            PAIRS,
            {"max_length": 8, "layout": Layout(pair_truncation="only_second")},
            "pair_truncation='only_second' cannot cut row 0 to 8 tokens: its other text has 5, and there are "
            "3 special ones; cut both texts (pair_truncation='longest_first'), or let rows have at least 9 "
            "tokens",
        ),
        (PAIRS, {"max_tokens": 3}, "max_tokens=3 is less than one row; a batch is at least 4 tokens wide"),
        (
            PAIRS,
            {"max_tokens": 5, "pair": "apart"},
            "max_tokens=5 is less than one row; a batch is at least 6 tokens wide",
        ),
        (
            PAIRS,
            {"max_tokens": 20, "layout": Layout(too_long="error")},
            "1 rows alone are more than max_tokens=20, the first is row 2 with 28 tokens; truncate them",
        ),
        (
            PAIRS,
            {"columns": ["pair_input_ids"]},
            "columns= asks for 'pair_input_ids', which the rows do not have; there are: input_ids, ",
        ),
    ],
)
def test_rows_that_cannot_be_laid_out_so_are_refused_when_the_loader_is_made(rows, options, message):
    split = Rows(numbered([5, 5, 5]), **rows)
    with pytest.raises(LoaderError) as caught:
        BatchLoader(split, **options)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("how", ["only_first", "only_second"])
def test_the_advice_of_the_error_works(how):
    split = Rows(numbered([5, 7, 1]), template=BERT, pair=numbered([3, 9, 20]))
    with pytest.raises(LoaderError) as caught:
        BatchLoader(split, max_length=8, layout=Layout(pair_truncation=how))
    least = int(caught.value.hint.split()[-2])
    BatchLoader(split, max_length=least, layout=Layout(pair_truncation=how))
    with pytest.raises(LoaderError):
        BatchLoader(split, max_length=least - 1, layout=Layout(pair_truncation=how))
    BatchLoader(split, max_length=8, layout=Layout(**{caught.value.option: caught.value.value}))


def test_own_special_tokens_go_with_a_template_that_has_none_of_its_own():
    split = Rows([[5], [6]], template=PLAIN, pair=[[7], [8]])
    layout = Layout(start_id=2, end_id=3)
    assert ids_of(split, layout, [0, 1]).tolist() == [[2, 5, 91, 7, 3], [2, 6, 91, 8, 3]]
    bare = Rows([[5]], template=BERT)
    assert ids_of(bare, Layout(start_id=2, special_tokens=False), [0]).tolist() == [[2, 5]]


def test_token_types_are_a_field_of_pairs_and_there_when_asked_for():
    alone, pairs = Rows([[5]], template=BERT), Rows([[5]], template=BERT, pair=[[7]])
    (batch,) = BatchLoader(pairs)
    assert list(batch) == [
        "input_ids", "attention_mask", "token_type_ids", "lengths", "labels", "row_ids",
    ]  # fmt: skip
    assert batch.token_type_ids.tolist() == [[0, 0, 0, 1, 1]]
    (batch,) = BatchLoader(alone)
    assert "token_type_ids" not in batch
    (batch,) = BatchLoader(alone, columns=["token_type_ids"])
    assert batch.token_type_ids.tolist() == [[0, 0, 0]]


def test_texts_in_memory_are_pairs_too():
    split = EncodedTexts(Ragged.from_rows([[5]]), template=BERT, pair=Ragged.from_rows([[7, 8]]))
    (batch,) = BatchLoader(split)
    assert batch.input_ids.tolist() == [[101, 5, 102, 7, 8, 102]]


@pytest.mark.parametrize(
    "use",
    [
        lambda rows: BatchLoader(rows, pair="apart", as_tuple=True),
        lambda rows: next(BatchLoader(rows, pair="apart").stream()),
        lambda _: Collate(pair="apart", as_tuple=True),
    ],
)
def test_a_tuple_of_one_input_never_drops_second_texts_that_are_apart(use):
    rows = EncodedTexts(Ragged.from_rows([[5, 6], [7]]), pair=Ragged.from_rows([[8], [9]]))
    with pytest.raises(LoaderError, match="with pair='apart' a batch has pair_input_ids, too") as caught:
        use(rows)
    assert caught.value.option == "pair"
