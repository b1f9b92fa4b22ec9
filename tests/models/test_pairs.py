"""Classifiers that compare two texts, and vocabularies whose padding is anywhere."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from textprep.errors import ConfigError, TextprepError
from textprep.models import MODELS, TextClassifier
from textprep.models.bag import PACE
from textprep.testing import assert_padding_invariant

VOCABULARY = 50
KINDS = {
    "gru": {"name": "gru"},
    "additive": {"name": "gru_attention"},
    "word pairs": {"name": "gru_attention", "word_pairs": 64},
    "dot": {"name": "gru_attention", "attention": "dot"},
    "multihead": {"name": "gru_attention", "attention": "multihead", "heads": 2},
    "transformer": {"name": "transformer", "heads": 2, "layers": 2},
}
every_kind = pytest.mark.parametrize("kind", KINDS)
every_padding = pytest.mark.parametrize("pad_id", [0, 17, VOCABULARY - 1, None])
texts = st.lists(st.integers(1, VOCABULARY - 1), max_size=6)


def make_model(kind: str, *, pairs: bool = True, **more: object) -> TextClassifier:
    torch.manual_seed(0)
    options = {"embedding_dim": 6, "hidden_dim": 4, **KINDS[kind], **more}
    model = MODELS[options.pop("name")](VOCABULARY, 3, pairs=pairs, **options)
    if model.bag:
        for table in (model.bag.of_tokens, model.bag.of_pairs):
            nn.init.normal_(table.weight)
    return model.eval()


def batch_of(
    rows: list[tuple[list[int], list[int]]], *, left: bool = False, beyond: int = 0
) -> dict[str, Tensor]:
    width = max(1, *(len(first + second) for first, second in rows)) + beyond
    batch = {
        name: torch.zeros(len(rows), width, dtype=torch.int64)
        for name in ("input_ids", "attention_mask", "token_type_ids")
    }
    for place, (first, second) in enumerate(rows):
        length = len(first + second)
        where = slice(width - length, width) if left else slice(0, length)
        batch["input_ids"][place, where] = torch.tensor(first + second, dtype=torch.int64)
        batch["attention_mask"][place, where] = 1
        batch["token_type_ids"][place, where] = torch.tensor([0] * len(first) + [1] * len(second))
    return batch


def of_tokens(weights: Tensor, places: Tensor) -> Tensor:
    """The weights (T,) or (…, T, T) of one row, at some places."""
    return weights[places] if weights.ndim == 1 else weights[..., places, :][..., places]


@every_padding
@every_kind
def test_padding_is_never_read(kind, pad_id) -> None:
    for pairs in (False, True):
        model = make_model(kind, pad_id=pad_id, pairs=pairs)
        assert_padding_invariant(model, pairs=pairs)
        assert model.embedding.padding_idx == pad_id
        assert type(model)(**model.options()).options() == model.options()


@every_padding
def test_padding_is_known_without_a_mask(pad_id) -> None:
    model, ids = make_model("additive", pairs=False, pad_id=pad_id), torch.tensor([[5, 8, 2]])
    padded = ids if pad_id is None else nn.functional.pad(ids, (0, 3), value=pad_id)
    torch.testing.assert_close(model(padded), model(ids))


@every_kind
@settings(max_examples=20, deadline=None)
@given(
    rows=st.lists(st.tuples(texts, texts), min_size=1, max_size=4),
    left=st.booleans(),
    beyond=st.integers(0, 3),
)
def test_logits_attention_and_contributions_do_not_depend_on_the_batch(kind, rows, left, beyond) -> None:
    model, batch = make_model(kind), batch_of(rows, left=left, beyond=beyond)
    with torch.inference_mode():
        together, weights = model(**batch, return_attention=True)
        added = model.contributions(**batch)
        for place, row in enumerate(rows):
            alone, own = model(**batch_of([row]), return_attention=True)
            torch.testing.assert_close(together[place], alone[0], atol=1e-5, rtol=0)
            real = batch["attention_mask"][place].bool()
            count = int(real.sum())
            if weights is not None:
                seen, expected = of_tokens(weights[place], real), of_tokens(own[0], torch.arange(count))
                torch.testing.assert_close(seen, expected, atol=1e-5, rtol=0)
                torch.testing.assert_close(weights[place].sum(), seen.sum())  # none on padding
            if added is not None:
                expected = model.contributions(**batch_of([row]))[0][0][:count]
                torch.testing.assert_close(added[0][place][real], expected)
    assert together.isfinite().all()


@every_kind
def test_attention_stays_within_a_text_and_sums_to_one_in_each(kind) -> None:
    model, batch = make_model(kind), batch_of([([5, 6, 7], [8, 9]), ([5], []), ([], [])])
    weights = model(**batch, return_attention=True)[1]
    if weights is None:
        return
    first, second = (batch["token_type_ids"] == text for text in (0, 1))
    if weights.ndim == 2:
        sums = [(weights * of).sum(dim=1) for of in (first, second)]
        torch.testing.assert_close(torch.stack(sums), torch.tensor([[1.0, 1, 0], [1, 0, 0]]))
        return
    assert not weights[0][..., :3, 3:].any() and not weights[0][..., 3:, :3].any()  # noqa: PT018
    torch.testing.assert_close(weights[0].sum(-1), torch.ones_like(weights[0].sum(-1)))


def test_a_linear_model_tells_the_texts_apart_and_pairs_no_word_across_them() -> None:
    model = make_model("word pairs")
    (tokens, pairs), bag = model.contributions(**batch_of([([5, 6], [5, 7])])), model.bag
    scale = PACE / math.sqrt(4)
    torch.testing.assert_close(tokens[0, 0], bag.of_tokens.weight[5].double() * scale)
    torch.testing.assert_close(tokens[0, 2], bag.of_tokens.weight[VOCABULARY + 5].double() * scale)
    assert pairs[0, 0].any() and not pairs[0, 1].any() and pairs[0, 2].any()  # noqa: PT018


@settings(max_examples=20, deadline=None)
@given(rows=st.lists(st.tuples(texts, texts), min_size=1, max_size=4))
def test_contributions_are_all_that_the_linear_model_adds(rows) -> None:
    model, batch = make_model("word pairs"), batch_of(rows)
    with torch.inference_mode():
        tokens, pairs = model.contributions(**batch)
        whole = model(**batch)
        for table in (model.bag.of_tokens, model.bag.of_pairs):
            nn.init.zeros_(table.weight)
        without = model(**batch)
    torch.testing.assert_close(tokens.sum(1) + pairs.sum(1), (whole - without).double(), atol=1e-4, rtol=1e-4)


def test_the_order_of_the_texts_matters() -> None:
    model = make_model("additive")
    with torch.inference_mode():
        one, other = model(**batch_of([([5, 6, 7], [8, 9])])), model(**batch_of([([8, 9], [5, 6, 7])]))
    assert not torch.allclose(one, other)


def test_what_is_missing_or_wrong_is_named() -> None:
    ids = torch.tensor([[5, 8]])
    with pytest.raises(ConfigError, match="compares two texts, and token_type_ids, which tell them apart"):
        make_model("gru")(ids)
    with pytest.raises(TextprepError, match="input_ids and token_type_ids of one shape"):
        make_model("gru")(ids, token_type_ids=torch.tensor([[0]]))
    for wrong in (-1, VOCABULARY, True, "0"):
        with pytest.raises(ConfigError, match=r"pad_id is .*: it must be an id, from 0 to 49, or None"):
            make_model("gru", pad_id=wrong)
    with pytest.raises(ConfigError, match="pairs is 1: it must be True or False"):
        MODELS["gru"](VOCABULARY, 2, pairs=1)
    assert_padding_invariant(make_model("gru", pairs=False))  # type ids are of no interest to it
    make_model("gru", pairs=False)(ids, token_type_ids=torch.tensor([[0, 1]]))
