"""A model's answer to a text, or to its tokens, must not depend on the texts that it is batched with."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn

TEXTS = 24
LONGEST = 40
BEYOND = 24  # columns of padding, beyond the longest text
KINDS_OF_STEPS = 1_000  # of which sequences of numbers are made
FIELDS = ("input_ids", "inputs", "attention_mask", "token_type_ids", "lengths")


def assert_padding_invariant(
    model: nn.Module,
    *,
    vocab_size: int | None = None,
    features: int | None = None,
    pad_id: int | None = None,
    pairs: bool = False,
    per_token: bool | None = None,
    extra: Mapping[str, Tensor] | None = None,
    sides: Sequence[str] = ("right", "left"),
    tolerance: float = 1e-5,
    seed: int = 0,
) -> None:
    """Check that the logits of a text are the same alone, in a batch, and padded further, left or right.

    Where the model ``predicts`` something for each token (see `textprep.models.base.TextModel`), these are
    the logits of the real tokens; those on padding mean nothing.

    The model is called as ``model(input_ids=…, attention_mask=…, lengths=…)``, with those of the three that
    its ``forward`` names, or with the ids alone if it names none; (B, T) int64, (B, T) bool and (B,) int64.
    It returns logits, an object with ``logits``, or a tuple that begins with them. An empty text must have
    finite logits too. The model is put into evaluation mode meanwhile. Its outputs may be numbers, too, (B,)
    or (B, K).

    Args:
        model: any classifier of texts, or of tokens.
        vocab_size: of its ids; that of its first embedding, if not given.
        features: of a model that reads sequences of numbers: how many a step has, as ``model.features`` says
            if not given. It gets ``inputs``, (B, T, F) float32, in place of ids.
        pad_id: the id of padding; the ``padding_idx`` of its first embedding if not given, or 0 where it has
            none.
        pairs: whether to give it rows of two texts, with ``token_type_ids``, (B, T) int64: 0 on the first
            text and on padding, 1 on the second. Either text may be empty.
        per_token: whether its logits are (B, T, C), some for each token; if not given, as ``model.predicts``
            says, or else it has some for each text.
        extra: further fields that it takes, name → some rows, (R,) or (R, K): the texts get them in turn.
        sides: where padding may stand; ``("right",)`` for a model that only takes it there.
        tolerance: how far logits may differ, times the largest of them where that is above 1.
        seed: of the texts.

    Raises:
        AssertionError: the logits of a text differ, or are not finite; says how it was padded, by how much
            they differ, how many decisions flip, and what to do.

    >>> from textprep.models import GRUAttentionClassifier
    >>> assert_padding_invariant(GRUAttentionClassifier(vocab_size=50, num_classes=2))
    """
    import torch

    was_training, device = model.training, next(model.parameters()).device
    features = getattr(model, "features", None) if features is None else features
    if features is not None:
        vocab_size, pad_id = KINDS_OF_STEPS, 0
    embedding = _embedding(model)
    if pad_id is None:
        pad_id = embedding.padding_idx if embedding and embedding.padding_idx is not None else 0
    texts = _texts(vocab_size or _vocab_size(model, embedding), pad_id, seed)
    seconds = [place % (len(text) + 1) if pairs else 0 for place, text in enumerate(texts)]
    steps = _steps(features, seed)
    pad = partial(_pad, pad_id=pad_id, device=device, pairs=pairs, steps=steps)
    each_token = getattr(model, "predicts", "rows") != "rows" if per_token is None else per_token
    logits_of = _token_logits if each_token else _logits
    model.eval()
    try:
        with torch.inference_mode():
            fields = {name: _in_turn(rows).to(device) for name, rows in (extra or {}).items()}
            alone = torch.cat(
                [
                    logits_of(model, pad([text], seconds[number : number + 1]) | _row(fields, number))
                    for number, text in enumerate(texts)
                ]
            )
            of_texts = _texts_of(texts, each_token)
            _check_finite(model, alone, of_texts)
            for side in sides:
                for beyond in (0, BEYOND):
                    padded = logits_of(model, pad(texts, seconds, side, beyond) | fields)
                    how = f"in a batch of {TEXTS}, padded on the {side}, {beyond} columns beyond the longest"
                    _compare(model, alone, padded, of_texts, how, tolerance)
    finally:
        model.train(was_training)


def _compare(
    model: nn.Module, alone: Tensor, padded: Tensor, of_texts: Sequence[int], how: str, tolerance: float
) -> None:
    """Raise where logits (M, …) differ; ``of_texts`` says which text each of the M is of."""
    differences = (alone - padded).abs().reshape(len(alone), -1).amax(dim=1)  # (M,)
    worst = float(differences.max())
    if worst <= tolerance * max(1.0, float(alone.abs().max())):
        return
    before, after = (logits.reshape(len(logits), -1).argmax(dim=1) for logits in (alone, padded))
    flipped = float((before != after).float().mean())
    text = of_texts[int(differences.argmax())]
    raise AssertionError(
        f"{type(model).__name__}: the logits of text {text} differ by {worst:.2g} between alone and {how}; "
        f"{flipped:.0%} of the decisions flip. Padding is read somewhere: mask it in attention and pooling, "
        "take the state of the last real token, not of the last column, and reverse texts within their length"
    )


def _check_finite(model: nn.Module, logits: Tensor, of_texts: Sequence[int]) -> None:
    places = (~logits.isfinite()).reshape(len(logits), -1).any(dim=1).nonzero().flatten().tolist()
    broken = [of_texts[place] for place in places]
    if broken:
        what = "an empty text" if broken == [0] else f"text {broken[0]}"
        raise AssertionError(
            f"{type(model).__name__}: the logits of {what} are not finite: a softmax or a mean over no token "
            "divides by zero"
        )


def _texts(vocab_size: int, pad_id: int, seed: int) -> list[list[int]]:
    """An empty text, one of a single token, one that repeats a token, and others of many lengths."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    ids = torch.tensor([i for i in range(vocab_size) if i != pad_id])
    lengths = torch.randint(1, LONGEST, (TEXTS - 3,), generator=generator).tolist()
    drawn = [ids[torch.randint(len(ids), (length,), generator=generator)].tolist() for length in lengths]
    return [[], drawn[0][:1], [int(ids[0])] * 5, *drawn]


def _steps(features: int | None, seed: int) -> Tensor | None:
    """(ids, F) the numbers of each id; zeros of that of padding."""
    import torch

    if features is None:
        return None
    steps = torch.randn(KINDS_OF_STEPS, features, generator=torch.Generator().manual_seed(seed))
    steps[0] = 0
    return steps


def _pad(
    texts: list[list[int]],
    seconds: list[int],
    side: str = "right",
    beyond: int = 0,
    *,
    pad_id: int,
    pairs: bool,
    device: Any,
    steps: Tensor | None = None,
) -> dict[str, Tensor]:
    """A batch of texts, of each of which so many tokens, its last ones, are of a second text.

    With ``steps``, the numbers of each id stand in its place.
    """
    import torch

    width = max(1, *map(len, texts)) + beyond
    rows = [_filled(text, width, side, pad_id) for text in texts]
    lengths = torch.tensor([len(text) for text in texts])
    columns = torch.arange(width).expand(len(texts), width)
    mask = columns >= width - lengths[:, None] if side == "left" else columns < lengths[:, None]
    ids = torch.tensor(rows)
    first = {"input_ids": ids} if steps is None else {"inputs": steps[ids]}
    batch = {**first, "attention_mask": mask, "lengths": lengths}
    if pairs:
        types = [
            [0] * (len(text) - second) + [1] * second for text, second in zip(texts, seconds, strict=True)
        ]
        batch["token_type_ids"] = torch.tensor([_filled(row, width, side, 0) for row in types])
    return {name: tensor.to(device) for name, tensor in batch.items()}


def _filled(row: list[int], width: int, side: str, fill: int) -> list[int]:
    padding = [fill] * (width - len(row))
    return padding + row if side == "left" else row + padding


def _texts_of(texts: list[list[int]], each_token: bool) -> list[int]:
    """Which text each row of logits is of."""
    return [number for number, text in enumerate(texts) for _ in (text if each_token else [text])]


def _in_turn(rows: Tensor) -> Tensor:
    """One of the rows for each text."""
    import torch

    return rows[torch.arange(TEXTS) % len(rows)]


def _row(fields: Mapping[str, Tensor], number: int) -> dict[str, Tensor]:
    return {name: rows[number : number + 1] for name, rows in fields.items()}


def _logits(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    named = [name for name in FIELDS if name in batch and name in inspect.signature(model.forward).parameters]
    given = {name: field for name, field in batch.items() if name in named or name not in FIELDS}
    result = model(**given) if named else model(next(iter(batch.values())), **given)
    result = getattr(result, "logits", result)
    logits: Tensor = (result[0] if isinstance(result, tuple) else result).float()
    return logits


def _token_logits(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """(tokens, C) of the real tokens."""
    return _logits(model, batch)[batch["attention_mask"]]


def _embedding(model: nn.Module) -> nn.Embedding | nn.EmbeddingBag | None:
    """The first one, which is that of tokens."""
    from torch import nn

    return next((m for m in model.modules() if isinstance(m, (nn.Embedding, nn.EmbeddingBag))), None)


def _vocab_size(model: nn.Module, embedding: nn.Embedding | nn.EmbeddingBag | None) -> int:
    if embedding is None:
        raise AssertionError(f"{type(model).__name__} has no nn.Embedding: say vocab_size=")
    return embedding.num_embeddings
