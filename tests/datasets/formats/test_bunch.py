"""What scikit-learn returns, in every form that it has."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import textprep as tp
from textprep.errors import DatasetError


class Bunch(dict):
    """As scikit-learn's: a dictionary whose keys are attributes."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(name) from error


TEXTS, IDS, NAMES = ["Great.", "Dull.", "Fine."], [1, 0, 1], ["neg", "pos", "odd"]
FILES = np.array(["a/1", "b/2", "a/3"])
CATEGORICAL = pd.Series(pd.Categorical.from_codes(IDS, NAMES), name="class")


def bunch(**parts):
    return Bunch({"data": TEXTS, "target": np.array(IDS), "target_names": NAMES, "DESCR": "…", **parts})


def load(bunch, **options):
    return tp.load_dataset("sklearn", bunch=bunch, splits=None, **options)


@pytest.mark.parametrize(
    "given",
    [
        bunch(filenames=FILES),
        bunch(target_names=np.array(NAMES)),
        bunch(data=np.array(TEXTS)),
        bunch(data=np.array(TEXTS, dtype=object), filenames=FILES.tolist()),
        bunch(data=tuple(TEXTS)),
        bunch(data=pd.Series(TEXTS, index=[4, 4, 5])),
        bunch(data=[text.encode() for text in TEXTS], filenames=FILES),
        bunch(data=np.array([text.encode() for text in TEXTS])),
        bunch(data=pd.DataFrame({"text": TEXTS}), target=pd.Series(IDS)),
        bunch(data=pd.DataFrame({"review": TEXTS}), target=CATEGORICAL, target_names=["class"]),
        bunch(target=CATEGORICAL, target_names=None),
        (pd.DataFrame({"text": TEXTS, "year": [1, 2, 3]}), CATEGORICAL),
        dict(bunch()),
    ],
)
def test_texts_and_classes(given):
    corpus = load(given)
    assert corpus["train"].text.to_pylist() == TEXTS
    assert (corpus.class_names, corpus["train"].labels.tolist()) == (tuple(NAMES), IDS)


def test_what_names_no_class_keeps_its_own():
    assert load((TEXTS, np.array([3, 1, 3]))).class_names == ("1", "3")
    assert load((TEXTS, ["b", "a", "b"])).class_names == ("a", "b")
    assert load(bunch(target=np.array([1.0, 0.0, 1.0]), target_names=None)).class_names == ("0", "1")
    assert load(bunch(target=None)).class_names == ()
    with pytest.raises(DatasetError, match="row 0, column 'label': the label '7' is none of the classes"):
        load(bunch(target=np.array([7, 0, 1])))


def test_files_are_a_column():
    assert load(bunch(filenames=FILES))["train"].table["file"].to_pylist() == FILES.tolist()


def test_bytes_of_another_encoding():
    data = ["caf\u00e9".encode(code) for code in ("cp1252", "utf-8")]
    with pytest.raises(DatasetError, match=r"row 0, column 'text': byte 0xe9 .* is not utf-8") as failure:
        load(Bunch(data=data))
    assert failure.value.option == "encoding"
    assert load(Bunch(data=data[:1]), encoding="cp1252")["train"].text.to_pylist() == ["caf\u00e9"]
    assert len(load(Bunch(data=data), on_error="skip")["train"]) == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (bunch(data=np.zeros((3, 4))), r"numbers there, of the shape \(3, 4\)"),
        (bunch(data=np.zeros(3)), r"numbers there, of the shape \(3,\)"),
        (Bunch(filenames=FILES), "which this Bunch has not; load_files needs load_content=True"),
        ("texts", "which this str has not"),
        (bunch(target=[1]), "there are 3 texts and 1 targets"),
        (bunch(target=np.zeros((3, 2))), "several targets a row"),
    ],
)
def test_what_is_no_bunch_of_texts(given, message):
    with pytest.raises(DatasetError, match=message):
        load(given)
