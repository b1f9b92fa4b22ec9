"""The row that an explanation shows is the one that a batch holds, and the one that `tokenizers` makes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as HFTokenizer
from tokenizers import models, pre_tokenizers, processors

import textprep as tp
from textprep.batches.layout import Layout
from textprep.batches.loader import BatchLoader, one_batch
from textprep.batches.reader import EncodedTexts
from textprep.errors import LoaderError, PipelineError
from textprep.ragged import Ragged
from textprep.template import Part, Template
from textprep.tokenizers.huggingface import HuggingFaceTokenizer
from textprep.tokenizers.word import WordTokenizer
from textprep.truncation import PAIR_TRUNCATIONS, TRUNCATIONS

WORDS = ["film", "good", "dull", "zyx"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)
IDS = {"[CLS]": 9, "[SEP]": 4, "[UNK]": 6, "[PAD]": 11, "film": 0, "good": 1, "dull": 2}
SPECIAL = st.lists(st.sampled_from([4, 9, 11]), max_size=2).map(tuple)


class Framed(WordTokenizer):
    """Words, laid out as a test wants them."""

    name = "framed"
    laid_out: Template = Template()

    @property
    def template(self) -> Template:
        return self.laid_out


@st.composite
def templates(draw) -> Template:
    """Special tokens of any number and type before, between and behind."""

    def special() -> list[Part]:
        return [Part(draw(st.integers(0, 2)), ids=ids) for ids in [draw(SPECIAL)] if ids]

    def text(number: int) -> Part:
        return Part(draw(st.integers(0, 2)), text=number)

    return Template(
        pad_id=draw(st.integers(0, 11)),
        single=(*special(), text(0), *special()),
        pair=(*special(), text(0), *special(), text(1), *special()),
    )


FITTED = tp.Pipeline(tokenizer=WordTokenizer().fit([" ".join([*WORDS[:3], *"abcdefgh"])]))


def pipeline_of(template: Template) -> tp.Pipeline:
    tokenizer = Framed(laid_out=template).fit([" ".join([*WORDS[:3], *"abcdefgh"])])
    return tp.Pipeline(tokenizer=tokenizer)


def fields(batch) -> dict[str, list]:
    return {
        "ids": batch["input_ids"][0].tolist(),
        "mask": batch["attention_mask"][0].tolist(),
        "type_ids": batch["token_type_ids"][0].tolist(),
    }


def shown(row) -> dict[str, list]:
    return {name: list(getattr(row, name)) for name in ("ids", "mask", "type_ids")}


@given(
    template=templates(),
    texts=st.lists(TEXTS, min_size=1, max_size=2),
    max_length=st.none() | st.integers(1, 14),
    truncation=st.sampled_from(TRUNCATIONS),
    pair_truncation=st.sampled_from(PAIR_TRUNCATIONS),
)
@settings(deadline=None, max_examples=300)
def test_it_is_the_row_of_a_batch(template, texts, max_length, truncation, pair_truncation):
    pipeline = pipeline_of(template)
    ragged = [Ragged.from_rows([pipeline.encode(text)]) for text in texts]
    rows = EncodedTexts(ragged[0], template=template, pair=ragged[1] if len(texts) > 1 else None)
    options = {"max_length": max_length, "truncation": truncation}
    options |= {"pair_truncation": pair_truncation} if len(texts) > 1 else {}
    columns = ["input_ids", "attention_mask", "token_type_ids"]
    layout = Layout(**options, padding="longest" if max_length is None else "max_length")
    try:
        explanation = pipeline.explain(*texts, **options)
    except PipelineError as error:
        with pytest.raises(LoaderError) as caught:
            one_batch(rows, layout, columns=columns)
        refused = caught.value.option
        assert refused == error.option  # noqa: PT017 - whether there is an error is what is drawn
        return
    batch = one_batch(rows, layout, columns=columns)
    assert shown(explanation.row) == fields(batch)
    assert shown(explanation.row) == fields(next(iter(BatchLoader(rows, layout=layout, columns=columns))))
    for token in explanation.row.tokens:
        if token.text is None:
            assert token.name == pipeline.vocabulary.tokens[token.id]
        else:
            assert token.id == explanation.texts[token.text].ids[token.place]


def bert() -> HFTokenizer:
    """Special tokens around texts, padding last, ids that nobody has."""
    made = HFTokenizer(models.WordLevel(IDS, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.post_processor = processors.BertProcessing(("[SEP]", 4), ("[CLS]", 9))
    made.add_special_tokens(["[CLS]", "[SEP]", "[UNK]", "[PAD]"])
    return made


ORACLE = bert()
PRETRAINED = tp.Pipeline(tokenizer=HuggingFaceTokenizer.of(bert()))


@given(
    texts=st.lists(TEXTS, min_size=1, max_size=2),
    max_length=st.integers(4, 14),
    truncation=st.sampled_from(["head", "tail"]),
    pair_truncation=st.sampled_from(PAIR_TRUNCATIONS),
)
def test_it_is_the_row_of_tokenizers(texts, max_length, truncation, pair_truncation):
    strategy = pair_truncation if len(texts) > 1 else "longest_first"
    direction = {"head": "right", "tail": "left"}[truncation]
    ORACLE.enable_truncation(max_length, strategy=strategy, direction=direction)
    ORACLE.enable_padding(length=max_length, pad_id=11, pad_token="[PAD]")
    options = {"max_length": max_length, "truncation": truncation, "pair_truncation": pair_truncation}
    try:
        encoding = ORACLE.encode(*texts)
    except Exception:  # it refuses
        with pytest.raises(PipelineError, match=r"pair_truncation='only_\w+': the \w+ text alone has"):
            PRETRAINED.explain(*texts, **options)
        return
    row = PRETRAINED.explain(*texts, **options).row
    assert list(row.ids) == encoding.ids
    assert list(row.type_ids) == encoding.type_ids
    assert list(map(int, row.mask)) == encoding.attention_mask
    real = len(row.tokens)
    assert [token.name for token in row.tokens] == encoding.tokens[:real]
    assert row.padding.name == "[PAD]"


def test_a_pretrained_token_is_known_by_its_own_vocabulary():
    explanation = PRETRAINED.explain("film zyx", "dull")
    assert [(token.id, token.known) for token in explanation.tokens] == [(0, True), (6, False)]
    assert [token.known for token in explanation.pair.tokens] == [True]


def test_a_vocabulary_without_padding_and_unknown_tokens_is_shown_as_it_is():
    bare = HFTokenizer(models.WordLevel({"film": 1, "good": 0}, unk_token="good"))
    record = bare.to_str().replace('"unk_token":"good"', '"unk_token":"nothing"')
    pipeline = tp.Pipeline(tokenizer=HuggingFaceTokenizer.of(HFTokenizer.from_str(record)))
    explanation = pipeline.explain("good", max_length=2)
    assert [token.known for token in explanation.tokens] == [True]
    assert (explanation.row.ids, explanation.row.mask) == ((0, 0), (True, False))
    assert explanation.row.padding.name == "padding"


def test_what_was_never_counted_has_no_count():
    assert PRETRAINED.explain("film").tokens[0].count is None
    counted = tp.Pipeline(tokenizer=HuggingFaceTokenizer.of(bert())).fit(["film film", "dull"])
    assert [token.count for token in counted.explain("film good zyx").tokens] == [2, 0, 0]


def test_two_texts_that_nothing_separates_are_an_error():
    with pytest.raises(PipelineError, match="no token that separates two texts") as caught:
        FITTED.explain("film", "good")
    assert "fit a pipeline on pairs" in str(caught.value)


def test_both_texts_have_their_way():
    pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=WordTokenizer().for_pairs().fit(["a good film"]))
    explanation = pipeline.explain("A film", "GOOD")
    assert [way.raw for way in explanation.texts] == ["A film", "GOOD"]
    assert explanation.pair.steps[0].after == "good"
    assert explanation.to_json()["pair"]["ids"] == explanation.pair.ids == pipeline.encode("GOOD")
    assert pipeline.explain("A film").to_json()["pair"] is None
