"""A pipeline fits, encodes, decodes, and a loaded one encodes exactly as the saved one."""

from __future__ import annotations

import enum
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import tokenizers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import create_model

import textprep as tp
from textprep.encoding.plain import encode_texts
from textprep.errors import NameClashError, PipelineError, TokenizerError

TEXTS = [
    "A <b>great</b> film!<br /><br />Loved it.",
    "a dull film, a very dull one",
    "Über-good; naïve? 3.5/5 &amp; more",
    "",
]
STEPS = [
    tp.StripMarkup(),
    tp.NormalizeUnicode(form="NFKC"),
    tp.Lowercase(),
    tp.StripAccents(),
    tp.StripPunctuation(keep="'"),
    tp.ReplacePattern(pattern=r"\d+", replacement="0"),
    tp.CollapseWhitespace(),
]
TOKENIZERS = [
    tp.WordTokenizer(min_freq=1, specials=("<url>",)),
    tp.CharTokenizer(),
    tp.BPETokenizer(vocab_size=60, min_freq=1),
]
text = st.text(max_size=60) | st.lists(
    st.sampled_from(["film", "<br/>", "&amp;", "\u2028", "É", "great", "..."])
).map(" ".join)


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=lambda tokenizer: tokenizer.name)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), max_size=4), texts=st.lists(text, max_size=6))
def test_a_loaded_pipeline_encodes_exactly_as_the_saved_one(tokenizer, steps, texts, tmp_path) -> None:
    pipeline = tp.Pipeline(steps, tokenizer=tokenizer).fit(TEXTS)
    pipeline.save(tmp_path / "pipeline.json")
    loaded = tp.Pipeline.load(tmp_path / "pipeline.json")
    assert loaded.description() == pipeline.description()
    assert loaded.vocabulary == pipeline.vocabulary
    assert loaded.to_json() == pipeline.to_json()
    for raw in [*texts, *TEXTS]:
        assert loaded.encode(raw) == pipeline.encode(raw)
        assert loaded.decode(loaded.encode(raw)) == pipeline.decode(pipeline.encode(raw))
    assert loaded.encode_batch(texts).rows() == [pipeline.encode(raw) for raw in texts]


def test_lists_columns_and_splits_give_the_same_ids() -> None:
    pipeline = tp.Pipeline(STEPS, tokenizer=tp.WordTokenizer()).fit(TEXTS)
    column = pa.chunked_array([TEXTS[:2], TEXTS[2:]])
    split = type("Split", (), {"text": column})()
    wanted = encode_texts(pipeline.steps, pipeline.tokenizer, TEXTS).rows()
    for texts in (TEXTS, tuple(TEXTS), iter(TEXTS), pa.array(TEXTS), column, split):
        assert pipeline.encode_batch(texts).rows() == wanted


def test_the_saved_file_is_readable(tmp_path: Path) -> None:
    tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer()).fit(["Ein schöner Film"]).save(
        tmp_path / "p.json"
    )
    lines = (tmp_path / "p.json").read_text(encoding="utf-8").splitlines()
    assert any(line.strip().startswith('"schöner": 1') for line in lines)
    record = json.loads("\n".join(lines))
    assert record["steps"][0]["name"] == "lowercase"
    assert record["steps"][0]["owner"].startswith("textprep ")


def test_fitting_one_pipeline_leaves_another_with_the_same_tokenizer_alone() -> None:
    tokenizer = tp.WordTokenizer()
    first = tp.Pipeline(tokenizer=tokenizer).fit(["red green"])
    before = first.encode("green red")
    tp.Pipeline(tokenizer=first.tokenizer).fit(["blue"])
    assert first.encode("green red") == before
    assert not tokenizer.is_fitted


def test_encoding_before_fitting_says_what_to_do() -> None:
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer())
    for use in (
        lambda: pipeline.encode("a"),
        lambda: pipeline.encode_batch(["a"]),
        lambda: pipeline.vocabulary,
    ):
        with pytest.raises(TokenizerError, match="not fitted"):
            use()


@pytest.mark.parametrize(
    ("steps", "tokenizer", "message"),
    [
        ([tp.Lowercase], tp.WordTokenizer(), r"steps\[0\] is the class Lowercase; make one: Lowercase\(\)"),
        ([str.lower], tp.WordTokenizer(), "or @tp.step on a function"),
        ([], tp.WordTokenizer, r"make one: WordTokenizer\(\)"),
        ([], None, r"the tokenizer is None, not a tokenizer: try tp\.WordTokenizer\(\)"),
        ([], "bert-base-uncased", r"pretrained one with tp\.HuggingFaceTokenizer\(path=…\)"),
        ([], tokenizers.Tokenizer(tokenizers.models.BPE()), r"try tp\.HuggingFaceTokenizer\.of\(…\)"),
    ],
)
def test_what_is_not_a_step_or_a_tokenizer_is_refused(steps, tokenizer, message) -> None:
    with pytest.raises(PipelineError, match=message):
        tp.Pipeline(steps, tokenizer=tokenizer)


def test_a_failing_step_names_itself_and_the_row(restored_registries: None) -> None:
    @tp.step
    def third_character(text: str) -> str:
        return text[2]

    pipeline = tp.Pipeline([third_character()], tokenizer=tp.CharTokenizer())
    with pytest.raises(tp.TextprepError, match=r"third_character.*row 1"):
        pipeline.fit(["good", "no"])


def test_loading_without_the_step_says_what_must_be_there(restored_registries: None, tmp_path: Path) -> None:
    from textprep.registry import STEPS as registered

    @tp.step
    def drop_x(text: str) -> str:
        return text.replace("x", "")

    tp.Pipeline([drop_x()], tokenizer=tp.CharTokenizer()).fit(["axb"]).save(tmp_path / "p.json")
    assert tp.Pipeline.load(tmp_path / "p.json").encode("xxa") == [2]
    del registered.entries["drop_x"]
    with pytest.raises(
        PipelineError, match=r"p\.json needs the step 'drop_x', saved from code in module .*run the code"
    ):
        tp.Pipeline.load(tmp_path / "p.json")


def test_loading_with_another_version_of_a_step_is_refused(restored_registries: None, tmp_path: Path) -> None:
    def define(version: int) -> type[tp.Step]:
        @tp.step(version=version)
        def drop_y(text: str) -> str:
            return text.replace("y", "")

        return drop_y

    tp.Pipeline([define(1)()], tokenizer=tp.CharTokenizer()).fit(["ayb"]).save(tmp_path / "p.json")
    define(2)
    with pytest.raises(PipelineError, match="saved with version 1 of the step 'drop_y', but here is 2"):
        tp.Pipeline.load(tmp_path / "p.json")


def test_a_function_that_takes_a_built_in_name_is_refused() -> None:
    with pytest.raises(
        NameClashError, match=r"'lowercase' of code in module .* is already registered by textprep"
    ):

        @tp.step
        def lowercase(text: str) -> str:
            return text


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[: len(text) // 2], r"p\.json, line \d+, column \d+"),
        (lambda text: "[]", "does not hold a textprep pipeline"),
        (lambda text: text.replace('"format_version": 1', '"format_version": 99'), "format version 99"),
        (lambda text: text.replace('"vocabulary"', '"vocab"'), "damaged.*'vocabulary'"),
        (lambda text: text.replace('"lowercase"', '"lowercas"'), "needs the step 'lowercas'"),
        (
            lambda text: text.replace('"options": {}', '"options": {"odd": 1}', 1),
            r"p\.json cannot be .*'odd'",
        ),
        (
            lambda text: text.replace('"min_freq": 1', '"min_freq": 0'),
            r"p\.json cannot be loaded: tokenizer 'word'",
        ),
        (
            lambda text: text.replace('"<pad>"', '"<pat>"'),
            r"p\.json cannot be loaded: a vocabulary begins with",
        ),
    ],
)
def test_a_damaged_file_is_named(damage, message, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer()).fit(["a film"]).save(path)
    path.write_text(damage(path.read_text()))
    with pytest.raises(PipelineError, match=message):
        tp.Pipeline.load(path)


def test_a_missing_file_and_an_unwritable_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"there is no file .*none\.json"):
        tp.Pipeline.load(tmp_path / "none.json")
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer()).fit(["a"])
    with pytest.raises(PipelineError, match=r"cannot write .*nowhere"):
        pipeline.save(tmp_path / "nowhere" / "p.json")


def test_adopting_needs_the_same_steps_and_tokenizer() -> None:
    fitted = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer()).fit(["a film"])
    same = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer())
    same.adopt(fitted)
    assert same.encode("film") == fitted.encode("film")
    with pytest.raises(PipelineError, match="same steps and tokenizer"):
        tp.Pipeline(tokenizer=tp.WordTokenizer()).adopt(fitted)


@pytest.mark.parametrize("steps", [tp.Lowercase(), "lowercase", None, tp.Lowercase, 3])
def test_steps_are_a_list(steps) -> None:
    with pytest.raises(
        PipelineError, match=r"a list of steps is needed, as in steps=\[tp\.Lowercase\(\)\], not"
    ):
        tp.Pipeline(steps, tokenizer=tp.WordTokenizer())


def test_steps_may_come_from_an_iterator() -> None:
    assert tp.Pipeline(iter([tp.Lowercase()]), tokenizer=tp.WordTokenizer()).steps == (tp.Lowercase(),)


@pytest.mark.parametrize(
    ("given", "name"), [(None, "NoneType"), (3, "int"), (b"a", "bytes"), (["a"], "list")]
)
def test_one_text_is_a_string(given, name) -> None:
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer()).fit(["a"])
    for use in (pipeline.clean, pipeline.encode):
        with pytest.raises(PipelineError, match=f"a text is needed, not {name}: "):
            use(given)


def test_a_table_is_no_column_of_texts() -> None:
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer())
    frame = pd.DataFrame({"text": ["a film"], "label": [1]})
    assert pipeline.fit(frame["text"]).encode_batch(frame["text"]).rows() == [[2, 3]]
    for use in (pipeline.fit, pipeline.encode_batch):
        with pytest.raises(PipelineError, match=r'choose one, such as df\["text"\], of \'text\', \'label\''):
            use(frame)


class Colour(str, enum.Enum):
    RED = "red"


class Anything(tp.Step):
    name = "anything"
    value: Any = None

    def __call__(self, text: str) -> str:
        return text


class AnyTokenizer(tp.WordTokenizer):
    name = "any"
    value: Any = None


NOT_FOR_JSON = [
    {1: "a"},
    ("a", "b"),
    re.compile("a"),
    float("nan"),
    float("inf"),
    str.lower,
    {"a"},
    b"a",
    b"\xff",
]


@pytest.mark.parametrize("value", NOT_FOR_JSON, ids=repr)
def test_an_option_that_json_would_change_is_refused(value) -> None:
    """A loaded pipeline would encode differently, or could not be loaded at all."""
    with pytest.raises(PipelineError, match=r"step 'anything' cannot be saved: option 'value' is .*: "):
        tp.Pipeline([Anything(value=value)], tokenizer=tp.WordTokenizer())
    with pytest.raises(PipelineError, match=r"tokenizer 'any' cannot be saved: option 'value' is .*: "):
        tp.Pipeline(tokenizer=AnyTokenizer(value=value))


def test_the_refusal_says_how_to_annotate_the_option() -> None:
    with pytest.raises(
        PipelineError, match=r"come back from JSON as \['a'\]: annotate .*`value: tuple\[str, \.\.\.\]`"
    ):
        tp.Pipeline([Anything(value=("a",))], tokenizer=tp.WordTokenizer())


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (tuple[str, ...], ("a", "b")),
        (dict[int, str], {1: "a"}),
        (set[str], {"a", "b"}),
        (re.Pattern[str], re.compile("a+")),
        (float, 1),
        (Colour, Colour.RED),
        (Any, {"a": [1, None, "b"]}),
    ],
)
def test_an_option_with_a_type_that_reads_it_back_is_taken(kind, value) -> None:
    typed = create_model("Typed", __base__=Anything, value=(kind, ...))
    assert tp.Pipeline([typed(value=value)], tokenizer=tp.WordTokenizer()).steps[0].value == value


def test_an_option_whose_loading_would_fail_is_refused() -> None:
    class Strange(AnyTokenizer):
        value: int = None

    with pytest.raises(PipelineError, match=r"tokenizer 'any' cannot be saved: .*'value': .*given None"):
        tp.Pipeline(tokenizer=Strange())


def test_a_tokenizer_that_reports_a_digest_for_its_path_is_taken(tmp_path: Path) -> None:
    backend = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0, "film": 1}, unk_token="[UNK]"))
    backend.save(str(tmp_path / "tokenizer.json"))
    pipeline = tp.Pipeline(tokenizer=tp.HuggingFaceTokenizer(path=tmp_path / "tokenizer.json"))
    assert pipeline.encode("film") == [1]
    loaded = tp.Pipeline.from_json(json.loads(json.dumps(pipeline.to_json())))
    assert tp.Pipeline(tokenizer=loaded.tokenizer).encode("film") == [1]


def test_a_tokenizer_class_without_a_name_says_what_to_write() -> None:
    class Nameless(tp.Tokenizer):
        pass

    with pytest.raises(
        PipelineError, match='the tokenizer class Nameless has no name: write name = "…" in it'
    ):
        tp.Pipeline(tokenizer=Nameless())


def test_what_a_tokenizer_raises_while_it_is_fitted_names_it() -> None:
    class Picky(tp.Tokenizer):
        name = "picky"

        def split(self, text: str) -> list[str]:
            return [text[2]]

    with pytest.raises(TokenizerError, match="tokenizer 'picky' failed on row 1: IndexError: ") as caught:
        tp.Pipeline(tokenizer=Picky()).fit(["good", "no"])
    assert isinstance(caught.value.__cause__, IndexError)
    with pytest.raises(TokenizerError, match=r"^cannot fit on no texts at all"):
        tp.Pipeline(tokenizer=Picky()).fit([])


def test_loading_a_step_without_a_version_warns(restored_registries: None, tmp_path: Path) -> None:
    unwanted = "z"

    @tp.step
    def drop_z(text: str) -> str:
        return text.replace(unwanted, "")

    tp.Pipeline([drop_z()], tokenizer=tp.CharTokenizer()).fit(["azb"]).save(tmp_path / "p.json")
    with pytest.warns(
        UserWarning, match=r"p\.json: nobody can tell whether the step 'drop_z' is the code .*version=1"
    ):
        assert tp.Pipeline.load(tmp_path / "p.json").encode("zzb") == [3]


def test_loading_steps_with_a_version_does_not_warn(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    tp.Pipeline([tp.Lowercase()], tokenizer=tp.CharTokenizer()).fit(["a"]).save(tmp_path / "p.json")
    tp.Pipeline.load(tmp_path / "p.json")
    assert not recwarn


def test_loading_under_other_versions_of_what_decides_warns(tmp_path: Path) -> None:
    saved = tp.Pipeline([tp.NormalizeQuotes()], tokenizer=tp.CharTokenizer()).fit(["a"]).to_json()
    assert list(saved["libraries"]) == ["regex"]
    saved["libraries"]["regex"] = "2019.1.1"
    (tmp_path / "p.json").write_text(json.dumps(saved), encoding="utf-8")
    with pytest.warns(
        UserWarning, match=r"p\.json was saved with regex 2019\.1\.1 \(here is .*may differ"
    ) as met:
        assert tp.Pipeline.load(tmp_path / "p.json").encode("a") == [2]
    assert met[0].filename == __file__


def test_an_older_file_that_names_no_libraries_loads(recwarn: pytest.WarningsRecorder) -> None:
    saved = tp.Pipeline([tp.NormalizeQuotes()], tokenizer=tp.CharTokenizer()).fit(["a"]).to_json()
    del saved["libraries"]
    assert tp.Pipeline.from_json(saved).encode("a") == [2]
    assert not recwarn
    saved["libraries"] = 3
    with pytest.raises(PipelineError, match="is damaged"):
        tp.Pipeline.from_json(saved)


def test_a_library_that_nobody_knows_is_an_error(tmp_path: Path) -> None:
    class Odd(tp.Step):
        name = "odd"
        libraries = ("no-such-library",)

        def __call__(self, text: str) -> str:
            return text

    pipeline = tp.Pipeline([Odd()], tokenizer=tp.CharTokenizer()).fit(["a"])
    with pytest.raises(PipelineError, match="no package 'no-such-library' is installed"):
        pipeline.save(tmp_path / "p.json")


@pytest.mark.parametrize("ids", [[[2, 3], [3, 2]], np.array([[2, 3], [3, 2]]), ["film"], 3, [2.0]])
def test_the_ids_of_one_text_are_decoded(ids: object) -> None:
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer()).fit(["a film"])
    assert pipeline.decode(np.array([2, 3, 0])) == "a film"
    with pytest.raises(
        PipelineError, match=r"the ids of one text are needed, not .*; of a batch, decode row"
    ):
        pipeline.decode(ids)
