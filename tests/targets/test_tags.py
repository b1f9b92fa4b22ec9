"""Tags of words and labelled spans: what they mean, what is refused, and the way back."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets import as_corpus
from textprep.datasets.inspection.inspect import inspect_corpus
from textprep.errors import DatasetError
from textprep.letters import word_spans
from textprep.targets import BadValueError, TagsTarget
from textprep.targets.tagged_column import stored_type

TEXT = "In New York, Ada spoke."
YORK = {"start": 3, "end": 11, "label": "LOC"}


def loaded(*spans, text=TEXT, **target):
    rows = [{"text": text, "spans": list(each)} for each in spans]
    return tp.load_dataset("memory", rows=rows, label="spans", target={"name": "tags", **target}, splits=None)


def tagged(*tags, **target):
    rows = [{"tokens": [f"w{n}" for n in range(len(each))], "tags": each} for each in tags]
    return tp.load_dataset("memory", rows=rows, target={"name": "tags", **target}, splits=None)


def shown(corpus):
    return [corpus.target.shown(row["tags"]) for row in corpus["train"]]


def test_each_word_of_a_span_is_a_piece():
    corpus = loaded([YORK, [13, 16, "PER"]])
    assert corpus.target.tags == ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
    assert corpus.class_names == ("LOC", "PER")
    assert [tuple(piece.values()) for piece in corpus["train"][0]["tags"]] == [
        (3, 6, 1),
        (7, 11, 2),
        (13, 16, 3),
    ]
    assert shown(corpus) == [[YORK, {"start": 13, "end": 16, "label": "PER"}]]
    assert corpus["train"].table.schema.field("tags").type == stored_type()


@pytest.mark.parametrize(
    "span",
    [
        {"start": 3, "end": 11, "label": "LOC"}, {"start": 3, "stop": 11, "label": "LOC"}, [3, 11, "LOC"], (3, 11, "LOC"),
        {"start": 3, "end": 11, "labels": ["LOC"]}, {"start": 3.0, "end": 11.0, "label": "LOC", "text": "New York"},
    ],
)  # fmt: skip
def test_every_form_of_a_span_is_the_same(span):
    assert shown(loaded([span])) == [[YORK]]


def test_a_mapping_of_lists_is_as_many_spans():
    rows = [{"text": TEXT, "spans": {"start": [3, 13], "end": [11, 16], "label": ["LOC", "PER"]}}]
    corpus = tp.load_dataset("memory", rows=rows, label="spans", target="tags", splits=None)
    assert len(shown(corpus)[0]) == 2


@pytest.mark.parametrize(
    ("span", "says"),
    [
        ([3, 99, "LOC"], "3 to 99 of 'LOC' is not within the text, which has 23 characters: offsets count"),
        ([-1, 3, "LOC"], "is not within the text"),
        ([5, 3, "LOC"], "is not within the text"),
        ([3, 3, "LOC"], "3 to 3 of 'LOC' holds no characters: offsets"),
        ([2, 3, "LOC"], "holds no characters but white space"),
        ([3, 11, ""], "the tag is missing"),
        ([3, 11, None], "the tag is missing"),
        ([3, 11, 5], "the tag 5 is a number, and class_names= says in order what they mean"),
        ([3, "x", "LOC"], "start and end of a span are whole numbers, not 'x'"),
        ([3, 11.5, "LOC"], "whole numbers, not 11.5"),
        ([3, True, "LOC"], "whole numbers, not True"),
        ([3, float("inf"), "LOC"], "whole numbers, not inf"),
        ([3, 11], "a span is {'start': 3"),
        ({"begin": 3}, "whole numbers, not None"),
        ({"start": 3, "end": 11, "labels": ["A", "B"]}, "the span at 3 has 2 labels, not one"),
    ],
)
def test_a_span_that_cannot_be_used_is_named(span, says):
    with pytest.raises(BadValueError) as caught:
        TagsTarget().check_row(TEXT, ["spans"], [[span]])
    assert (caught.value.column, says in caught.value.reason) == ("spans", True), caught.value.reason


def test_spans_that_overlap_are_named():
    with pytest.raises(
        DatasetError, match=r"row 0, column 'spans': two spans overlap, 'New York' \(LOC\) at 3 and 'York'"
    ):
        loaded([YORK, [7, 11, "PER"]])
    assert len(shown(loaded([[3, 6, "A"], [6, 7, "B"], [7, 11, "B"]], text="In New+York"))[0]) == 3


def test_white_space_around_spans_is_left_out_and_counted():
    corpus = loaded([[2, 12, "LOC"]], text="In  New York  ")
    assert shown(corpus) == [[{"start": 4, "end": 12, "label": "LOC"}]]
    assert "white space at the ends of 1 spans is left out" in corpus.notes


@pytest.mark.parametrize("value", [None, "B-PER", 3, {}])
def test_what_is_no_list_is_refused(value):
    with pytest.raises(BadValueError, match="the tags are"):
        TagsTarget().check_row(TEXT, ["spans"], [value])


def test_tags_of_words_need_the_words():
    with pytest.raises(DatasetError, match="a tag for each word needs the words") as caught:
        loaded(["O", "B-PER"])
    assert caught.value.option == "text"


@pytest.mark.parametrize(
    ("words", "tags", "says"),
    [
        (["a", "b"], ["O"], "there are 2 words and 1 tags"),
        (["a", ""], ["O", "O"], "word 2 of the text is empty"),
        (["a"], [""], "the tag is missing"),
        (["a"], [None], "the tag is missing"),
        (["a", "b"], ["B-PER", "x"], "'x' is not a tag of IOB2, which has O, B-…, I-…"),
        (["a", "b"], ["O", "E-PER"], "'E-PER' is not a tag of IOB2"),
        (["a", "b"], ["O", "I-PER"], "the tag 'I-PER' of word 2, 'b', cannot come behind 'O' in IOB2"),
        (["a", "b"], ["B-PER", "I-LOC"], "cannot come behind 'B-PER' in IOB2"),
        (["a"], ["I-PER"], "the tag 'I-PER' of word 1, 'a', cannot come at the beginning in IOB2"),
    ],
)
def test_tags_that_cannot_be_used_are_named_one_by_one_and_in_blocks(words, tags, says):
    target = TagsTarget(scheme="iob2")
    with pytest.raises(BadValueError) as caught:
        target.check_row(words, ["tags"], [tags])
    assert says in caught.value.reason
    columns = [pa.chunked_array([pa.array([each, ["w"], []])]) for each in (words,)]
    values = [pa.chunked_array([pa.array([tags, ["O"], []])])]
    block, good = target.check_block(columns[0], ["tags"], values, False)
    assert (block, good.tolist()) == (None, [False, True, True])


@pytest.mark.parametrize(
    ("tags", "says"),
    [
        (
            ["B-PER", "O"],
            "cannot come at the beginning before 'O' in BIOES; read as conlleval reads it, it is 'S-PER'",
        ),
        (["B-PER", "I-PER"], "of word 2, 'w1', cannot come behind 'B-PER' at the end in BIOES"),
        (["O", "E-PER"], "of word 2, 'w1', cannot come behind 'O' at the end in BIOES"),
    ],
)
def test_bioes_that_is_ill_formed_is_named_and_repaired(tags, says):
    with pytest.raises(DatasetError, match=says) as caught:
        tagged(tags, scheme="bioes")
    assert shown(tagged(tags, **caught.value.value))[0][0]["label"] == "PER"


def test_the_advice_to_repair_works():
    rows = [["B-PER", "I-PER"], ["O", "I-PER"], ["B-PER", "I-LOC"]]
    with pytest.raises(DatasetError, match="row 1, column 'tags': the tag 'I-PER' of word 2") as caught:
        tagged(*rows)
    corpus = tagged(*rows, **caught.value.value)
    assert [[each["label"] for each in row] for row in shown(corpus)] == [["PER"], ["PER"], ["PER", "LOC"]]


def test_iob1_and_bilou_are_kept_as_their_likes():
    corpus = tagged(["I-PER", "B-PER", "O"])
    assert [piece["tag"] for piece in corpus["train"][0]["tags"]] == [1, 1, 0]
    assert corpus.notes == ("tags in IOB1 are kept as IOB2",)
    assert (corpus.target.scheme, corpus.reading["target"]["scheme"]) == ("iob2", "iob1")
    bilou = tagged(["B-PER", "L-PER", "U-LOC"])
    assert (bilou.target.scheme, bilou.target.tags[1:5]) == ("bioes", ("B-LOC", "I-LOC", "E-LOC", "S-LOC"))
    assert tagged(["B-PER", "E-PER", "S-LOC"], pieces="all").target.tags == (
        "O",
        "B-LOC",
        "I-LOC",
        "B-PER",
        "I-PER",
    )


def test_plain_tags_are_classes_of_words():
    corpus = tagged(["NN", "VB"], ["NN"])
    assert (corpus.target.scheme, corpus.target.tags, corpus.class_names) == (
        "plain",
        ("NN", "VB"),
        ("NN", "VB"),
    )
    assert corpus["train"].class_counts() == {"NN": 2, "VB": 1}
    assert corpus["train"].contents() == "2 rows: words: NN 2, VB 1"
    assert corpus.target.decode([0, -100, 1], [(0, 2), (2, 3), (4, 5)]) == [(0, 3, "NN"), (4, 5, "VB")]


def test_numbers_are_tags_by_their_names():
    names = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
    corpus = tagged([0, 1, 2], [0, 0, 3], class_names=names)
    assert corpus["train"].class_counts() == {"LOC": 1, "PER": 1}
    with pytest.raises(DatasetError, match="the tag 7 is a number, and there are 5 class names"):
        tagged([7], class_names=names)
    with pytest.raises(DatasetError, match="class_names= says in order what they mean"):
        tagged([0, 1])
    with pytest.raises(DatasetError, match="the tag 'B-ORG' is none of: O, B-PER"):
        tagged(["B-ORG"], class_names=names)


def test_types_without_rows_are_classes_where_the_names_are_given():
    assert tagged(["O", "B-PER"], class_names=["O", "B-PER", "I-PER", "B-LOC"]).class_names == ("LOC", "PER")


def test_splits_of_different_schemes_do_not_go_together():
    rows = {
        "train": [{"tokens": ["a", "b"], "tags": ["B-X", "O"]}],
        "test": [{"tokens": ["a"], "tags": ["S-X"]}],
    }
    with pytest.raises(DatasetError, match="different schemes: bioes and iob2"):
        as_corpus(rows, text="tokens", label="tags", target="tags")


def test_options_that_have_no_meaning():
    with pytest.raises(DatasetError, match="pair= gives a second one"):
        tp.load_dataset(
            "memory",
            rows=[{"text": "a", "pair": "b", "spans": []}],
            pair="pair",
            label="spans",
            target="tags",
        )
    with pytest.raises(DatasetError, match="scheme"):
        TagsTarget(scheme="iob3")


def test_nothing_tagged_is_not_trained():
    corpus = loaded([], [])
    assert corpus["train"].contents() == "2 rows: entities: none"
    assert "nothing is tagged in 'train'" in corpus.target.check_trainable(corpus.target_columns())
    assert loaded([YORK]).target.check_trainable(loaded([YORK]).target_columns()) is None


def test_what_check_finds():
    train, test = [{"tokens": ["a"], "tags": ["B-PER"]}], [{"tokens": ["b"], "tags": ["O"]}]
    corpus = tp.load_dataset("memory", rows={"train": train, "test": test})
    found = inspect_corpus(corpus).findings
    assert [(each.name, each.wrong) for each in found if each.name != "alike_labels"] == [
        ("missing_class", False)
    ]


def test_a_text_with_two_sets_of_tags_is_worth_knowing():
    rows = [{"tokens": ["a", "b"], "tags": tags} for tags in (["B-PER", "O"], ["O", "O"])]
    found = inspect_corpus(tp.load_dataset("memory", rows=rows, splits=None)).findings
    assert [(each.name, each.wrong) for each in found] == [("contradiction", False), ("duplicates", False)]


def test_a_sentence_is_never_cut_and_the_same_never_in_two_splits():
    rows = [
        {"tokens": ["w", str(n % 20), "Rome"], "tags": ["O", "O", "B-LOC"], "doc": n % 5} for n in range(100)
    ]
    corpus = tp.load_dataset("memory", rows=rows)
    texts = [set(split.text.to_pylist()) for split in corpus.values()]
    assert sum(map(len, texts)) == len(set.union(*texts)) == 20
    grouped = tp.load_dataset("memory", rows=rows[:20], group="doc", splits={"train": 0.6, "test": 0.4})
    docs = [set(split.table["doc"].to_pylist()) for split in grouped.values()]
    assert not set.intersection(*docs)


def test_a_further_column_of_the_same_name_stays():
    rows = [{"text": TEXT, "spans": [YORK], "tags": "news"}]
    corpus = tp.load_dataset("memory", rows=rows, label="spans", target="tags", splits=None)
    assert corpus["train"][0]["tags_in_source"] == "news"


def test_a_list_of_words_is_a_text_for_no_other_target():
    with pytest.raises(DatasetError, match="the text is list, not a string"):
        tp.load_dataset("memory", rows=[{"text": ["a", "b"], "label": 1}])


def test_words_without_tags_are_unlabelled_texts():
    corpus = tp.load_dataset("memory", rows=[{"tokens": ["a", "b"]}], splits=None)
    assert (corpus["train"].text.to_pylist(), corpus["train"].labels) == (["a b"], None)


texts = st.lists(
    st.sampled_from(["New", "York's", "ı̇", "\u00ad", "中国", "é", "👩‍🚀", "-", " ", "\n"]), max_size=8
).map(" ".join)


@given(texts, st.data())
def test_spans_come_back_as_they_were(text, data):
    """Every span that begins and ends with its words."""
    words = word_spans(text)
    marks = sorted(data.draw(st.sets(st.integers(0, len(words)), max_size=6))) if words else []
    pairs = list(zip(marks[::2], marks[1::2], strict=False))
    kinds = data.draw(st.lists(st.sampled_from(["A", "B"]), min_size=len(pairs), max_size=len(pairs)))
    spans = [[words[a][0], words[b - 1][1], kind] for (a, b), kind in zip(pairs, kinds, strict=True)]
    for scheme in ("iob2", "bioes"):
        corpus = loaded(spans, text=text, scheme=scheme)
        assert [list(each.values()) for each in shown(corpus)[0]] == spans
        json.dumps(corpus.target.record())


def test_a_column_of_another_kind_is_refused():
    target = TagsTarget(scheme="iob2", tags=("O", "B-X", "I-X"))

    def column(*pieces):
        return pa.chunked_array(
            [[[dict(zip(("start", "stop", "tag"), piece, strict=True)) for piece in pieces]]], stored_type()
        )

    target.check_stored(column((0, 1, 1), (1, 2, 0)))
    target.check_stored(pa.chunked_array([[None, []]], stored_type()))
    for bad in (column((0, 2, 1), (1, 3, 0)), column((2, 2, 1)), column((0, 1, 3)), column((0, 1, -1))):
        with pytest.raises(DatasetError):
            target.check_stored(bad)
    with pytest.raises(DatasetError, match="the column 'tags' of a split is large_list"):
        target.check_stored(pa.chunked_array([[[1]]]))
    assert target.labelled(np.array([-100, 0, 2])).tolist() == [False, True, True]


def test_no_more_than_the_first_rows_are_looked_at_for_the_scheme():
    left = iter([[[0, 1, "X"]]] * 5000)
    assert TagsTarget().seen(left).scheme == "iob2"
    assert sum(1 for _ in left) == 5000 - 2001
    rows = [{"tokens": ["a"], "tags": ["O"]}] * 2500 + [{"tokens": ["a"], "tags": ["I-X"]}]
    with pytest.raises(DatasetError, match="row 2500, column 'tags': the tag 'I-X' of word 1"):
        tp.load_dataset("memory", rows=rows)


@pytest.mark.parametrize("first", [[], [{"start": 0, "end": 3, "label": "PER"}]])
def test_a_column_of_spans_is_tags_where_nobody_says_so(first):
    rows = [
        {"text": "Ada left", "spans": first},
        {"text": "Bo", "spans": [{"start": 0, "end": 2, "label": "PER"}]},
    ]
    corpus = tp.load_dataset("memory", rows=rows, splits=None)
    assert (corpus.target.name, corpus.class_names) == ("tags", ("PER",))


@pytest.mark.parametrize("spans", [[], [[0, 3, "PER"]]])
def test_spans_of_other_forms_that_are_read_as_classes_say_which_target_reads_them(spans):
    with pytest.raises(DatasetError, match=r'spans of the text, (say )?target="tags"'):
        tp.load_dataset("memory", rows=[{"text": "Ada", "spans": spans}], splits=None)
