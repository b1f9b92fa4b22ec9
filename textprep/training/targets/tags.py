"""How a tag for each token is learned, scored and shown: the counterpart of `textprep.targets.tags`.

Shapes are written with B rows a batch, T tokens a row, N rows of a split, M tokens of them, C tags, K types
of entities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from textprep.batches.reader import NO_LABEL
from textprep.errors import ConfigError, DatasetError
from textprep.report.answers import Answer
from textprep.report.tag_scores import tags_headline, tags_summary
from textprep.report.tagged_texts import Entity, Piece, entity_pieces
from textprep.report.tags import tags_page
from textprep.targets import Target
from textprep.targets.tagged_column import pieces_in
from textprep.targets.tags import TagsTarget
from textprep.training.scoring.entities import Ints, Scheme, entity_counts, parts_of_f1
from textprep.training.scoring.entity_scores import entity_scores
from textprep.training.scoring.frequent_tags import FrequentTags, words_of
from textprep.training.scoring.predictions import Predictions, softmax
from textprep.training.targets.base import Floats, Json, Loss, Objective
from textprep.training.targets.class_losses import class_weights
from textprep.training.targets.label_checks import other_kind
from textprep.training.targets.measure import Measure
from textprep.training.targets.tag_labels import labels_at
from textprep.training.targets.tag_losses import TagsLoss
from textprep.training.targets.tag_places import TextPlaces
from textprep.training.targets.tag_spans import (
    TagsPrediction,
    predicted_spans,
    prediction_of,
    spans_of,
)
from textprep.training.targets.tag_texts import Labelled, tagged_texts

if TYPE_CHECKING:
    from textprep.config.options import TrainingOptions
    from textprep.datasets.split import Split
    from textprep.explanation import Explanation
    from textprep.prepared.dataset import PreparedDataset
    from textprep.prepared.split import PreparedSplit
    from textprep.report.row_texts import RowSpans, RowTexts
    from textprep.report.sections import Page

Marks = npt.NDArray[np.bool_]


class TagsObjective(Objective):
    """Softmax and cross-entropy for each token; the likeliest tag decides, and tags make entities."""

    target: TagsTarget
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("f1", "F1 of entities", ".4f", True),
        Measure("token_accuracy", "token accuracy", ".2%", True),
    )
    meaningless: ClassVar[tuple[str, ...]] = ("loss",)
    steps: ClassVar[tuple[str, ...]] = ("strip_markup", "collapse_whitespace")  # case says much here
    predicts: ClassVar[str] = "tokens"
    model: ClassVar[str] = "gru_tagger"
    shows_places: ClassVar[bool] = True
    decoding: ClassVar[tuple[str, str]] = ("probabilities", "softmax")

    @property
    def names(self) -> tuple[str, ...]:
        """The tags."""
        return tuple(self.target.tags)

    @cached_property
    def scheme(self) -> Scheme:
        """What the tags mean."""
        return Scheme.of(self.target.tags, self.target.classes)

    def token_scores(self, train: PreparedSplit, tokens: int, *, shrinkage: float = 0) -> Floats:
        """Raise `ConfigError`: what a word says of its own tag, a tagger learns with its embedding."""
        raise ConfigError(
            f"model.naive_bayes does not apply to the target {self.target.name!r}: leave it out",
            option="model.naive_bayes",
        )

    # Learning

    def plain_loss(self) -> Loss:
        """Cross-entropy."""
        return TagsLoss()

    def loss(
        self, options: TrainingOptions, batches: Iterable[Mapping[str, Tensor]], outputs: Callable[[], int]
    ) -> Loss:
        """Cross-entropy with label smoothing and class weights, one for each tag."""
        weights = options.class_weights
        chosen = None if weights is None else class_weights(weights, batches, outputs(), self._tokens_of_tags)
        return TagsLoss(options.label_smoothing, chosen)

    def check(self, batch: Mapping[str, Tensor], outputs: int) -> None:
        """Whether every label is one of the model's tags, or -100."""
        labels = batch["labels"]
        if labels.ndim != 2 or labels.dtype != torch.int64:
            raise other_kind(labels, "labels of tokens are (B, T) int64")
        wrong = ((labels >= outputs) | ((labels < 0) & (labels != NO_LABEL))).nonzero()
        if len(wrong):
            row, place = wrong[0].tolist()
            named = f"row {int(batch['row_ids'][row])}" if "row_ids" in batch else f"row {row} of a batch"
            raise DatasetError(
                f"{named} has the label {int(labels[row, place])} at token {place}; the model has {outputs} "
                f"tags, 0 to {outputs - 1}; {NO_LABEL} marks a token without one"
            )

    def labelled(self, labels: Tensor) -> Tensor:
        """(B,) those with a label at some token."""
        return (labels != NO_LABEL).any(dim=1)

    def counted(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """(3K + 2,): entities of each type that are right, true and predicted; right tokens, and all."""
        marks = labels != NO_LABEL
        true, given = labels[marks].cpu().numpy(), outputs.argmax(dim=2)[marks].cpu().numpy()
        offsets = _offsets(marks.sum(dim=1).cpu().numpy())
        counts = entity_counts(true, given, offsets, self.scheme).sum(axis=0).reshape(-1)
        return torch.tensor([*counts.tolist(), int((true == given).sum()), len(true)], dtype=torch.float64)

    def measured(self, sums: Tensor, rows: float) -> dict[str, float]:
        """F1 of all entities, and the share of tokens with the right tag."""
        (right, true, given), (hits, tokens) = sums[:-2].reshape(3, -1).sum(dim=1), sums[-2:]
        return {
            "f1": float(2 * right / (true + given).clamp(min=1)),
            "token_accuracy": float(hits / tokens.clamp(min=1)),
        }

    # Predictions

    def values(self, outputs: Floats) -> Floats:
        """Probabilities of the tags of each token."""
        return softmax(outputs)

    def of_texts(
        self, texts: Sequence[str], rows: Predictions, rule: Any, encoded: Any = None
    ) -> list[TagsPrediction]:
        """The entities of each text, at their places in the raw text."""
        return predicted_spans(self.target, texts, rows, encoded)

    def lines(self, predictions: Sequence[TagsPrediction]) -> list[str]:
        """Each entity, its type and its probability."""
        return [str(prediction) for prediction in predictions]

    # Scores

    def scores(self, rows: Predictions, rule: Any = None, baseline: Json = None) -> dict[str, Any]:
        """Of entities and of tokens, see `entity_scores`."""
        true, values, offsets = self._labelled(self.known(rows))
        return entity_scores(true, values.argmax(axis=1), offsets, self.scheme)

    def rivals(self, data: PreparedDataset, held_out: str, rows: Predictions) -> dict[str, Any]:
        """``baseline``: the scores of the tag that each word has most often in training, on the same tokens.

        And ``unread``: how many words with a tag were truncated away.
        """
        rows, split = self.known(rows), data[held_out]
        order = np.argsort(split.row_ids)
        places = order[np.searchsorted(split.row_ids, rows.row_ids, sorter=order)]
        train, words = data["train"], words_of(split, places)
        guesses = FrequentTags(words_of(train, np.arange(len(train))), len(self.names)).of(words)
        begins = _offsets(np.asarray(split.lengths)[places])[:-1]
        read = _read(rows, begins)
        true, _, offsets = self._labelled(rows)
        scores = entity_scores(true, guesses[read][rows.labels != NO_LABEL], offsets, self.scheme)
        kept = ("precision", "recall", "f1", "token_accuracy", "per_class")
        of = "the most frequent tag" + (" of each word" if split.features is None else "")
        baseline = {"of": of, **{name: scores[name] for name in kept}}
        return {"baseline": baseline, "unread": int((words.tags != NO_LABEL).sum()) - len(true)}

    def per_row(self, rows: Predictions) -> Floats:
        """(N,) of each row its part in the F1, see `parts_of_f1`; of a row without a tag the F1 itself.

        So there are as many whatever a pipeline leaves of the texts, and pipelines can be compared.
        """
        return parts_of_f1(self._counts(rows))

    def are_of(self, rows: Predictions, split: Split, places: Ints) -> bool:
        """Whether the rows of ``split`` have these tags; which token has which, no row says."""
        return split.target == self.target

    def with_labels(self, rows: Predictions, split: Split, encoded: Any = None) -> Predictions:
        """Predictions for all rows of ``split``, with the tags of the tokens that were read."""
        self.labels_of(split)  # that there are any, of this kind
        labels, offsets = labels_at(self.target, split, encoded)
        return replace(rows, labels=labels[_read(rows, offsets[:-1])])

    def aligned(self, target: Target, labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The tagged pieces as they are; `with_labels` finds the tokens that they are of."""
        return labels

    # For people

    def summary(self, scores: Mapping[str, Any]) -> str:
        """The scores of each type, of all entities and of tokens, and what was taken for what."""
        return tags_summary(scores)

    def headline(self, scores: Mapping[str, Any]) -> tuple[str, str]:
        """The F1 of entities."""
        return tags_headline(scores)

    def truth(self, label: Any) -> str:
        """How many entities of each type the tokens of a row have."""
        labels = np.asarray(label)[np.asarray(label) != NO_LABEL]
        counts = entity_counts(labels, labels, np.array([0, len(labels)]), self.scheme)[0, 0]
        named = [f"{count} {name}" for name, count in zip(self.target.classes, counts, strict=True) if count]
        return ", ".join(named) or "no entity"

    def tags_of(self, label: Any) -> tuple[str, ...]:
        """The tag of each token."""
        return tuple("" if tag == NO_LABEL else self.names[tag] for tag in np.asarray(label).tolist())

    def worth_reading(
        self, rows: Predictions
    ) -> tuple[npt.NDArray[np.int64], list[tuple[str, Marks, Floats]]]:
        """Rows with the most entities missed, invented, and right."""
        right, has, given = self._counts(rows).sum(axis=2).T
        kinds = [("Most missed", has - right), ("Most invented", given - right), ("Most right", right)]
        return (given > 0).astype(np.int64), [(title, count > 0, -count) for title, count in kinds]

    def examples(self, split: Split) -> list[tuple[str, Marks]]:
        """Each type, and which rows have it."""
        if split.target_column is None:
            return []
        ends, _, _, tags = pieces_in(split.target_column)
        rows = np.repeat(np.arange(len(split)), np.diff(ends))
        types = self.scheme.types[tags]
        return [
            (name, np.isin(np.arange(len(split)), rows[types == place]))
            for place, name in enumerate(self.target.classes)
        ]

    def answers(self, values: Floats, ways: Sequence[Explanation] = ()) -> list[Answer]:
        """The likeliest tag of each word, its probability, and the entities that they make."""
        if not ways:
            return [self._of_steps(each) for each in values]
        return [self._of_way(each, way) for each, way in zip(values, ways, strict=True)]

    def _of_steps(self, values: Floats) -> Answer:
        """Of the row (T, C) of a sequence."""
        answer = _answer(self.names, map(str, range(len(values))), values, {})
        return answer._replace(tags=self.tags_of(values.argmax(axis=1)))

    def _of_way(self, values: Floats, way: Explanation) -> Answer:
        """Of the row (T, C) of a text."""
        columns = [place for place, token in enumerate(way.row.tokens) if token.place is not None]
        places = np.array([way.row.tokens[column].place for column in columns], np.int64)
        where = TextPlaces([way.texts[0].raw], lambda row: spans_of(way.texts[row]))
        said = prediction_of(self.target, way.texts[0].raw, where, 0, places, values[columns])
        first = np.isin(places, where.words(0)[0])
        names = [way.texts[0].tokens[place].name for place in places[first]]
        record = {"spans": said.spans, "unread": said.unread}
        answer = _answer(self.names, names, values[columns][first], record)
        return answer._replace(
            pieces=tuple(self._marked(said)), found="" if self.target.scheme == "plain" else str(said)
        )

    def _marked(self, said: TagsPrediction) -> list[Piece]:
        """A text with the entities that were found in it."""
        entities = [
            Entity(
                each["start"], each["end"], self.target.classes.index(each["label"]), "", each["probability"]
            )
            for each in said.spans
        ]
        return entity_pieces(said.text, entities, self.target.classes)

    def page(
        self, rows: Predictions, scores: Mapping[str, Any], curves: Mapping[str, Any], rule: Any,
        texts: RowTexts, spans: RowSpans | None = None,
    ) -> Page:  # fmt: skip
        """Scores of each type, what was taken for what, and texts with what is true and predicted."""
        if spans is None:  # of sequences of numbers
            return tags_page(scores)
        assert rows.places is not None and rows.offsets is not None  # noqa: S101, PT018 - for the type checker
        places = rows.places[rows.labels != NO_LABEL]
        tokens = Labelled(*self._labelled(rows), places, np.diff(rows.offsets))
        found = tagged_texts(tokens, self.scheme, texts, spans)
        return tags_page(scores, found, is_plain=self.target.scheme == "plain")

    # Tokens with a label

    def _labelled(self, rows: Predictions) -> tuple[Ints, Floats, Ints]:
        """Labels (M,), values (M, C) and offsets (N + 1,) of the tokens that have a label."""
        assert rows.offsets is not None  # noqa: S101 - for the type checker
        marks = rows.labels != NO_LABEL
        return rows.labels[marks], rows.values[marks], np.append(0, np.cumsum(marks))[rows.offsets]

    def _counts(self, rows: Predictions) -> Ints:
        """(N, 3, K), see `entity_counts`."""
        true, values, offsets = self._labelled(rows)
        return entity_counts(true, values.argmax(axis=1), offsets, self.scheme)

    def _tokens_of_tags(self, batch: Mapping[str, Tensor], tags: int) -> Tensor:
        """(C,) how many tokens of a batch have each tag."""
        self.check(batch, tags)
        labels = batch["labels"]
        return torch.bincount(labels[labels >= 0], minlength=tags)[:tags]


def _answer(tags: Sequence[str], words: Iterable[str], values: Floats, record: dict[str, Any]) -> Answer:
    """What is said of words, with their likeliest tags."""
    best, named = values.argmax(axis=1), list(words)
    lines = tuple(
        (word, f"{tags[tag]} {shares[tag]:.1%}", float(shares[tag]))
        for word, tag, shares in zip(named, best, values, strict=False)
    )
    each = [
        {"token": word, "tag": tags[tag], "probabilities": dict(zip(tags, shares.tolist(), strict=True))}
        for word, tag, shares in zip(named, best, values, strict=False)
    ]
    return Answer(lines, {**record, "tokens": each}, (), ("word", "tag"))


def _read(rows: Predictions, begins: Ints) -> Ints:
    """(M,) which of all tokens each one is that was read, where those of each text begin at (N,)."""
    assert rows.offsets is not None and rows.places is not None  # noqa: S101, PT018 - for the type checker
    return np.repeat(begins, np.diff(rows.offsets)) + rows.places


def _offsets(lengths: npt.NDArray[Any]) -> Ints:
    """(N + 1,) where each of N rows begins, and the last ends."""
    return np.append(0, np.cumsum(lengths)).astype(np.int64)
