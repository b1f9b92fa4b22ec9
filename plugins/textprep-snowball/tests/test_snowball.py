from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import snowballstemmer
from textprep_snowball import LANGUAGES, Snowball

import textprep as tp
from textprep.testing import check_step, checks_of


@pytest.mark.parametrize("check", checks_of("textprep-snowball"), ids=str)
def test_conformance(check):
    check()


def test_every_algorithm_of_the_package_has_a_script():
    assert set(LANGUAGES) == set(snowballstemmer.algorithms())


def test_it_conforms_in_several_scripts():
    languages = ("english", "russian", "greek", "arabic", "hindi", "armenian", "tamil", "yiddish")
    check_step(Snowball(languages=languages, keep=("Film",)))


def test_each_word_is_stemmed_by_the_language_of_its_script():
    text = "Running films \u0444\u0438\u043b\u044c\u043c\u044b"
    assert Snowball()(text) == "run film \u0444\u0438\u043b\u044c\u043c\u044b"
    both = Snowball(languages=("english", "russian"))
    assert both(text) == "run film \u0444\u0438\u043b\u044c\u043c"


def test_words_to_keep_and_what_is_no_word():
    step = Snowball(keep=("Movies",))
    assert step("MOVIES movies' 3 films-2020, http://films") == "MOVIES movies' 3 film-2020, http://film"
    assert step("s" * 10_000) == "s" * 10_000


@pytest.mark.parametrize(
    ("languages", "message"),
    [
        (("klingon",), "no algorithm is called 'klingon'; there are: arabic, "),
        (("english", "french"), "english and french are both written in Latin: a word does not tell which"),
    ],
)
def test_languages_that_cannot_be(languages, message):
    with pytest.raises(tp.TextprepError, match=message):
        Snowball(languages=languages)


def test_threads_do_not_disturb_each_other():
    words = [f"{word}s" for word in ("film", "actor", "ending", "review")] * 200
    step = Snowball()
    alone = [step(word) for word in words]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(step, words)) == alone


def test_it_is_saved_with_a_pipeline(tmp_path):
    pipeline = tp.Pipeline(steps=[Snowball(languages=("english", "greek"))], tokenizer=tp.WordTokenizer())
    pipeline.fit(["the films were moving"]).save(tmp_path / "pipeline.json")
    loaded = tp.Pipeline.load(tmp_path / "pipeline.json")
    assert loaded.steps == pipeline.steps
    assert loaded.encode("filming") == pipeline.encode("a film")[1:]
