"""Words of scripts without spaces, by Unicode's word boundaries."""

from __future__ import annotations

import sys

import pytest

import textprep as tp
from textprep import WordTokenizer
from textprep.errors import TokenizerError

WORDS = {
    "Chinese": ("我非常喜欢这部电影。", ["我", "非常", "喜欢", "这", "部", "电影", "。"]),
    "Japanese": ("この映画はとても長い", ["この", "映画", "は", "とても", "長い"]),
    "Thai": ("ภาพยนตร์เรื่องนี้สนุกมาก", ["ภาพยนตร์", "เรื่อง", "นี้", "สนุก", "มาก"]),
    "Lao": ("ຮູບເງົາເລື່ອງນີ້ມ່ວນຫຼາຍ", ["ຮູບເງົາ", "ເລື່ອງ", "ນີ້", "ມ່ວນ", "ຫຼາຍ"]),
    "Khmer": ("ភាពយន្តនេះពិតជាល្អណាស់", ["ភាពយន្ត", "នេះ", "ពិតជា", "ល្អ", "ណាស់"]),
    "Khmer with its spaces": ("ភាពយន្ត\u200bនេះ", ["ភាពយន្ត", "នេះ"]),
    "Burmese": ("ဒီရုပ်ရှင်က အရမ်းကောင်းပါတယ်", ["ဒီ", "ရုပ်ရှင်", "က", "အရမ်း", "ကောင်း", "ပါ", "တယ်"]),
    "Shan": ("ၽၢပ်ႈငဝ်းလီ", ["ၽၢပ်ႈ", "ငဝ်း", "လီ"]),
    "Mon": ("ပိုတ်ရုပ်ခိုဟ်", ["ပိုတ်", "ရုပ်", "ခိုဟ်"]),
    "Hindi": ("बहुत अच्छी फ़िल्म", ["बहुत", "अच्छी", "फ़िल्म"]),
    "Breton, Q'eqchi', Igbo": ("c'hoar q'eqchi' n'ụlọ", ["c'hoar", "q'eqchi", "'", "n'ụlọ"]),
    "English": ("Don't pay 3.14 (a lot)", ["Don't", "pay", "3.14", "(", "a", "lot", ")"]),
    "emoji": ("👩‍👩‍👧ok👍🏽❤️🇫🇷🇩🇪", ["👩‍👩‍👧", "ok", "👍🏽", "❤", "🇫🇷", "🇩🇪"]),
    "what nobody sees": ("gre\xadat\ufeff \u200b ❤️", ["great", "❤"]),
}


@pytest.mark.parametrize(("text", "words"), WORDS.values(), ids=WORDS)
def test_words_are_those_that_a_reader_sees(text, words):
    tokenizer = WordTokenizer(boundaries="unicode")
    assert tokenizer.tokenize(text) == words
    assert tokenizer.scope == "word"


def test_elided_words_are_apart_where_one_asks_for_it():
    text = "L'homme dell'arte c'est jusqu’ici aujourd'hui l'été don't"
    assert WordTokenizer(boundaries="unicode").tokenize(text) == text.split()
    assert WordTokenizer(boundaries="unicode", elision=True).tokenize(text) == [
        *("L'", "homme", "dell'", "arte", "c'", "est", "jusqu’", "ici", "aujourd'hui", "l'", "été", "don't")
    ]


def test_a_saved_pipeline_cuts_as_before(tmp_path):
    texts = [text for text, _ in WORDS.values()]
    pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=WordTokenizer(boundaries="unicode")).fit(texts)
    pipeline.save(tmp_path / "pipeline.json")
    again = tp.Pipeline.load(tmp_path / "pipeline.json")
    assert again.encode_batch(texts).rows() == [pipeline.encode(text) for text in texts]
    assert "icu4py" in (tmp_path / "pipeline.json").read_text()


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "icu4py.breakers", None)
    with pytest.raises(
        TokenizerError, match=r"needs the package icu4py: pip install 'textprep-nlp\[words\]'"
    ):
        WordTokenizer(boundaries="unicode")


@pytest.mark.parametrize("options", [{"pattern": "a", "boundaries": "unicode"}, {"elision": True}])
def test_options_that_do_not_go_together_are_named(options):
    with pytest.raises(TokenizerError, match="boundaries='unicode'"):
        WordTokenizer(**options)


@pytest.mark.parametrize(
    ("language", "script"),
    {"Chinese": "Han", "Thai": "Thai", "Lao": "Lao", "Khmer": "Khmer", "Mon": "Myanmar"}.items(),
)
def test_fitting_says_where_tokens_are_whole_phrases(language, script, caplog):
    text = WORDS[language][0]
    WordTokenizer().fit([text] * 9)
    (said,) = caplog.messages
    assert f"the script {script}" in said
    assert "'bpe' or 'char'" in said
    assert "boundaries='unicode'" in said
    caplog.clear()
    for quiet in (WordTokenizer(boundaries="unicode"), tp.CharTokenizer(), tp.BPETokenizer(vocab_size=99)):
        quiet.fit([text] * 9)
    WordTokenizer().fit([f"a film that is named {text}" + ", with subtitles, that was good to see" * 5])
    WordTokenizer().fit(["이 영화는 정말 재미있어요", "बहुत अच्छी फ़िल्म", "गлоག་བརྙན་འདི་"])
    assert not caplog.messages
