"""Where weights start: token scores as their formula says, vectors as their file says."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import textprep as tp
from textprep.config.options import ModelOptions
from textprep.errors import ConfigError
from textprep.models.bag import PACE
from textprep.prepared.dataset import PreparedDataset
from textprep.training.build_model import build_model
from textprep.training.embeddings.log_count_ratios import log_count_ratios
from textprep.training.targets import objective_of
from textprep.training.targets.one_class import BAG_SCALE


def small(**options: object) -> ModelOptions:
    return ModelOptions(**{"embedding_dim": 4, "hidden_dim": 3, **options})


def ratios_of_yes(data: PreparedDataset, shrinkage: float = 0) -> np.ndarray:
    """(V,) the log-count ratios of the second class."""
    hot = np.eye(2, dtype=np.int64)[data["train"].labels]
    return log_count_ratios(data["train"], hot, len(data.pipeline.vocabulary), shrinkage=shrinkage)[:, 1]


def test_the_first_feature_starts_at_them_and_the_rest_at_chance(data):
    plain, started = (
        build_model(small(naive_bayes=on), data, objective_of(data.target), seed=3) for on in (False, True)
    )
    scores = ratios_of_yes(data)
    torch.testing.assert_close(started.embedding.weight[:, 0], torch.from_numpy(scores).float())
    assert torch.equal(plain.embedding.weight[:, 1:], started.embedding.weight[:, 1:])
    assert started.embedding.weight[0].abs().sum() == 0
    with pytest.raises(ConfigError, match=r"set model.embedding_dim=2"):
        build_model(small(naive_bayes=True, embedding_dim=1), data, objective_of(data.target), seed=0)


@pytest.mark.parametrize("target", ["class", "classes"])
def test_a_bag_starts_at_what_the_training_split_says(target, rows, tmp_path):
    rows = [
        {"text": text, "label": label, "yes": int(label == "yes"), "no": int(label == "no")}
        for text, label in rows
    ]
    label = ["no", "yes"] if target == "classes" else "label"
    corpus = tp.load_dataset("memory", rows=rows, splits=None, target=target, label=label)
    data = tp.prepare(corpus, tp.Pipeline(steps=[], tokenizer=tp.WordTokenizer()), cache_dir=tmp_path)
    said: list[str] = []
    bag = build_model(small(word_pairs=8), data, objective_of(data.target), seed=0, report=said.append).bag
    assert "of pairs of tokens in 8 rows" in said[-1]
    good, bad = (data.pipeline.vocabulary[word] for word in ("good", "bad"))
    no, yes = bag.of_tokens.weight.T
    assert yes[good] > 0 > no[good]
    assert no[bad] > 0 > yes[bad]
    torch.testing.assert_close(yes, -no)  # of two classes, what speaks for one speaks against the other
    assert not bag.of_tokens.weight[:2].any()
    assert not bag.of_pairs.weight.any()


def test_a_large_split_shrinks_what_few_of_its_texts_say(data, monkeypatch):
    rows = len(data["train"])
    weights = {}
    for texts in (rows + 1, rows, 1):
        monkeypatch.setattr("textprep.training.build_model.TEXTS_A_SHRINKAGE", texts)
        bag = build_model(small(word_pairs=8), data, objective_of(data.target), seed=0).bag
        expected = ratios_of_yes(data, shrinkage=rows // texts) * BAG_SCALE / PACE
        weights[texts] = bag.of_tokens.weight[:, 1]
        torch.testing.assert_close(weights[texts], torch.from_numpy(expected).float())
    assert weights[1].abs().sum() < weights[rows].abs().sum() < weights[rows + 1].abs().sum()


def test_a_model_starts_from_vectors_frozen_or_trained(data, tmp_path):
    (tmp_path / "v.txt").write_text("good 1 2\nfilm 3 4\nBAD 5 6\nodd 9 9\n")
    lines = []
    options = small(vectors=str(tmp_path / "v.txt"), embedding_dim=2, freeze_embeddings=True)
    model = build_model(options, data, objective_of(data.target), seed=0, report=lines.append)
    weight = model.embedding.weight
    assert weight[data.pipeline.vocabulary["good"]].tolist() == [1, 2]
    assert weight[0].tolist() == [0, 0]
    assert not weight.requires_grad
    assert lines[0].startswith("4 of 8 tokens")
    with pytest.raises(ConfigError, match=r"set model.embedding_dim=2"):
        build_model(small(vectors=str(tmp_path / "v.txt")), data, objective_of(data.target), seed=0)
