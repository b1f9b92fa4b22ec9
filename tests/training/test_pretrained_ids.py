"""Which ids are padding and unknown changes nothing: the same run with a vocabulary in another order.

Ours begins with ``<pad>`` and ``<unk>``. The pretrained one has its unknown token in the middle and its padding
at the end, or neither of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors

import textprep as tp
from textprep.config.experiment import Config
from textprep.config.options import LoaderOptions, ModelOptions, TrainingOptions
from textprep.errors import ConfigError
from textprep.testing import assert_padding_invariant
from textprep.training.build_model import build_model
from textprep.training.runs.loaders import scoring_loader, training_loader
from textprep.training.scoring.ridge import ridge_predictions
from textprep.training.targets import objective_of
from textprep.training.trainer import fit, predict_outputs

WORDS = ("fine", "good", "dull", "bad", "film", "plot", "a", "the", "very", "not")
UNKNOWN = "zebra"
EXTRAS = {"middle and last": ("[UNK]", "[PAD]"), "neither": ()}
every_order = pytest.mark.parametrize("order", EXTRAS)
every_pair = pytest.mark.parametrize("pairs", [False, True], ids=["texts", "pairs"])


def ids_of(order: str) -> dict[str, int]:
    """Words backwards, with the unknown token among them and padding behind them."""
    words: list[str] = sorted(WORDS, reverse=True)
    words = [*words, "[SEP]"] if order == "neither" else [*words[:4], "[UNK]", *words[4:], "[SEP]", "[PAD]"]
    return {word: number for number, word in enumerate(words)}


def pretrained(order: str, *, specials: bool = False) -> Tokenizer:
    ids = ids_of(order)
    backend = Tokenizer(models.WordLevel(ids, unk_token="[UNK]") if "[UNK]" in ids else models.WordLevel(ids))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    if "[PAD]" in ids:
        backend.enable_padding(pad_id=ids["[PAD]"], pad_token="[PAD]")
    sep = ("[SEP]", ids["[SEP]"])
    single, pair = ("$A [SEP]", "$A [SEP] $B:1 [SEP]:1") if specials else ("$A", "$A [SEP] $B:1")
    backend.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=[sep])
    return backend


def rows_of(order: str, pairs: bool, number: bool) -> dict[str, list[dict[str, Any]]]:
    generator = np.random.default_rng(0)
    words = [*WORDS] * 3 + ([] if order == "neither" else [UNKNOWN])  # rare, so that ours leaves it out

    def text() -> str:
        return " ".join(generator.choice(words, generator.integers(1, 9)))

    def row() -> dict[str, Any]:
        texts = {"text": text(), "second": text()} if pairs else {"text": text()}
        all_words = " ".join(texts.values()).split()
        value = sum(word in ("fine", "good") for word in all_words) - sum(
            w in ("dull", "bad") for w in all_words
        )
        return {**texts, "label": float(value) if number else ("yes" if value > 0 else "no")}

    head = [
        {"text": " ".join(WORDS), "label": 0.0 if number else "no"} | ({"second": "film"} if pairs else {})
    ]
    made = {"train": head + [row() for _ in range(60)]}
    return made | {name: [row() for _ in range(20)] for name in ("validation", "test")}


class Both:
    """The same data with our vocabulary and with a pretrained one."""

    def __init__(self, order: str, pairs: bool, cache: Any, number: bool = False) -> None:
        reading = {"pair": "second"} if pairs else {}
        corpus = tp.load_dataset(
            "memory", rows=rows_of(order, pairs, number), target="number" if number else "class", **reading
        )
        known = tp.Pipeline(steps=[], tokenizer=tp.WordTokenizer(max_size=len(WORDS) + 2 + pairs))
        theirs = tp.Pipeline(steps=[], tokenizer=tp.HuggingFaceTokenizer.of(pretrained(order)))
        self.ours, self.theirs = (tp.prepare(corpus, each, cache_dir=cache) for each in (known, theirs))
        self.objective = objective_of(objective_of(self.ours.target).learned(self.ours["train"]))
        mine, others = self.ours.pipeline.vocabulary, ids_of(order)
        names = {"<pad>": "[PAD]", "<unk>": "[UNK]", "<sep>": "[SEP]"}
        there = [(mine[token], others.get(names.get(token, token))) for token in mine.tokens]
        self.mine, self.places = (
            list(each) for each in zip(*(p for p in there if p[1] is not None), strict=True)
        )

    def models(self, options: ModelOptions) -> tuple[Any, Any]:
        """Ours, and one with the same weights, a token's where it is."""
        ours, theirs = (
            build_model(options, data, self.objective, seed=0) for data in (self.ours, self.theirs)
        )
        state = {name: each for name, each in ours.state_dict().items() if not self.is_table(name)}
        theirs.load_state_dict(state, strict=False)
        with torch.no_grad():
            theirs.embedding.weight[self.places] = ours.embedding.weight[self.mine]
        return ours, theirs

    @staticmethod
    def is_table(name: str) -> bool:
        return name in ("embedding.weight", "bag.of_tokens.weight")


MODEL = ModelOptions(embedding_dim=16, hidden_dim=6, word_pairs=1)


@every_pair
@every_order
@pytest.mark.parametrize("name", ["gru", "gru_attention", "transformer"])
def test_training_and_prediction_do_not_depend_on_the_order_of_ids(order, pairs, name, tmp_path) -> None:
    both = Both(order, pairs, tmp_path)
    options = TrainingOptions(
        epochs=3,
        device="cpu",
        word_dropout=0.2 if order != "neither" else 0,
        learning_rate=1e-3,
        adversarial=0,
    )
    config = Config(dataset="memory", loader=LoaderOptions(batch_size=16, max_length=9), training=options)
    models = both.models(MODEL.model_copy(update={"name": name}))
    outputs = []
    for model, data in zip(models, (both.ours, both.theirs), strict=True):
        history = fit(
            model, training_loader(data["train"], config), scoring_loader(data["validation"], config), options,
            target=both.objective.target, unk_id=data.pipeline.vocabulary.unk_id, progress=False,
        )  # fmt: skip
        rows = predict_outputs(model, scoring_loader(data["test"], config), "cpu").in_order()
        outputs.append((history.epochs[-1].train["loss"], rows.values))
        assert_padding_invariant(model, pairs=pairs)
    assert outputs[0][0] == pytest.approx(outputs[1][0], abs=1e-4)
    np.testing.assert_allclose(outputs[0][1], outputs[1][1], atol=1e-3)


@every_pair
@every_order
def test_weights_start_at_the_same_for_the_same_tokens(order, pairs, tmp_path) -> None:
    both = Both(order, pairs, tmp_path)
    options = MODEL.model_copy(update={"naive_bayes": True})
    ours, theirs = (build_model(options, data, both.objective, seed=0) for data in (both.ours, both.theirs))
    sizes = [len(data.pipeline.vocabulary) for data in (both.ours, both.theirs)]
    for text in range(1 + pairs):  # the second text has weights of its own
        mine, others = (
            model.bag.of_tokens.weight[size * text :][places]
            for model, size, places in zip((ours, theirs), sizes, (both.mine, both.places), strict=True)
        )
        torch.testing.assert_close(mine, others)
        assert mine.any()
    torch.testing.assert_close(ours.embedding.weight[both.mine, 0], theirs.embedding.weight[both.places, 0])
    plain = MODEL.model_copy(update={"naive_bayes": False, "embedding_dim": len(WORDS)})
    near = []  # how alike tokens are: the vectors themselves may be turned
    for data, places in ((both.ours, both.mine), (both.theirs, both.places)):
        vectors = build_model(plain, data, both.objective, seed=0).embedding.weight[places].detach()
        words = [
            place for place, i in enumerate(both.mine) if both.ours.pipeline.vocabulary.tokens[i] in WORDS
        ]
        near.append(vectors[words] @ vectors[words].T)
    torch.testing.assert_close(*near, atol=1e-4, rtol=1e-3)
    for model, data in ((ours, both.ours), (theirs, both.theirs)):
        assert model.embedding.padding_idx == data.pipeline.vocabulary.pad_id
        if model.embedding.padding_idx is not None:
            assert not model.embedding.weight[model.embedding.padding_idx].any()


@every_pair
@every_order
def test_ridge_regression_is_the_same(order, pairs, tmp_path) -> None:
    both = Both(order, pairs, tmp_path, number=True)
    ours, theirs = (ridge_predictions(data, "test") for data in (both.ours, both.theirs))
    np.testing.assert_allclose(ours, theirs, atol=1e-8)
    assert np.std(ours) > 0.1


def test_a_word_cannot_be_dropped_where_there_is_no_unknown_token(tmp_path) -> None:
    both = Both("neither", False, tmp_path)
    config = Config(dataset="memory")
    model = build_model(MODEL, both.theirs, both.objective, seed=0)
    with pytest.raises(
        ConfigError, match="word_dropout makes words unknown, and the vocabulary has no token"
    ):
        fit(
            model, training_loader(both.theirs["train"], config), None, TrainingOptions(word_dropout=0.1, device="cpu"),
            unk_id=both.theirs.pipeline.vocabulary.unk_id, progress=False,
        )  # fmt: skip


@every_order
def test_special_tokens_of_a_template_say_nothing_at_first(order, tmp_path) -> None:
    corpus = tp.load_dataset("memory", rows=rows_of(order, False, False))
    pipeline = tp.Pipeline(steps=[], tokenizer=tp.HuggingFaceTokenizer.of(pretrained(order, specials=True)))
    data = tp.prepare(corpus, pipeline, cache_dir=tmp_path)
    model = build_model(MODEL, data, objective_of(data.target), seed=0)
    assert not model.bag.of_tokens.weight[ids_of(order)["[SEP]"]].any()
