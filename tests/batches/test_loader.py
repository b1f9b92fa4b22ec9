from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from textprep.errors import LoaderError
from textprep.prepared.prepare import prepare

WORDS = ["a", "great", "film", "with", "some", "dull", "parts", "and", "one", "good", "joke"]
TEXTS = [" ".join(WORDS[: number % len(WORDS)]) for number in range(70)]  # 0 to 10 tokens


@pytest.fixture(scope="module")
def split(tmp_path_factory):
    rows = [(text, ("bad", "good")[number % 2]) for number, text in enumerate(TEXTS)]
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer())
    return prepare({"train": rows}, pipeline, cache_dir=tmp_path_factory.mktemp("cache"))["train"]


def served(loader):
    return [row for batch in loader for row in batch.row_ids.tolist()]


def test_a_batch_holds_the_rows_padded_to_the_longest(split):
    (batch,) = islice(split.loader(batch_size=8), 1)
    assert batch.row_ids.tolist() == split.row_ids[:8].tolist()
    assert batch.input_ids.shape == (8, 7)
    assert batch.lengths.tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    for row in range(8):
        length = int(batch.lengths[row])
        assert batch.input_ids[row, :length].tolist() == split.ids(row).tolist()
        assert batch.input_ids[row, length:].eq(0).all()
    assert torch.equal(batch.attention_mask.sum(1), batch.lengths)
    assert torch.equal(batch.attention_mask, batch.input_ids != 0)
    assert batch.labels.tolist() == split.labels[:8].tolist()


def test_types_are_what_models_take(split):
    (batch,) = islice(split.loader(), 1)
    dtypes = {name: tensor.dtype for name, tensor in batch.items()}
    assert dtypes.pop("attention_mask") == torch.bool
    assert set(dtypes.values()) == {torch.int64}


@given(
    batch_size=st.integers(1, 80),
    max_length=st.none() | st.integers(1, 12),
    truncation=st.sampled_from(["head", "tail", "head_tail"]),
    shuffle=st.booleans(),
    by_length=st.none() | st.booleans(),
    seed=st.integers(0, 5),
    drop_last=st.booleans(),
)
def test_every_row_comes_once_whole_or_truncated(split, truncation, **options):
    loader = split.loader(**options, layout=tp.Layout(truncation=truncation))
    batches = list(loader)
    assert len(batches) == len(loader)
    rows = [row for batch in batches for row in batch.row_ids.tolist()]
    left_out = len(split) % options["batch_size"] if options["drop_last"] else 0
    assert len(rows) == len(set(rows)) == len(split) - left_out
    for batch in batches:
        assert batch.input_ids.shape[1] == max(1, int(batch.lengths.max()))
        for ids, mask, row in zip(batch.input_ids, batch.attention_mask, batch.row_ids, strict=True):
            expected = truncated(split.ids(int(row)).tolist(), options["max_length"], truncation)
            assert ids[mask].tolist() == expected


def truncated(ids, longest, way):
    """The slow, plain definition."""
    if longest is None or len(ids) <= longest:
        return ids
    first = {"head": longest, "tail": 0, "head_tail": (longest + 1) // 2}[way]
    last = longest - first
    return ids[:first] + (ids[-last:] if last else [])


def test_each_epoch_has_its_own_order_by_itself_and_can_be_set(split):
    loader = split.loader(batch_size=4, shuffle=True, seed=1)
    first, second, third = served(loader), served(loader), served(loader)
    assert loader.epoch == 3
    assert first != second != third != first
    loader.set_epoch(1)
    assert served(loader) == second
    assert served(loader) == third
    again = split.loader(batch_size=4, shuffle=True, seed=1)
    assert served(again) == first
    assert served(split.loader(batch_size=4, shuffle=True, seed=2)) != first


def test_who_takes_as_many_batches_as_there_are_and_asks_for_no_more_has_had_an_epoch(split):
    """Lightning does."""
    one, other = (split.loader(batch_size=4, shuffle=True) for _ in range(2))
    for _ in range(3):
        taken = [row for batch in islice(one, len(one)) for row in batch.row_ids.tolist()]
        assert taken == served(other)


def test_a_pass_that_is_broken_off_starts_again(split):
    loader = split.loader(batch_size=4, shuffle=True)
    begun = [row for batch in islice(loader, 3) for row in batch.row_ids.tolist()]
    assert loader.epoch == 0
    assert served(loader)[:12] == begun


def test_order_is_kept_without_shuffling(split):
    assert served(split.loader(batch_size=4)) == split.row_ids.tolist()


def test_shuffling_makes_batches_of_similar_length_unless_told_not_to(split):
    def tokens(**options):
        return sum(batch.input_ids.numel() for batch in split.loader(batch_size=4, shuffle=True, **options))

    assert tokens() == tokens(by_length=True) < tokens(by_length=False)


def test_empty_texts_are_one_masked_token_wide(tmp_path):
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer()).fit(["film"])
    (batch,) = prepare({"train": ["", " "]}, pipeline, cache_dir=tmp_path)["train"].loader()
    assert batch.input_ids.tolist() == [[0], [0]]
    assert not batch.attention_mask.any()
    assert batch.lengths.tolist() == [0, 0]


def test_rows_without_a_label_have_the_label_that_torch_ignores(tmp_path):
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer())
    (batch,) = prepare({"train": ["a film", "dull"]}, pipeline, cache_dir=tmp_path)["train"].loader()
    assert batch.labels.tolist() == [torch.nn.CrossEntropyLoss().ignore_index] * 2


def test_batches_are_the_users_own(split):
    before = split.labels.copy(), split.row_ids.copy(), split.lengths.copy(), split.ids(9).copy()
    for batch in split.loader(max_length=5):
        for tensor in batch.values():
            tensor.zero_()
    after = split.labels, split.row_ids, split.lengths, split.ids(9)
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "option 'batch_size': Input should be greater than or equal to 1 (given 0)"),
        ({"batch_size": 2.0}, "option 'batch_size': Input should be a valid integer (given 2.0)"),
        ({"batch_size": True}, "option 'batch_size': Input should be a valid integer (given True)"),
        ({"max_length": 0}, "option 'max_length': Input should be greater than or equal to 1 (given 0)"),
        ({"seed": -1}, "option 'seed': Input should be greater than or equal to 0 (given -1)"),
        ({"seed": None}, "option 'seed': Input should be a valid integer (given None)"),
        (
            {"truncation": "tail"},
            "a loader has no option 'truncation'; it is one of Layout: give layout=Layout(truncation='tail')",
        ),
    ],
)
def test_a_bad_option_is_one_clear_line(split, options, message):
    with pytest.raises(LoaderError) as caught:
        split.loader(**options)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert caught.value.option == ("layout" if "truncation" in options else next(iter(options)))


def test_a_bad_epoch_is_refused(split):
    with pytest.raises(LoaderError, match="epoch=-1 cannot be used"):
        split.loader().set_epoch(-1)


def test_integers_of_numpy_are_integers(split):
    loader = split.loader(batch_size=np.int64(7), max_length=np.int32(3), seed=np.uint8(2))
    assert len(loader) == 10
    assert "10 batches of 7" in repr(loader)
