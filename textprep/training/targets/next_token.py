"""How the next token is learned and scored: the counterpart of `textprep.targets.next_token`.

Shapes are written with B rows a batch, T tokens a row, V tokens of the vocabulary, N texts, P tokens that
are predicted. Predictions are kept by text: of each predicted token the logarithm of its probability.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from textprep.batches.blocks import Blocks
from textprep.batches.reader import EncodedRows
from textprep.errors import DatasetError
from textprep.report.answers import Answer
from textprep.report.language import language_page
from textprep.report.language_scores import headline, language_summary
from textprep.report.sections import Page
from textprep.targets.next_token import NextTokenTarget
from textprep.training.scoring.ngrams import NGrams, Row
from textprep.training.scoring.perplexity import (
    loss_difference,
    perplexity_scores,
    text_sums,
    with_characters,
)
from textprep.training.targets.base import Floats, Json, Loss, Objective
from textprep.training.targets.label_checks import other_kind
from textprep.training.targets.measure import Measure
from textprep.training.targets.token_probabilities import LanguagePrediction, token_answer

if TYPE_CHECKING:
    from textprep.batches.reader import EncodedTexts
    from textprep.config.options import TrainingOptions
    from textprep.datasets.split import Split
    from textprep.explanation import Explanation
    from textprep.prepared.dataset import PreparedDataset
    from textprep.prepared.split import PreparedSplit
    from textprep.report.row_texts import RowSpans, RowTexts
    from textprep.training.scoring.predictions import Predictions

NONE = NextTokenTarget.missing
ROWS_AT_ONCE = 1024


class NextTokenObjective(Objective):
    """The token that follows, by cross-entropy over the vocabulary.

    >>> import math, torch
    >>> objective = NextTokenObjective(NextTokenTarget())
    >>> logits, labels = torch.zeros(1, 3, 10), torch.tensor([[4, 2, -100]])
    >>> total, weight = objective.plain_loss()(logits, labels)
    >>> round(float(total / weight), 3), objective.of_loss(math.log(10))
    (2.303, {'perplexity': 10.0...})
    """

    target: NextTokenTarget
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("perplexity", "perplexity", ".4g", False, (1.0, None)),
    )
    meaningless: ClassVar[tuple[str, ...]] = (
        "class_weights", "label_smoothing", "loss", "word_dropout", "adversarial",
    )  # fmt: skip
    usual: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "training": {"adversarial": 0.0, "epochs": 10, "learning_rate": 5e-3},
        "model": {"hidden_dim": 256, "dropout": 0.2, "vectors": None},
    }
    steps: ClassVar[tuple[str, ...]] = ("strip_markup", "collapse_whitespace")  # case says much here
    predicts: ClassVar[str] = "next_token"
    model: ClassVar[str] = "gru_language_model"
    shows_places: ClassVar[bool] = True
    decoding: ClassVar[tuple[str, str]] = ("probabilities", "softmax")

    @property
    def names(self) -> tuple[str, ...]:
        """None: outputs are the tokens of the vocabulary."""
        return ()

    def model_options(self) -> dict[str, Any]:
        """None: what is predicted is what is read."""
        return {}

    def start(self, model: Any, train: PreparedSplit) -> str:
        """Before it has read anything, a language model says how often each token is met."""
        counts = token_counts(train, len(model.bias))
        with torch.no_grad():
            model.bias.copy_(torch.from_numpy(np.log((counts + 1) / (counts + 1).sum())))
        return f"each of {len(counts):,} tokens starts as likely as it is in the training split"

    # Learning

    def plain_loss(self) -> Loss:
        """Cross-entropy, summed over the tokens that are to be predicted."""
        return cross_entropy

    def loss(
        self, options: TrainingOptions, batches: Iterable[Mapping[str, Tensor]], outputs: Callable[[], int]
    ) -> Loss:
        """The same."""
        return cross_entropy

    def check(self, batch: Mapping[str, Tensor], outputs: int) -> None:
        """Labels are (B, T) int64, ids of the vocabulary."""
        labels: Tensor = batch["labels"]
        if labels.is_floating_point() or labels.ndim != 2:
            raise other_kind(labels, "labels that are the next tokens are (B, T) int64")
        if labels.numel() and int(labels.max()) >= outputs:
            most = int(labels.max())
            raise DatasetError(f"a label is the token {most}, and the model was made for {outputs} tokens")

    def labelled(self, labels: Tensor) -> Tensor:
        """(B, T): those that are tokens."""
        return labels != NONE

    def counted(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Nothing: the loss says all."""
        return labels.new_zeros(0)

    def measured(self, sums: Tensor, rows: float) -> dict[str, float]:
        """Nothing but what `of_loss` has."""
        return {}

    def of_loss(self, loss: float) -> dict[str, float]:
        """The perplexity."""
        return {"perplexity": math.exp(min(loss, 700.0))}

    # Predictions

    def kept(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """(B, T, 1) the logarithm of the probability of each label; 0 where there is none."""
        known = labels != NONE
        logits = outputs.float()
        chosen = logits.gather(2, labels.where(known, 0).unsqueeze(2)).squeeze(2)
        return ((chosen - logits.logsumexp(dim=2)) * known).unsqueeze(2)

    def of_texts(
        self, texts: Sequence[str], rows: Predictions, rule: Any, encoded: EncodedTexts | None = None
    ) -> list[LanguagePrediction]:
        """The perplexity of each text, and what each of its tokens was given."""
        return [LanguagePrediction.of(text, rows, row, encoded) for row, text in enumerate(texts)]

    def lines(self, predictions: Sequence[LanguagePrediction]) -> list[str]:
        """The perplexity, and the token that was foreseen least."""
        return [str(said) for said in predictions]

    # Scores

    def known(self, rows: Predictions) -> Predictions:
        """The texts of which a token is predicted."""
        return rows.take(rows.any_of_row(rows.labels != NONE))

    def by_row(self, rows: Predictions, read: EncodedRows) -> Predictions:
        """By text, of rows that are blocks of joined texts; ``places`` say which token is predicted.

        That is the number of tokens for the end of a text.
        """
        if isinstance(read, Blocks):
            return _by_text(rows, read)
        known = rows.labels != NONE
        before = np.concatenate([[0], np.cumsum(known)])
        return replace(
            rows,
            labels=rows.labels[known],
            values=rows.values[known],
            offsets=before[_offsets(rows)],
            places=_places(rows)[known] + 1,
        )

    def with_labels(
        self, rows: Predictions, split: Split, encoded: EncodedTexts | None = None
    ) -> Predictions:
        """As they are: the texts are their own labels."""
        return rows

    def scores(self, rows: Predictions, rule: Any = None, baseline: Json = None) -> dict[str, Any]:
        """See `textprep.training.scoring.perplexity.perplexity_scores`."""
        if not len(rows.labels):
            raise DatasetError("no token of these rows is predicted: there is nothing to score")
        return perplexity_scores(rows.values[:, 0], _offsets(rows))

    def scores_of_texts(self, scores: Mapping[str, Any], split: Split) -> dict[str, Any]:
        """With bits per character.

        Where each row is a text of its own (``loader.block_length="none"``), first tokens are not predicted
        and their characters count all the same: the figure is a little too low there.
        """
        import pyarrow.compute as pc

        characters = pc.sum(pc.utf8_length(split.text)).as_py() or 0
        return with_characters(scores, characters + len(split))

    def rivals(self, data: PreparedDataset, held_out: str, rows: Predictions) -> dict[str, Any]:
        """``baseline`` and ``trigram``: the scores of counting tokens, and of counting three in a row.

        ``loss_difference`` is by how much the model's loss is above that of the trigrams, text by text.
        """
        ngrams = NGrams.counted(_train_rows(data["train"]), len(data.pipeline.vocabulary))
        each = list(_same_rows(data[held_out], rows))
        unigram, trigram = ngrams.unigram(each), ngrams.trigram(each)
        difference = loss_difference(rows.values[:, 0], trigram, _offsets(rows))
        return {
            "baseline": {"of": "unigrams", **perplexity_scores(unigram, _offsets(rows))},
            "trigram": {**perplexity_scores(trigram, _offsets(rows)), "loss_difference": difference},
        }

    def per_row(self, rows: Predictions) -> Floats:
        """How much each text moves the perplexity, about it: their mean is the perplexity itself."""
        sums = text_sums(rows.values[:, 0], _offsets(rows))
        total, tokens = sums.sum(axis=0)
        loss = total / max(tokens, 1)
        moves = (sums[:, 0] - loss * sums[:, 1]) / max(tokens / len(sums), 1e-12)
        each: Floats = math.exp(loss) * (1 + moves)
        return each

    def are_of(self, rows: Predictions, split: Split, places: npt.NDArray[np.int64]) -> bool:
        """Every text is of this kind."""
        return True

    # For people

    def summary(self, scores: Mapping[str, Any]) -> str:
        """A table, see `language_summary`."""
        return language_summary(scores)

    def headline(self, scores: Mapping[str, Any]) -> tuple[str, str]:
        """The perplexity."""
        return headline(scores)

    def truth(self, label: Any) -> str:
        """Nothing: a text is its own label."""
        return ""

    def answers(self, values: Floats, ways: Sequence[Explanation] = ()) -> list[Answer]:
        """How likely each token of a row was after those before it; the first one is predicted by nothing."""
        if not ways:
            return [Answer((), {}, ()) for _ in values]
        return [token_answer(each, way) for each, way in zip(values, ways, strict=True)]

    def worth_reading(
        self, rows: Predictions
    ) -> tuple[npt.NDArray[np.int64], list[tuple[str, npt.NDArray[np.bool_], Floats]]]:
        """The texts that are foreseen best and worst."""
        sums = text_sums(rows.values[:, 0], _offsets(rows))
        loss, every = sums[:, 0] / np.maximum(sums[:, 1], 1), np.ones(len(rows), bool)
        kinds: list[Any] = [("Foreseen best", every, loss), ("Foreseen worst", every, -loss)]
        return np.zeros(len(rows), np.int64), kinds

    def examples(self, split: Split) -> list[tuple[str, npt.NDArray[np.bool_]]]:
        """Any text."""
        return [("A training text", np.ones(len(split), bool))]

    def page(
        self, rows: Predictions, scores: Mapping[str, Any], curves: Mapping[str, Any], rule: Any,
        texts: RowTexts, spans: RowSpans | None = None,
    ) -> Page:  # fmt: skip
        """Scores, and where the model is surest and least sure."""
        where = spans or (lambda _: _NoSpans())
        return language_page(rows.values[:, 0], _offsets(rows), _places(rows), scores, texts, where)


def cross_entropy(outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The sum of -log p over the labels that are tokens, and how many these are."""
    total = functional.cross_entropy(
        outputs.float().flatten(0, 1), labels.flatten(), ignore_index=int(NONE), reduction="sum"
    )
    return total, (labels != NONE).sum().to(total)


class _NoSpans:
    """Of texts whose tokens nobody has found: each is taken for the end of its text."""

    def spans(self, row: int) -> npt.NDArray[np.int64]:
        return np.zeros((0, 2), np.int64)


def _by_text(rows: Predictions, blocks: Blocks) -> Predictions:
    """Rows that are all blocks, as the texts that were joined."""
    read = np.repeat(blocks.begins(rows.row_ids), np.diff(_offsets(rows))) + _places(rows)
    order = np.argsort(read)  # by place in the line
    counts = np.asarray(blocks.rows.lengths, np.int64) + 1
    ends = np.cumsum(counts)
    places = np.arange(counts.sum()) - np.repeat(ends - counts, counts)
    return replace(
        rows,
        row_ids=blocks.rows.row_ids,
        labels=rows.labels[order],
        values=rows.values[order],
        offsets=np.concatenate([[0], ends - 1]),  # the very first token is predicted by nothing
        places=places[1:],
    )


def _offsets(rows: Predictions) -> npt.NDArray[np.int64]:
    """Where the tokens of each row begin."""
    assert rows.offsets is not None  # noqa: S101 - for the type checker
    return rows.offsets


def _places(rows: Predictions) -> npt.NDArray[np.int64]:
    assert rows.places is not None  # noqa: S101 - for the type checker
    return rows.places


def token_counts(split: PreparedSplit, tokens: int) -> npt.NDArray[np.int64]:
    """(V,) how often each token is to be predicted."""
    rows, counts = _train_rows(split), np.zeros(tokens, np.int64)
    while some := [labels for _, labels in islice(rows, ROWS_AT_ONCE)]:
        counts += np.bincount(np.concatenate(some), minlength=tokens)
    return counts


def _train_rows(split: PreparedSplit) -> Iterator[Row]:
    """The ids and next tokens of each text, the token that ends the text before it first."""
    first = [] if split.template.ending is None else [split.template.ending]
    for row in range(len(split)):
        line = np.concatenate([first, split.ids(row), first]).astype(np.int64)
        yield line[:-1], line[1:]


def _same_rows(split: PreparedSplit, rows: Predictions) -> Iterator[Row]:
    """The same, of the tokens alone that are predicted in ``rows``."""
    order, places = np.argsort(split.row_ids), _places(rows)
    found = order[np.searchsorted(split.row_ids, rows.row_ids, sorter=order)]
    starts = 0 if split.template.ending is None else 1
    for number, row in enumerate(found.tolist()):
        line = np.concatenate([[split.template.ending] * starts, split.ids(row)]).astype(np.int64)
        labels = np.full(len(line), int(NONE), np.int64)
        where = rows.of_row(number)
        labels[places[where] + starts - 1] = rows.labels[where]
        yield line, labels
