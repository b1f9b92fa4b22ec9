"""Which words did the model look at? Trains on a few lines in memory and prints the attention of one text.

python examples/attention.py
"""

from __future__ import annotations

import tempfile

import torch

import textprep as tp
from textprep.config.options import TrainingOptions
from textprep.training.trainer import fit

GOOD = ["great", "lovely", "superb", "moving"]
BAD = ["dull", "awful", "boring", "tiresome"]
ROWS = [
    (f"The {noun} was {word}<br />and the rest was {other}.", label)
    for words, label in ((GOOD, "good"), (BAD, "bad"))
    for word in words
    for other in words
    for noun in ("film", "plot", "cast", "ending")
]


def main() -> dict[str, float]:
    """Train, predict one text, return word → attention."""
    corpus = tp.load_dataset("memory", rows=ROWS, splits={"train": 0.8, "validation": 0.2})
    pipeline = tp.Pipeline(steps=[tp.StripMarkup(), tp.Lowercase()], tokenizer=tp.WordTokenizer())
    with tempfile.TemporaryDirectory() as cache:
        data = tp.prepare(corpus, pipeline, cache_dir=cache)
        torch.manual_seed(0)
        model = tp.models.GRUAttentionClassifier(len(pipeline.vocabulary), corpus.num_classes, hidden_dim=16)
        loaders = [
            data[name].loader(batch_size=16, shuffle=name == "train") for name in ("train", "validation")
        ]
        fit(model, *loaders, TrainingOptions(epochs=15, learning_rate=0.02, patience=15), progress=False)

    text = "The film was superb, and the rest was moving."
    ids = torch.tensor([pipeline.encode(text)])
    logits, weights = model(ids, return_attention=True)
    print(f"{corpus.class_names[logits.argmax()]}: {text}")
    words = pipeline.tokenizer.tokenize(pipeline.clean(text))
    for word, weight in zip(words, weights[0].tolist(), strict=True):
        print(f"{word:>8} {'#' * round(40 * weight)}")
    return dict(zip(words, weights[0].tolist(), strict=True))


if __name__ == "__main__":
    main()
