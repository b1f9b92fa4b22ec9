"""``textprep check`` says what is wrong and ends with an exit code that says so."""

from __future__ import annotations

import json
import re

import pytest


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def rows(count, prefix="a"):
    return [{"text": f"{prefix} film {i} of {i * i}", "label": "ab"[i % 2]} for i in range(count)]


def test_a_good_data_set(textprep, tmp_path) -> None:
    write(tmp_path / "good.jsonl", rows(40))
    done = textprep("check", "good.jsonl")
    assert done.code == 0
    for line in ("split", "train", "32", "the longest", "the shortest", "nothing is wrong"):
        assert line in done.out
    assert done.err == ""


def test_all_that_is_wrong_is_told_at_once(textprep, tmp_path) -> None:
    write(tmp_path / "train.jsonl", [*rows(20), {"text": "a film 3 of 9", "label": "a"}])
    write(tmp_path / "test.jsonl", [{"text": "A film 4 of 16!", "label": "a"}])
    with (tmp_path / "train.jsonl").open("a") as file:
        file.write('{"text": \n')
    (tmp_path / "both.toml").write_text(
        'dataset = { name = "jsonl", path = { train = "train.jsonl", test = "test.jsonl" } }\n'
    )
    done = textprep("check", "both.toml")
    assert done.code == 1
    for line in (
        "WRONG  rejected: 1 rows cannot be used",
        "train.jsonl, line 22",
        "WRONG  leak: 1 times train and test share the same text",
        "train row 4: 'a film 4 of 16'",
        "WRONG  contradiction: 1 texts have two labels",
        "note   missing_class: 1 classes have no row in test: b",
        "note   duplicates: 1 rows",
        "3 things are wrong",
    ):
        assert line in done.out
    record = json.loads(textprep("check", "both.toml", "--json").out)
    assert record["wrong"] == 3
    assert record["rows"] == {"train": 21, "test": 1}
    assert [finding["name"] for finding in record["findings"] if finding["wrong"]] == [
        "rejected",
        "leak",
        "contradiction",
    ]
    assert record["longest"][0]["characters"] == 16


def test_rows_too_few_to_divide_are_checked_as_one_split(textprep, tmp_path) -> None:
    write(tmp_path / "few.jsonl", rows(2))
    done = textprep("check", "few.jsonl")
    assert (done.code, "nothing is wrong" in done.out) == (0, True)
    assert "checked as one split: 2 rows with 2 distinct texts are too few to divide" in done.err
    with (tmp_path / "few.jsonl").open("a") as file:
        file.write('{"text": \n')
    done = textprep("check", "few.jsonl")
    assert done.code == 1
    assert "WRONG  rejected: 1 rows cannot be used" in done.out
    assert "few.jsonl, line 3" in done.out
    for asked in ("dataset.splits={train=0.4, a=0.3, b=0.3}", "dataset.time=label"):
        done = textprep("check", "few.jsonl", "--set", asked)
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)


def test_near_duplicates_by_option_stay_together(textprep, tmp_path) -> None:
    words = [" ".join(f"w{i}x{j}" for j in range(50)) for i in range(30)]
    near = [
        {"text": text + tail, "label": "ab"[i % 2]} for i, text in enumerate(words) for tail in ("", " z")
    ]
    write(tmp_path / "near.jsonl", near)
    done = textprep("check", "near.jsonl")
    assert (done.code, "near_leak" in done.out) == (1, True)
    done = textprep("check", "near.jsonl", "--set", "dataset.near_duplicates=0.8")
    assert (done.code, "near_duplicates: 30 rows" in done.out) == (0, True)


def test_what_cannot_be_checked_is_one_line(textprep, tmp_path) -> None:
    write(tmp_path / "good.jsonl", rows(4))
    for arguments in (["nowhere.csv"], ["good.jsonl", "--set", "dataset.near_duplicates=7"]):
        done = textprep("check", *arguments)
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)


def unspaced(count):
    """Sentences of a language without spaces: each is one word, and none is there twice."""
    letters = {label: [chr(first + i) for i in range(40)] for label, first in (("a", 0x4E00), ("b", 0x5000))}
    return [
        {"text": "".join(letters[label][(i * k) % 40] for k in range(1, 10)), "label": label}
        for i in range(count)
        for label in letters
    ]


@pytest.mark.slow
def test_texts_of_unknown_words_are_wrong_before_training(textprep, tmp_path) -> None:
    """Else a model learns from nothing, at 50 % through all epochs; the advice works when it is followed."""
    write(tmp_path / "chinese.jsonl", unspaced(39))
    said = "unknown to the tokenizer 'word'"
    done = textprep("check", "chinese.jsonl")
    assert done.code == 1
    assert (
        f"WRONG  tokenizer: 1 pipeline cannot serve these texts: 100% of the tokens of split 'train' are {said}"
        in done.out
    )
    seeds = textprep("train", "chinese.jsonl", "--seeds", "2")
    assert seeds.code == 1
    assert said in seeds.err
    for command in (["train", "chinese.jsonl", "--run", "run"], ["prepare", "chinese.jsonl"]):
        refused = textprep(*command)
        assert refused.code == 1
        assert said in refused.err
        assert refused.err.rstrip().endswith("(in a command --set tokenizer.name=char)")
        tiny = ["--set", "training.epochs=1"] if command[0] == "train" else []
        assert textprep(*command, "--set", "tokenizer.name=char", *tiny).code == 0
    assert textprep("check", "chinese.jsonl", "--set", "tokenizer.name=char").code == 0


PHRASES = {
    "Thai": ["ภาพยนตร์เรื่องนี้", "ดีมาก", "นักแสดงเล่นดี", "น่าเบื่อ"],
    "Han": ["这部电影", "非常好看", "演员的表演", "太无聊了"],
    "Khmer": ["ភាពយន្តនេះ", "ល្អណាស់", "តួសម្តែងល្អ", "គួរឱ្យធុញ"],
    "Javanese": ["ꦱꦧꦼꦤ꧀ꦮꦺꦴꦁ", "ꦢꦸꦮꦺꦲꦏ꧀", "ꦭꦻꦂꦏꦤ꧀", "ꦏꦩꦂꦢꦶꦏꦤ꧀"],
}


@pytest.mark.parametrize("script", PHRASES)
def test_phrases_that_pass_for_words_are_wrong_and_the_advice_works(
    script, textprep, tmp_path, caplog
) -> None:
    """The vocabulary knows them, since each is there often; a speaker would not call them words."""
    phrases = PHRASES[script]
    texts = [" ".join(phrases[(i >> 2 * k) % 4] + phrases[(i + k) % 4] for k in range(4)) for i in range(200)]
    write(tmp_path / "t.jsonl", [{"text": text, "label": "ab"[i % 2]} for i, text in enumerate(texts)])
    done = textprep("check", "t.jsonl")
    assert done.code == 1
    assert f"tokens in the script {script}, which has no spaces between words" in done.out
    assert ("boundaries='unicode'" in done.out) == (script != "Javanese")
    advised = re.search(r"in a command (--set tokenizer\.\S+)\)", done.out)
    assert advised
    done = textprep("check", "t.jsonl", *advised[1].split())
    assert "no spaces between words" not in done.out
    caplog.clear()
    textprep("preview", "t.jsonl")
    assert "no spaces between words" in caplog.text


def test_a_validation_split_of_unknown_words_is_wrong(textprep, tmp_path) -> None:
    write(tmp_path / "train.jsonl", rows(40))
    write(tmp_path / "validation.jsonl", unspaced(10))
    (tmp_path / "both.toml").write_text(
        'dataset = { name = "jsonl", path = { train = "train.jsonl", validation = "validation.jsonl" } }\n'
    )
    for command, code in (("check", 0), ("train", 1)):
        done = textprep(command, "both.toml")
        assert done.code == code
        assert "100% of the tokens of split 'validation' are unknown" in done.out + done.err
        assert "are they texts, and of the language of 'train'?" in done.out + done.err


def test_what_was_guessed_is_said_by_every_command_that_reads(textprep, tmp_path) -> None:
    lines = [
        f"{i},a {word} film {i},{name}"
        for i in range(20)
        for word, name in (("dull", "bad"), ("great", "good"))
    ]
    (tmp_path / "mine.csv").write_text("\n".join(["id,review,sentiment", *lines]) + "\n")
    for command in ("check", "preview", "prepare", "plan", "train"):
        tiny = ["--set", "training.epochs=1"] if command == "train" else []
        for form in ([], ["--json"]):
            done = textprep(command, "mine.csv", *form, *tiny)
            assert done.err.count("guessed from the header: text='review', label='sentiment'") == 1, (
                command,
                form,
            )
            assert "guessed" not in done.out.replace('"notes"', "") or form


def stars(path, count=200):
    write(path, [{"text": f"a film {i} of {i * i}", "stars": 1 + i % 7 / 2} for i in range(count)])
    with path.open("a") as file:
        for text, number in (("A film 3 of 9!", 1.25), ("far away", 5000), ("a comma", "4,5")):
            file.write(json.dumps({"text": text, "stars": number}) + "\n")


def test_numbers(textprep, tmp_path) -> None:
    stars(tmp_path / "n.jsonl")
    assert "(in a command --set dataset.target=number)" in textprep("preview", "n.jsonl").err
    assert 'target="number" learns numbers as they are' in textprep("check", "n.jsonl").out
    done = textprep("check", "n.jsonl", "--set", "dataset.target=number", "--set", "dataset.splits=none")
    assert done.code == 1
    for line in (
        "number          train",
        "mean",
        "median            2.5",
        "WRONG  rejected: 1 rows",
        "n.jsonl, line 203, column 'stars': '4,5' is not a number: a decimal point is needed",
        "note   contradiction: 1 texts have different numbers: no model can predict both",
        "note   few_values: 9 different values of 'label' in train (1, 1.25, 1.5, 2, 2.5, 3, 3.5, 4, 5000)",
        "note   outliers: 1 numbers 'label' of train are far from all others, the farthest 5000: mistyped?",
        "1 thing is wrong",
    ):
        assert line in done.out
    options = ("--json", "--set", "dataset.target=number", "--set", "dataset.splits=none")
    record = json.loads(textprep("check", "n.jsonl", *options).out)
    assert (record["target"], record["classes"]) == ("number", {"train": {}})
    assert record["figures"]["train"]["median"] == 2.5
    assert list(record["figures"]["train"]) == [
        "mean", "deviation", "minimum", "lower quartile", "median", "upper quartile", "maximum",
    ]  # fmt: skip


def test_numbers_that_are_all_the_same_are_wrong_in_the_training_split(textprep, tmp_path) -> None:
    write(tmp_path / "n.jsonl", [{"text": f"a film {i} of {i * i}", "label": 3} for i in range(40)])
    done = textprep("check", "n.jsonl", "--set", "dataset.target=number")
    assert done.code == 1
    assert "WRONG  constant: 1 value for all 'label' of train, 3: there is nothing to learn" in done.out
    assert "note   constant: 1 value for all 'label' of test" in done.out


def test_what_few_values_advises_works(textprep, tmp_path) -> None:
    write(tmp_path / "n.jsonl", [{"text": f"a film {i} of {i * i}", "label": 1 + i % 3} for i in range(40)])
    done = textprep("check", "n.jsonl", "--set", "dataset.target=number")
    assert (done.code, 'target="class" predicts which one it is' in done.out) == (0, True)
    assert textprep("check", "n.jsonl", "--set", "dataset.target=class").code == 0


def test_the_kind_of_target_is_in_the_json(textprep, tmp_path) -> None:
    write(tmp_path / "good.jsonl", rows(40))
    record = json.loads(textprep("check", "good.jsonl", "--json").out)
    assert record["target"] == "class"
    assert record["figures"] == record["classes"]
    write(tmp_path / "none.jsonl", [{"text": f"a film {i} of {i * i}"} for i in range(40)])
    record = json.loads(textprep("check", "none.jsonl", "--json").out)
    assert (record["target"], record["figures"]["train"]) == (None, {})


def test_both_texts_of_a_row(textprep, pairs_file):
    both = [pairs_file, "--set", "dataset.pair=hypothesis", "--set", "tokenizer=word"]
    done = textprep("check", *both)
    assert (done.code, "nothing is wrong" in done.out) == (0, True)
    assert "text              second text" in done.out
    (longest, *_) = json.loads(textprep("check", *both, "--json").out)["longest"]
    assert (longest["text"], longest["pair"]) == ("Player 10 sings.", "Somebody sings.")
    one = textprep("check", pairs_file, "--set", "dataset.text=premise")
    assert "contradict" in one.out  # one text each: the same with another label


def test_prepare_counts_the_tokens_of_both_texts(textprep, pairs_file, tmp_path):
    both = [pairs_file, "--set", "dataset.pair=hypothesis", "--set", "tokenizer=word"]
    splits = json.loads(textprep("prepare", *both, "--cache-dir", tmp_path, "--json").out)["splits"]
    assert {(counts["tokens"] / counts["rows"], counts["longest"]) for counts in splits.values()} == {(7, 7)}
    assert "is prepared" in textprep("cache", "why", *both, "--cache-dir", tmp_path).out
