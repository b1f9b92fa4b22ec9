"""What the command line does, in Python: `tp.train`, `tp.Run`, and answers to options that do not exist."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

import textprep as tp
from textprep.config.experiment import config_of, read_config
from textprep.config.options import LoaderOptions, ModelOptions, TrainingOptions
from textprep.errors import ConfigError, DatasetError, PipelineError, RunError

ROWS = [{"text": f"a {word} film, number {n}", "label": word} for n in range(20) for word in ("bad", "good")]
TINY = {"model": {"hidden_dim": 2, "embedding_dim": 4, "word_pairs": 0}, "training": {"epochs": 1}}


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> tp.Run:
    folder = tmp_path_factory.mktemp("run")
    return tp.train(dataset="memory", rows=ROWS, **TINY, run_dir=folder / "run", cache_dir=folder / "cache")


def test_a_run_comes_back_from_its_folder(run) -> None:
    again = tp.Run.load(str(run.path))
    assert again.path == run.path == Path(run.path)
    texts = [row["text"] for row in ROWS]
    assert again.predict(texts) == run.predict(texts)


def test_keywords_a_mapping_and_a_file_say_the_same(tmp_path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,stars\n" + "".join(f'"{row["text"]}",{row["label"]}\n' for row in ROWS))
    (tmp_path / "a.toml").write_text(
        f'dataset = {{ name = "csv", path = "{path}", label = "stars" }}\ntraining = {{ epochs = 1 }}\n'
    )
    mapping = {"dataset": {"name": "csv", "path": str(path), "label": "stars"}, "training": {"epochs": 1}}
    said = [
        config_of(dataset="csv", path=str(path), label="stars", training={"epochs": 1}),
        config_of(mapping),
        config_of(tmp_path / "a.toml"),
        config_of(str(path), label="stars", training={"epochs": 1}),
        config_of(config_of(str(path)), label="stars", training={"epochs": 1}),
        read_config(str(path), ["dataset.label=stars", "training.epochs=1"]),
    ]
    assert {config.model_dump_json() for config in said} == {said[0].model_dump_json()}


def test_keywords_lie_over_what_was_given_one_by_one() -> None:
    base = {"dataset": "memory", "training": {"epochs": 3, "seed": 7}, "tokenizer": {"name": "bpe"}}
    config = config_of(base, training={"epochs": 1}, tokenizer="char")
    assert (config.training.epochs, config.training.seed) == (1, 7)
    assert config.tokenizer.name == "char"
    assert base["training"] == {"epochs": 3, "seed": 7}


@pytest.mark.parametrize(
    ("given", "keywords", "said"),
    [
        ((), {}, "no data set to train on"),
        ((3,), {}, "not int"),
        (("memory",), {"epochs": 1}, r"no option 'epochs'.*did you mean training=\{'epochs'"),
        (("memory",), {"epoch": 1}, r"no option 'epoch'.*did you mean training=\{'epochs'"),
        (("memory",), {"hidden": 1}, r"no option 'hidden'.*did you mean model=\{'hidden_dim'"),
        (("memory",), {"batchsize": 1}, r"no option 'batchsize'.*did you mean loader=\{'batch_size'"),
        (("memory",), {"trainin": {}}, "no option 'trainin': did you mean 'training'"),
        (("memory",), {"lable": "stars"}, "no option 'lable': did you mean 'label'"),
        (("memory",), {"training": {"epoch": 1}}, "no option 'training.epoch': did you mean 'epochs'"),
        (("memory",), {"zzzzzz": 1}, "no option 'zzzzzz'; there are: "),
        (("nowhere.toml",), {}, "there is no configuration file"),
    ],
)
def test_what_cannot_be_trained_is_one_clear_line(given, keywords, said) -> None:
    with pytest.raises(ConfigError, match=said):
        tp.train(*given, **keywords)


def test_threads_may_share_a_run(run) -> None:
    texts = [[row["text"]] for row in ROWS] + [[row["text"] for row in ROWS[:20]]]
    alone = [run.predict(few) for few in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(run.predict, texts * 4))
    assert [[p.label for p in few] for few in together] == [[p.label for p in few] for few in alone] * 4
    assert together[: len(texts)] == alone
    assert not run.model.training


def test_one_text_gets_what_it_gets_among_others(run) -> None:
    texts = ["", "a good film " * 300, *(row["text"] for row in ROWS[:9])]
    together = run.outputs(texts)
    apart = [run.outputs([text])[0] for text in texts]
    assert np.allclose(together, apart, atol=1e-5)


def test_a_text_alone_is_no_list_of_texts(run) -> None:
    with pytest.raises(PipelineError, match=r"predict\(\['a film'\]\)"):
        run.predict("a film")
    assert run.predict([]) == []


def test_a_corpus_is_scored_on_its_test_split_with_classes_in_any_order(run) -> None:
    corpus = tp.load_dataset("memory", rows=ROWS, splits=None)
    turned = tp.load_dataset("memory", rows=ROWS, splits=None, class_names=["good", "bad"])
    whole = run.evaluate(corpus)
    assert whole == run.evaluate(corpus["train"]) == run.evaluate(turned)
    only_good = tp.load_dataset("memory", rows=ROWS[1::2], splits=None)
    assert run.evaluate(only_good)["rows"] == 20
    divided = tp.load_dataset("memory", rows=ROWS, splits={"train": 0.5, "test": 0.5})
    assert run.evaluate(divided) == run.evaluate(divided["test"])
    with pytest.raises(RunError, match="test"):
        run.evaluate(tp.load_dataset("memory", rows=ROWS, splits={"train": 0.5, "validation": 0.5}))
    with pytest.raises(RunError, match="classes bad, good"):
        run.evaluate(tp.load_dataset("memory", rows=[{"text": "a", "label": "ugly"}], splits=None))


def test_an_explanation_prints_what_the_command_prints(run, capsys, monkeypatch) -> None:
    from textprep.cli import main

    said = run.explain("a <b>good</b> film")
    monkeypatch.setattr("sys.argv", ["textprep", "explain", str(run.path), "a <b>good</b> film"])
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().out.strip() == str(said).strip()
    assert json.loads(json.dumps(said.to_json()))["probabilities"].keys() == {"bad", "good"}


PIPELINE = tp.Pipeline(tokenizer=tp.WordTokenizer()).fit(["a film"])
KEYWORDS = {
    "Pipeline": (lambda **o: tp.Pipeline(tokenizer=tp.WordTokenizer(), **o), "step", "steps"),
    "Pipeline.tokenizer": (tp.Pipeline, "tokeniser", "tokenizer"),
    "step": (tp.StripPunctuation, "keeep", "keep"),
    "tokenizer": (tp.BPETokenizer, "vocabsize", "vocab_size"),
    "Layout": (tp.Layout, "maxlength", "max_length"),
    "BatchLoader": (lambda **o: tp.BatchLoader(_split(), **o), "batchsize", "batch_size"),
    "BatchSampler": (lambda **o: tp.BatchSampler([1, 2], **o), "batchsize", "batch_size"),
    "Collate": (tp.Collate, "max_len", "max_length"),
    "RowDataset": (tp.RowDataset, "splits", "split"),
    "load_dataset": (lambda **o: tp.load_dataset("memory", rows=ROWS, **o), "txt", "text"),
    "prepare": (lambda **o: tp.prepare({"train": ["a"]}, PIPELINE, **o), "cachedir", "cache_dir"),
    "train": (tp.train, "datset", "dataset"),
    "TrainingOptions": (TrainingOptions, "epoch", "epochs"),
    "ModelOptions": (ModelOptions, "hidden", "hidden_dim"),
    "LoaderOptions": (LoaderOptions, "batchsize", "batch_size"),
    "AdditiveAttention": (lambda **o: tp.models.AdditiveAttention(4, **o), "unit", "units"),
    "DotAttention": (tp.models.DotAttention, "feature", "features"),
    "MultiHeadAttention": (lambda **o: tp.models.MultiHeadAttention(4, **o), "head", "heads"),
    "EncoderBlock": (lambda **o: tp.models.EncoderBlock(4, 2, **o), "hiden_dim", "hidden_dim"),
    "BidirectionalGRU": (lambda **o: tp.models.BidirectionalGRU(4, **o), "hiden_dim", "hidden_dim"),
    "LearnedPositions": (lambda **o: tp.models.LearnedPositions(4, **o), "maxlength", "max_length"),
    "SinusoidalPositions": (tp.models.SinusoidalPositions, "feature", "features"),
    **{
        model.__name__: (lambda model=model, **o: _small(model, **o), "hiden_dim", "hidden_dim")
        for model in tp.models.MODELS.values()
    },
}


def _small(model, **options):
    """A model of nine tokens, and of two outputs unless it predicts the tokens themselves."""
    return model(9, **options) if model.predicts == "next_token" else model(9, 2, **options)


def _split():
    from textprep.prepared.memory import encode_in_memory

    return encode_in_memory(PIPELINE, ["a film"])


@pytest.mark.parametrize("what", KEYWORDS)
def test_an_option_that_does_not_exist_is_answered_with_the_nearest(what) -> None:
    made, wrong, right = KEYWORDS[what]
    with pytest.raises(tp.TextprepError, match=rf"no option '{wrong}'.*\b{right}\b") as caught:
        made(**{wrong: 1})
    said = str(caught.value)
    assert "did you mean" in said or isinstance(caught.value, DatasetError)
    assert "pydantic" not in said
    assert "\n" not in said


B, T, F = 2, 3, 4
STATES, IDS = torch.randn(B, T, F), torch.tensor([[5, 8, 2], [7, 3, 4]])
MASKED = {
    "AdditiveAttention": (tp.models.AdditiveAttention(F), [STATES]),
    "DotAttention": (tp.models.DotAttention(F), [STATES]),
    "MultiHeadAttention": (tp.models.MultiHeadAttention(F, 2), [STATES] * 3),
    "scaled_dot_product_attention": (tp.models.scaled_dot_product_attention, [STATES] * 3),
    "BidirectionalGRU": (tp.models.BidirectionalGRU(F, 2), [STATES]),
    "EncoderBlock": (tp.models.EncoderBlock(F, 2, 4).eval(), [STATES]),
    **{model.__name__: (_small(model).eval(), [IDS]) for model in tp.models.MODELS.values()},
    "a model of word pairs": (tp.models.GRUClassifier(9, 2, word_pairs=8).eval(), [IDS]),
}


@pytest.mark.parametrize("what", MASKED)
def test_a_mask_may_be_left_out_where_nothing_is_padding(what) -> None:
    layer, inputs = MASKED[what]
    mask = torch.ones((B, 1, T) if what.startswith("scaled") else (B, T), dtype=torch.bool)
    without, with_one = layer(*inputs), layer(*inputs, mask)
    for mine, other in zip(*(x if isinstance(x, tuple) else (x,) for x in (without, with_one)), strict=True):
        assert (mine is None and other is None) or torch.allclose(mine, other)


def test_a_row_a_batch_and_tokens_can_be_looked_at(tmp_path) -> None:
    data = tp.prepare({"train": [("A film.", "b"), ("Dull.", "a"), ("", "a")]}, PIPELINE, cache_dir=tmp_path)
    train = data["train"]
    rows = [train[number] for number in range(len(train))]
    assert rows == list(train)
    assert rows[0] == {"input_ids": PIPELINE.encode("A film."), "length": 3, "label": 1, "row_id": 0}
    assert train[-1] == rows[-1]
    assert json.loads(json.dumps(rows)) == rows
    for beyond in (3, -4):
        with pytest.raises(IndexError):
            train[beyond]
    with pytest.raises(TypeError, match=r"split\.labels"):
        train["label"]
    assert PIPELINE.tokenize("A film.") == ["A", "film", "."]
    (batch,) = train.loader()
    assert "input_ids (3, 3) int64" in repr(batch)
    assert "attention_mask (3, 3) bool" in repr(batch)
    assert repr(batch).endswith("on cpu)")
