"""A scaler standardizes by what it was fitted on, exactly, and comes back from its file as it was."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import textprep as tp
from textprep.errors import PipelineError

steps = arrays(np.float32, st.tuples(st.integers(1, 9), st.just(2)), elements=st.floats(-100, 100, width=16))


@given(st.lists(steps, min_size=1, max_size=5), st.randoms())
def test_fitting_does_not_depend_on_the_order_of_sequences(sequences, random):
    other = sequences.copy()
    random.shuffle(other)
    assert tp.Scaler().fit(sequences).learned() == tp.Scaler().fit(other).learned()


@given(st.lists(steps, min_size=1, max_size=5))
def test_what_it_was_fitted_on_has_mean_0_and_deviation_1(sequences):
    scaler = tp.Scaler(["x", "y"]).fit(sequences)
    found = scaler.encode_batch(sequences).values.astype(np.float64)
    flat = np.concatenate(sequences).astype(np.float64)
    assert np.allclose(found.mean(axis=0), 0, atol=1e-3)
    for deviation, values in zip(found.std(axis=0), flat.T, strict=True):
        assert np.isclose(deviation, 1, atol=1e-2) or np.isclose(values.std(), 0, atol=1e-4)
    assert np.allclose(scaler.decode(found), flat, atol=1e-3)


def test_a_saved_scaler_is_the_same(tmp_path):
    scaler = tp.Scaler(["x", "y"]).fit([np.array([[1.0, 2], [3, 7]])])
    scaler.save(tmp_path / "scaler.json")
    found = tp.Scaler.load(tmp_path / "scaler.json")
    assert found.learned() == scaler.learned()
    assert found.names == ("x", "y")
    record = json.loads((tmp_path / "scaler.json").read_text())
    (tmp_path / "scaler.json").write_text(json.dumps({**record, "mean": [1]}))
    with pytest.raises(PipelineError, match="no scaler"):
        tp.Scaler.load(tmp_path / "scaler.json")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: tp.Scaler().encode([[1.0]]), "not fitted"),
        (lambda: tp.Scaler().fit([]), "no step"),
        (lambda: tp.Scaler().fit(["text"]), "sequence 0 is str"),
        (lambda: tp.Scaler().fit([[[1.0, 2.0]]]).encode([[1.0]]), "1 numbers a step; the scaler has 2"),
        (lambda: tp.Scaler().fit([[[np.nan]]]), "not finite"),
    ],
)
def test_what_cannot_be_read_is_named(call, says):
    with pytest.raises(PipelineError, match=says):
        call()
