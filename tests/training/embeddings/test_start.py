"""Where embeddings start: naive Bayes as its formula says, vectors as their file says."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest
import torch

import textprep as tp
from textprep.config.options import ModelOptions
from textprep.errors import ConfigError
from textprep.models.bag import PACE
from textprep.models.vectors import read_vectors
from textprep.training.embeddings import start
from textprep.training.embeddings.log_count_ratios import log_count_ratios
from textprep.training.embeddings.start import build_model


def small(**options: object) -> ModelOptions:
    return ModelOptions(**{"embedding_dim": 4, "hidden_dim": 3, **options})


def test_the_first_feature_starts_at_them_and_the_rest_at_chance(data):
    plain, started = (build_model(small(naive_bayes=on), data, seed=3) for on in (False, True))
    ratios = log_count_ratios(data["train"], len(data.pipeline.vocabulary), 2)
    torch.testing.assert_close(started.embedding.weight[:, 0], torch.from_numpy(ratios[:, 0]).float())
    assert torch.equal(plain.embedding.weight[:, 1:], started.embedding.weight[:, 1:])
    assert started.embedding.weight[0].abs().sum() == 0
    with pytest.raises(ConfigError, match=r"set model.embedding_dim=2"):
        build_model(small(naive_bayes=True, embedding_dim=1), data, seed=0)


@pytest.mark.parametrize("multi_label", [False, True])
def test_a_bag_starts_at_what_the_training_split_says(multi_label, rows, tmp_path):
    rows = [
        {"text": text, "label": label, "yes": int(label == "yes"), "no": int(label == "no")}
        for text, label in rows
    ]
    labels = {"label": ["no", "yes"], "multi_label": True} if multi_label else {}
    corpus = tp.load_dataset("memory", rows=rows, splits=None, **labels)
    data = tp.prepare(corpus, tp.Pipeline(steps=[], tokenizer=tp.WordTokenizer()), cache_dir=tmp_path)
    said: list[str] = []
    bag = build_model(small(word_pairs=8), data, seed=0, report=said.append).bag
    assert "of pairs in 8 rows" in said[-1]
    good, bad = (data.pipeline.vocabulary[word] for word in ("good", "bad"))
    no, yes = bag.of_tokens.weight.T
    assert yes[good] > 0 > no[good]
    assert no[bad] > 0 > yes[bad]
    torch.testing.assert_close(yes, -no)  # of two classes, what speaks for one speaks against the other
    assert not bag.of_tokens.weight[:2].any()
    assert not bag.of_pairs.weight.any()


def test_a_large_split_doubts_what_few_of_its_texts_say(data, monkeypatch):
    rows = len(data["train"])
    weights = {}
    for texts_a_doubt in (rows + 1, rows, 1):
        monkeypatch.setattr(start, "TEXTS_A_DOUBT", texts_a_doubt)
        bag = build_model(small(word_pairs=8), data, seed=0).bag
        expected = log_count_ratios(
            data["train"], len(data.pipeline.vocabulary), 2, doubt=rows // texts_a_doubt
        )
        weights[texts_a_doubt] = bag.of_tokens.weight[:, 1]
        scale = start.BAG_SCALE / PACE
        torch.testing.assert_close(weights[texts_a_doubt], torch.from_numpy(expected[:, 0] * scale).float())
    assert weights[1].abs().sum() < weights[rows].abs().sum() < weights[rows + 1].abs().sum()


VECTORS = "good 1 2\nfilm 3 4\nBAD 5 6\nfilm 7 8\nothers 9 9\n"


@pytest.mark.parametrize("form", ["glove", "word2vec", "gz", "package"])
def test_vectors_are_those_of_the_file(form, tmp_path, monkeypatch):
    tokens = ["<pad>", "<unk>", "good", "Good", "film", "bad", "plot"]
    path = tmp_path / "vectors.txt"
    path.write_text(("5 2\n" if form == "word2vec" else "") + VECTORS)
    source = str(path)
    if form == "gz":
        source = f"{path}.gz"
        Path(source).write_bytes(gzip.compress(path.read_bytes()))
    elif form == "package":
        (tmp_path / "some_vectors").mkdir()
        (tmp_path / "some_vectors" / "__init__.py").write_text("raise RuntimeError('it is never imported')")
        path.rename(tmp_path / "some_vectors" / "vectors.txt")
        monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
        source = "package:some_vectors/vectors.txt"
    vectors = read_vectors(source, tokens)
    assert vectors.matrix.tolist() == [[0, 0], [0, 0], [1, 2], [1, 2], [3, 4], [0, 0], [0, 0]]
    assert vectors.found.tolist() == [False, False, True, True, True, False, False]
    counts = {"good": 3, "Good": 1, "film": 4, "plot": 2}
    assert vectors.coverage(tokens, counts) == (
        "3 of 7 tokens have a pretrained vector, 80.0% of the words of the training text"
    )


def test_an_exact_spelling_wins_over_lower_case(tmp_path):
    (tmp_path / "v.txt").write_text("film 1 1\nFilm 2 2\nof course 3 3\n")
    tokens = ["Film", "FILM", "of course"]
    assert read_vectors(str(tmp_path / "v.txt"), tokens).matrix.tolist() == [[2, 2], [1, 1], [3, 3]]


def test_a_model_starts_from_vectors_frozen_or_trained(data, tmp_path):
    (tmp_path / "v.txt").write_text(VECTORS.replace("others", "odd"))
    lines = []
    options = small(vectors=str(tmp_path / "v.txt"), embedding_dim=2, freeze_embeddings=True)
    model = build_model(options, data, seed=0, report=lines.append)
    weight = model.embedding.weight
    assert weight[data.pipeline.vocabulary["good"]].tolist() == [1, 2]
    assert weight[0].tolist() == [0, 0]
    assert not weight.requires_grad
    assert lines[0].startswith("4 of 8 tokens")
    with pytest.raises(ConfigError, match=r"set model.embedding_dim=2"):
        build_model(small(vectors=str(tmp_path / "v.txt")), data, seed=0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("good 1 2\nfilm 3\n", "v.txt, line 2: .*a token and 2 numbers"),
        ("good 1 x\n", "v.txt, line 1: .*a token and 2 numbers"),
        ("good 1 2\nfilm 3 nan\n", "v.txt, line 2: not every number is finite"),
        ("other 1 2\n", "none of the 2 tokens"),
        (None, "there is no file of vectors"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(content, message, tmp_path):
    if content is not None:
        (tmp_path / "v.txt").write_text(content)
    with pytest.raises(ConfigError, match=message):
        read_vectors(str(tmp_path / "v.txt"), ["good", "film"])


def test_a_package_that_is_not_there_is_named():
    with pytest.raises(ConfigError, match="'no_such_package' is not installed"):
        read_vectors("package:no_such_package/v.txt", ["good"])
    with pytest.raises(ConfigError, match=r"'textprep' has no file v.txt"):
        read_vectors("package:textprep/v.txt", ["good"])
