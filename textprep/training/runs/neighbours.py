"""The semantic space that a run has learned: which words are near which."""

from __future__ import annotations

from difflib import get_close_matches

import torch
from torch.nn.functional import cosine_similarity

from textprep.errors import RunError
from textprep.training.runs.run import Run

SUGGESTIONS = 5


def neighbours(run: Run, word: str, count: int = 10) -> list[tuple[str, float]]:
    """The tokens whose embeddings point most nearly where that of ``word`` does, by cosine similarity.

    Args:
        run: whose embeddings; of a space that training has shaped, so near means near for its classes.
        word: a word as people write it; it goes through the run's cleaning steps.
        count: how many neighbours.

    Returns:
        tokens and similarities, from 1 (the same direction) to -1, the nearest first; without the word
        itself, padding and the unknown token.

    Raises:
        RunError: cleaned and tokenized, the word is not exactly one token of the vocabulary.
    """
    if run.model.features is not None:
        raise RunError("the run reads sequences of numbers: it has learned no words")
    vocabulary, token = run.pipeline.vocabulary, _token(run, word)
    with torch.inference_mode():
        weights = run.model.embedding.weight  # (V, E)
        similarities = cosine_similarity(weights, weights[token], dim=1)  # (V,)
        others = {token, *vocabulary.unused} | {vocabulary.pad_id, vocabulary.unk_id} - {None}
        similarities[list(others)] = -2
        values, nearest = similarities.topk(max(0, min(count, len(vocabulary) - len(others))))
    return [(vocabulary.tokens[i], value) for i, value in zip(nearest.tolist(), values.tolist(), strict=True)]


def _token(run: Run, word: str) -> int:
    vocabulary = run.pipeline.vocabulary
    ids: list[int] = run.pipeline.encode(word)
    if len(ids) == 1 and ids[0] != vocabulary.unk_id:
        return ids[0]
    if len(ids) == 1:
        wordless = (vocabulary.pad_id, vocabulary.unk_id)
        words = [token for number, token in enumerate(vocabulary.tokens) if number not in wordless]
        like = get_close_matches(word, words, SUGGESTIONS)
        advice = f"; spelled like it are: {', '.join(like)}" if like else ""
        raise RunError(f"{word!r} is not in the vocabulary of the run{advice}")
    raise RunError(
        f"{word!r} is {len(ids)} tokens for this run, {vocabulary.decode(ids)}: give a word of one"
    )
