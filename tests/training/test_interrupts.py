"""Ctrl-C while a model trains: the step under way ends and is kept, and nothing is learned twice."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence

import pytest
import torch
from torch import nn
from torch.optim import AdamW

from tests.training.runs.test_resume import train
from textprep.interrupts import Paused, ctrl_c_noted, ctrl_c_waits
from textprep.models import GRUAttentionClassifier
from textprep.training.loop.averaging import AveragedWeights
from textprep.training.loop.session import Session
from textprep.training.loop.step import OptimizerStep
from textprep.training.trainer import fit

STEPS, RARELY = 12, 1000  # of `train`; in three epochs
MOMENTS = {
    "forward": (GRUAttentionClassifier, "forward", range(0, 36, 7)),  # two passes a step, and validation
    "backward": (torch.Tensor, "backward", range(0, 24, 7)),
    "optimizer": (AdamW, "step", range(0, STEPS, 2)),
    "averaging": (AveragedWeights, "update", range(1, STEPS, 3)),
    "validation": (AveragedWeights, "in_place", range(3)),
    "checkpoint": (
        Session,
        "save",
        range(1, 4),
    ),  # after each epoch; the first is written before the first step
    "end of an epoch": (Session, "finish_epoch", range(3)),
}
EVERY = [(moment, at) for moment, (_, _, places) in MOMENTS.items() for at in places]


def press_at(
    monkeypatch: pytest.MonkeyPatch, moment: str, at: int, times: int = 1, steps: Sequence[int] = ()
) -> list[int]:
    """Ctrl-C in the call ``at`` of what the moment names; returns how many ``steps`` were made by then."""
    owner, name, _ = MOMENTS[moment]
    call, number, then = getattr(owner, name), iter(range(10_000)), []

    def pressed(*arguments, **options):
        if next(number) == at:
            then.append(len(steps))
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)
        return call(*arguments, **options)

    monkeypatch.setattr(owner, name, pressed)
    return then


@pytest.fixture
def steps(monkeypatch) -> list[int]:
    """The numbers of the steps that were made, in all trainings."""
    made, call = [], OptimizerStep.__call__

    def noted(self, batches, done):
        call(self, batches, done)
        made.append(self.session.step)

    monkeypatch.setattr(OptimizerStep, "__call__", noted)
    return made


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return train(tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize(("moment", "at"), EVERY)
def test_it_goes_on_with_the_next_step_to_the_very_same_weights(
    moment, at, whole, steps, tmp_path, monkeypatch
):
    with monkeypatch.context() as patched:
        then = press_at(patched, moment, at, steps=steps)
        train(tmp_path, checkpoint_every=RARELY)
    assert 0 <= len(steps) - then[0] <= 1  # what was under way came to its end, and nothing else was begun
    history, weights = train(tmp_path, checkpoint_every=RARELY)
    assert steps == list(range(1, STEPS + 1))
    assert history == whole[0]
    assert torch.equal(weights, whole[1])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_step_of_several_batches_is_kept_whole(tmp_path, monkeypatch, steps):
    (tmp_path / "whole").mkdir()
    history, weights = train(tmp_path / "whole", accumulate=3)
    made = len(steps)
    with monkeypatch.context() as patched:
        press_at(patched, "backward", 5)
        train(tmp_path, accumulate=3, checkpoint_every=RARELY)
    resumed, same = train(tmp_path, accumulate=3, checkpoint_every=RARELY)
    assert len(steps) == 2 * made
    assert resumed == history
    assert torch.equal(same, weights)


@pytest.mark.parametrize("moment", ["forward", "optimizer", "validation"])
def test_pressed_twice_it_ends_at_once_and_goes_on_from_the_checkpoint_before(
    moment, whole, steps, tmp_path, monkeypatch
):
    with monkeypatch.context() as patched:
        press_at(patched, moment, 1, times=2)
        train(tmp_path, checkpoint_every=RARELY)
    made, kept = len(steps), 4 if moment == "validation" else 0  # what the last epoch, or nothing, had kept
    assert made < STEPS
    history, weights = train(tmp_path, checkpoint_every=RARELY)
    assert steps[made:] == list(range(kept + 1, STEPS + 1))
    assert history == whole[0]
    assert torch.equal(weights, whole[1])


@pytest.mark.parametrize(("times", "kept"), [(1, 6), (2, 4)])
def test_it_says_from_which_step_training_can_go_on(times, kept, tmp_path, monkeypatch, capsys):
    press_at(monkeypatch, "optimizer", 5, times)
    monkeypatch.setattr(
        "tests.training.runs.test_resume.fit", lambda *a, **k: fit(*a, **{**k, "progress": None})
    )
    train(tmp_path, checkpoint_every=4)
    done = 6 if times == 1 else 5
    said = f"stopped by Ctrl-C after step {done}; training can go on from step {kept}\n"
    assert capsys.readouterr().err.endswith(said)


class Rows(list):
    """A loader without end, in whose third batch somebody waits for something that never comes."""

    def __iter__(self):
        while True:
            self.append(len(self))
            if len(self) == 3:
                signal.raise_signal(signal.SIGINT)
                signal.raise_signal(signal.SIGINT)
                raise AssertionError("the second one was not heard")
            ids = torch.tensor([[2, 3], [4, 5]])
            yield {"input_ids": ids, "attention_mask": ids > 0, "labels": torch.tensor([0, 1])}


def test_a_loader_that_hangs_can_be_left():
    from tests.training.test_trainer import make_model, options

    history = fit(make_model(), Rows(), None, options(), progress=False)
    assert history.interrupted
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def press(times: int = 1, then: Exception | None = None) -> None:
    for _ in range(times):
        signal.raise_signal(signal.SIGINT)
    if then:
        raise then


def test_what_nobody_heeds_is_heeded_at_the_end():
    with pytest.raises(Paused), ctrl_c_noted():
        press()
    with pytest.raises(KeyboardInterrupt), ctrl_c_waits():
        press(times=3)
    with pytest.raises(ZeroDivisionError), ctrl_c_noted():
        press(then=ZeroDivisionError())
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("noted", [ctrl_c_noted, ctrl_c_waits])
def test_a_program_that_handles_ctrl_c_in_its_own_way_goes_on_doing_so(noted):
    heard = []
    own = [signal.SIG_IGN, lambda number, frame: heard.append(number)]
    before = signal.getsignal(signal.SIGINT)
    try:
        for handler in own:
            signal.signal(signal.SIGINT, handler)
            with noted():
                signal.raise_signal(signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]


def test_a_thread_trains_too(tmp_path, whole):
    trained = []
    thread = threading.Thread(target=lambda: trained.append(train(tmp_path)))
    thread.start()
    thread.join()
    assert torch.equal(trained[0][1], whole[1])


def test_a_model_in_a_notebook_has_the_weights_of_whole_steps(monkeypatch):
    from tests.training.test_trainer import make_batches, make_model, options

    press_at(monkeypatch, "optimizer", 2)
    stopped: nn.Module = make_model()
    assert fit(stopped, make_batches(), None, options(), progress=False).interrupted
    three = make_model()
    fit(three, make_batches()[:3], None, options(epochs=1), progress=False)
    assert all(map(torch.equal, stopped.state_dict().values(), three.state_dict().values()))
