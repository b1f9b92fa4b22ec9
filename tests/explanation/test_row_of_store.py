"""The row that a pipeline explains is the one that the loader of a prepared store serves, whatever the tokenizer."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer as HFTokenizer
from tokenizers import decoders, models, pre_tokenizers, processors, trainers

import textprep as tp

ROWS = [
    {"text": f"A <b>player</b> sings {n} " + "la " * (n % 9), "pair": f"NOBODY sings {'lo ' * (n % 7)}!"}
    for n in range(20)
] + [{"text": "", "pair": "é 🎬"}, {"text": "…", "pair": ""}]


def byte_level() -> HFTokenizer:
    """Byte-level BPE with a template of its own, padding last and no unknown token."""
    made = HFTokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<s>", "</s>"],
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    made.train_from_iterator([row["text"] + row["pair"] for row in ROWS], trainer)
    made.add_special_tokens(["<pad>"])
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B:1 </s>:1", special_tokens=[("<s>", 0), ("</s>", 1)]
    )
    return made


TOKENIZERS = {
    "word": tp.WordTokenizer,
    "char": tp.CharTokenizer,
    "bpe": lambda: tp.BPETokenizer(vocab_size=60),
    "byte-level": lambda: tp.HuggingFaceTokenizer.of(byte_level()),
    "byte-level without special tokens": lambda: tp.HuggingFaceTokenizer.of(
        byte_level(), special_tokens=False
    ),
}


@pytest.mark.parametrize("has_pair", [True, False])
@pytest.mark.parametrize("kind", TOKENIZERS)
def test_it_is_the_row_that_a_store_serves(kind, has_pair, tmp_path):
    texts = ["text", "pair"] if has_pair else ["text"]
    corpus = tp.load_dataset(
        "memory", rows=ROWS, splits=None, label=None, **({"pair": "pair"} if has_pair else {})
    )
    pipeline = tp.Pipeline([tp.StripMarkup(), tp.Lowercase()], tokenizer=TOKENIZERS[kind]())
    data = tp.prepare(corpus, pipeline, cache_dir=tmp_path)
    for options in (
        {"max_length": 9, "truncation": "head_tail"},
        {"max_length": 40, "truncation": "tail", **({"pair_truncation": "only_first"} if has_pair else {})},
    ):
        layout = tp.Layout(**options, padding="max_length")
        columns = ["input_ids", "attention_mask", "token_type_ids", "row_ids"]
        for batch in data["train"].loader(batch_size=8, layout=layout, columns=columns):
            for place, row_id in enumerate(batch.row_ids.tolist()):
                explanation = data.pipeline.explain(*(ROWS[row_id][name] for name in texts), **options)
                row = explanation.row
                assert list(row.ids) == batch.input_ids[place].tolist()
                assert list(row.mask) == batch.attention_mask[place].tolist()
                assert list(row.type_ids) == batch.token_type_ids[place].tolist()


def test_byte_level_tokens_are_shown_as_what_they_spell():
    pipeline = tp.Pipeline(tokenizer=tp.HuggingFaceTokenizer.of(byte_level()))
    tokens = pipeline.explain("la é <s>").tokens
    assert "".join(token.name for token in tokens) == "la␣é␣<s>"
    assert "Ġ" in "".join(token.text for token in tokens)
    parts = pipeline.explain("🎻").tokens
    assert "".join(token.name for token in parts) == r"\xf0\x9f\x8e\xbb"
    assert {token.raw_spans for token in parts} == {((0, 1),)}
