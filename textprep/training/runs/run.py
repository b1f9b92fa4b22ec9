"""A run: a trained model, the pipeline that it reads text through, and how it came about.

What lies where in its folder is said in `textprep.training.directory`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import safetensors.torch

from textprep.config.experiment import Config, read_saved
from textprep.config.options import LoaderOptions
from textprep.encoding.columns import Texts
from textprep.errors import PipelineError, RunError
from textprep.extra.kinds import Extra
from textprep.interrupts import ctrl_c_waits
from textprep.models import TextModel
from textprep.prepared.memory import encode_in_memory
from textprep.records import RunMetrics, Scores
from textprep.storage.files import local_path, read_json, write_bytes
from textprep.targets import Target, target_of
from textprep.targets.earlier import target_before
from textprep.training.build_model import model_name
from textprep.training.directory import CONFIG, read_manifest, write_manifest, write_record
from textprep.training.runs.data import DATA, TEXTS, TrainingData
from textprep.training.runs.extra_inputs import ExtraValues
from textprep.training.runs.given import given_to
from textprep.training.runs.inputs import Inputs
from textprep.training.runs.outputs import outputs_of
from textprep.training.saved import MODEL, PIPELINE, saved_encoding, saved_model
from textprep.training.scoring.predictions import Predictions, read_predictions, write_predictions
from textprep.training.targets import objective_of
from textprep.training.targets.base import Objective

if TYPE_CHECKING:
    from textprep.datasets.corpus import Corpus
    from textprep.datasets.split import Split
    from textprep.training.runs.insight import TextReading

METRICS = "metrics.json"
PREDICTIONS, CURVES, THRESHOLD = "predictions.safetensors", "curves.json", "threshold.json"
FILES = [CONFIG, PIPELINE, MODEL, METRICS, PREDICTIONS, CURVES, THRESHOLD, DATA, TEXTS]


@dataclass(frozen=True)
class Run:
    """A trained model with the pipeline that it reads text through.

    Attributes:
        config: what it was trained with.
        target: what it has learned.
        metrics: epochs, and scores on the held-out split.
        predictions: split → what the model says about each of its rows; "validation" and "test".
        curves: of the held-out split, see `Objective.curves`; None where training was stopped before it was
            scored.
        threshold: what decides instead of the highest probability, where a trade-off was stated.
        extra: the extra columns that the model reads, with what training found in them.
        data: what it knows of the rows that it was trained on.
        path: its folder; None of a run that was never saved.

    >>> import tempfile, textprep as tp
    >>> rows = [{"text": f"{word} film {n}", "label": word} for n in range(20) for word in ("good", "bad")]
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = tp.train(
    ...     dataset="memory", rows=rows, tokenizer={"name": "word"}, model={"hidden_dim": 2, "word_pairs": 0},
    ...     training={"epochs": 1}, run_dir=f"{folder.name}/run", cache_dir=folder.name,
    ... ).path
    >>> run = tp.Run.load(path)
    >>> sorted(run.predict(["good film"])[0].probabilities)
    ['bad', 'good']
    >>> run.evaluate(tp.load_dataset("memory", rows=rows, splits=None))["rows"]
    40
    >>> run.explain("good film").explanation.tokens[0].text
    'good'
    """

    config: Config
    pipeline: Any
    model: TextModel
    target: Target
    metrics: RunMetrics
    predictions: Mapping[str, Predictions] = field(default_factory=dict)
    curves: Mapping[str, Any] | None = None
    threshold: Any = None
    extra: Mapping[str, Extra] = field(default_factory=dict)
    data: TrainingData = field(default_factory=TrainingData)
    path: Path | None = None

    def __repr__(self) -> str:
        """Its folder, and the main score on the held-out split."""
        where = self.path or "not saved"
        if "held_out" not in self.metrics:
            return f"<Run {where}: not scored>"
        score = " ".join(self.objective.headline(self.metrics))
        return f"<Run {where}: {score} on {self.metrics['held_out']!r}>"

    @cached_property
    def objective(self) -> Objective:
        """What scores and shows it."""
        return objective_of(self.target)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes in the order of the model's outputs; none where there are no classes."""
        return self.target.classes

    def save(self, path: Path) -> None:
        """Write the run directory; the manifest comes last, so that a half-written run is never read.

        Ctrl-C waits until it is written.

        Raises:
            RunError: the folder cannot be written.
        """
        with ctrl_c_waits():
            self.pipeline.save(path / PIPELINE)
            write_record(path / CONFIG, self.config.model_dump(mode="json"))
            write_bytes(path / MODEL, safetensors.torch.save(self.model.state_dict()), RunError)
            write_record(path / METRICS, self.metrics)
            write_predictions(path / PREDICTIONS, self.predictions)
            write_record(path / CURVES, self.curves or {})
            self.data.save(path)
            self._write_decision(path)

    def with_threshold(self, threshold: Any, path: Path) -> Run:
        """The run with another threshold, or none, which is stored in its folder ``path``.

        Raises:
            RunError: the folder cannot be written.
        """
        changed = replace(self, threshold=threshold)
        with ctrl_c_waits():
            changed._write_decision(path)
        return changed

    def _write_decision(self, path: Path) -> None:
        write_record(path / THRESHOLD, self.threshold.to_json() if self.threshold else None)
        model = {"name": model_name(self.model), **self.model.options()}
        extra = {name: kind.record() for name, kind in self.extra.items()}
        record = {"target": self.target.record(), "extra": extra, "model": model}
        old = not (path / DATA).exists()  # of a version that kept nothing of the training data
        write_manifest(path, FILES[:-2] if old else FILES, record)

    @classmethod
    def load(cls, path: str | Path) -> Run:
        """The run that was saved in ``path``.

        Raises:
            RunError: there is no run, training ended before it was saved, or a file is damaged.
            PipelineError: a step of its pipeline is not installed here.
        """
        path = local_path(path, RunError)
        manifest = read_manifest(path)
        model = saved_model(path, manifest)
        target = target_of(manifest["target"]) if "target" in manifest else target_before(manifest)
        return cls(
            config=read_saved(path / CONFIG),
            pipeline=saved_encoding(path),
            model=model,
            target=target,
            metrics=read_json(path / METRICS, RunError),
            predictions=read_predictions(path / PREDICTIONS),
            curves=read_json(path / CURVES, RunError) or None,
            threshold=objective_of(target).rule(read_json(path / THRESHOLD, RunError)),
            extra={name: Extra(**record) for name, record in manifest.get("extra", {}).items()},
            data=TrainingData.load(path) if DATA in manifest["checksums"] else TrainingData(),
            path=path,
        )

    @property
    def pairs(self) -> bool:
        """Whether it compares two texts."""
        return bool(self.model.options().get("pairs"))

    def outputs(
        self, texts: Texts | Split, extra: ExtraValues = None, *, pair: Texts | None = None
    ) -> npt.NDArray[np.float32]:
        """(N, O) what the model gives, in the order of ``texts``: logits of classes, or numbers.

        Where each token has outputs of its own, (M, O) those of the tokens of all texts, one text after the
        other.
        """
        return self._outputs(self._inputs(texts, extra, pair)).values

    def predict(
        self, texts: Texts | Split, extra: ExtraValues = None, *, pair: Texts | None = None
    ) -> list[Any]:
        """What the model says about every text, by the run's threshold if it has one.

        One class a text is the likeliest; of several, all whose probability is above one half. Each has its
        ``text``, and ``label`` and ``probabilities``, or ``value`` where the target is a number, or ``spans``
        of the text where each token has a tag. Threads may share a run.

        Args:
            texts: them, or a split, which brings its second texts and its extra columns.
            extra: name → one value a text, for a run with extra columns.
            pair: the second text of each, for a run that compares two.

        Raises:
            PipelineError: there is something else than texts; the message names the row.
            RunError: second texts or an extra column are missing, or the run reads no second texts, or an
                extra column has a value that cannot be used.
        """
        if isinstance(texts, str):
            raise PipelineError(f"predict takes a list of texts, not one: predict([{texts!r:.40}])")
        rows = self._inputs(texts, extra, pair).listed()
        if not len(rows.texts):
            return []
        said = self.objective.valued(self._outputs(rows))
        encoded = self._with_spans(rows.texts)
        predictions = self.objective.of_texts(rows.shown, said, self.threshold, encoded)
        return rows.with_second(predictions)

    def explain(
        self,
        text: str,
        pair: str | None = None,
        *,
        extra: Mapping[str, Any] | None = None,
        loader: LoaderOptions | None = None,
    ) -> TextReading:
        """What every step does to ``text``, where every token came from, and what the model says and why.

        ``print`` it for what 'textprep explain' prints. ``pair`` is the second text, for a run that compares
        two. With ``loader``, of a row as that makes it; ``extra`` has a value for each extra column of the
        run.

        Raises:
            PipelineError: ``text`` or ``pair`` is no text.
            RunError: the second text or an extra column is missing, or the run reads no second text, or an
                extra column has a value that cannot be used.
        """
        from textprep.training.runs.insight import TextReading

        if self.model.features is not None:
            raise RunError("the run reads sequences of numbers, and has no steps and tokens to explain",
                           hint="its report shows curves, and where the model looked")  # fmt: skip
        values = {name: [value] for name, value in (extra or {}).items()}
        rows = self._inputs([text], values, None if pair is None else [pair])
        return TextReading.of(self, text, pair, loader or self.config.loader, rows.extra)

    def generate(self, start: str = "", **options: Any) -> str:
        """A text that begins with ``start``, written by a language model token by token.

        It ends where the model ends it, or after ``max_tokens``. It reads as the pipeline decodes it.

        Args:
            start: may be empty.
            **options: ``temperature``, ``top_k``, ``seed`` and ``max_tokens``, see
                `textprep.training.runs.generation.Generation`.

        Raises:
            ConfigError: an option is unknown or cannot have its value.
            RunError: the run has not learned the next token.
        """
        from textprep.training.runs.generation import Generation, written
        from textprep.training.runs.insight import seen_at_once

        asked = Generation(**options)
        if self.objective.predicts != "next_token":
            raise RunError(
                f"the run's target is {self.target.name!r}: only a language model writes texts",
                hint="train one with --set dataset.target=next_token",
            )
        window = seen_at_once(self.config.loader, self.target)
        return written(self.model, self.pipeline, start, asked, window=window)

    def evaluate(self, data: Corpus | Split) -> Scores:
        """Scores of the predictions for rows whose target is known.

        Of a corpus with several splits, those of "test". Where some of its texts were among the training
        texts, ``seen`` says how many, and has the scores of the other rows.

        Raises:
            RunError: the rows have no target, one of another kind, or other classes, or another number of
                texts than the run reads; or there are several splits and none is called "test".
        """
        split = _held_out(data)
        outputs = self._outputs(self._inputs(split))
        encoded = self._with_spans(split) if self.target.needs_spans else None
        labelled = self.objective.with_labels(outputs, split, encoded)
        rows = self.objective.valued(labelled)
        scores = self._scores_of(rows, split)
        seen = self.data.saw(*split.compared)
        if seen.any():
            scores["seen"] = {"rows": int(seen.sum())}
            others = self.objective.known(rows.take(~seen))
            if len(others.row_ids):
                scores["seen"]["others"] = self._scores_of(others, split.select(np.flatnonzero(~seen)))
        return scores

    def _scores_of(self, rows: Predictions, split: Split) -> Scores:
        return cast(Scores, self.objective.scores_of_texts(self._scores(rows), split))

    def _scores(self, rows: Predictions) -> Scores:
        return cast(Scores, self.objective.scores(rows, self.threshold, self.data.baseline))

    def held_out_scores(self) -> RunMetrics:
        """Scores on the split that was held out; with a threshold, what it changes too, as ``threshold``.

        Raises:
            RunError: the run was stopped before it was scored.
        """
        name = self.metrics["held_out"]
        if not name:
            raise RunError("the run was stopped before it was scored: give a labelled file with --data")
        if not self.threshold:
            return {**self.metrics}
        scores = self._scores(self.predictions[name])
        cost = self.threshold.cost(self.metrics, scores)
        threshold = {**self.threshold.to_json(), "cost": cost}
        return cast(RunMetrics, {**self.metrics, **scores, "threshold": threshold})

    def read(self, path: str | Path, *, labelled: bool = True, **options: Any) -> Corpus:
        """All rows of a file, a folder or a URL, read as the training data was, in the split "train".

        Args:
            path: where the data is.
            labelled: whether to read labels.
            options: of `textprep.load_dataset`, in place of what training was told.

        Raises:
            DatasetError: it cannot be read so; says what training was told.
        """
        from textprep.training.runs.new_data import read_all, reading_of

        told, notes = reading_of(self, str(path))
        given = told | options
        corpus = read_all(self, given.pop("name"), given, labelled=labelled)
        if "encoding" not in options:
            corpus.notes = (*notes, *corpus.notes)
        return corpus

    def _with_spans(self, texts: Any) -> Any:
        """Texts as ids, with the place of each token, where the target needs to know it."""
        if self.target.needs_spans:
            return given_to(self).places(self.pipeline, texts)
        if not self.objective.shows_places:
            return None
        found = texts.text if hasattr(texts, "table") else texts
        return encode_in_memory(self.pipeline, found, target=self.target, spans=True)

    def _inputs(self, given: Any, extra: ExtraValues = None, pair: Texts | None = None) -> Inputs:
        return given_to(self).inputs(self.extra, self.pairs, given, extra, pair)

    def _outputs(self, rows: Inputs) -> Predictions:
        return outputs_of(self.model, self.pipeline, self.config.loader, rows, self.target)


def _held_out(data: Corpus | Split) -> Split:
    """The split to score: ``data`` itself, its "test" split, or its only one."""
    if isinstance(data, (str, PathLike)):
        raise RunError(f"evaluate takes a corpus or a split: run.evaluate(run.read({str(data)!r}))")
    if not isinstance(data, Mapping):
        return data
    if "test" not in data and len(data) != 1:
        names = ", ".join(data)
        raise RunError(f'evaluate takes a split, or a corpus with a "test" split, and there are {names}')
    return data["test"] if "test" in data else next(iter(data.values()))
