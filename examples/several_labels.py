"""Several classes a row: the same model, the same loop, a probability for each class.

From the command line it is `textprep train FILE --set dataset.target=classes`.

python examples/several_labels.py
"""

from __future__ import annotations

import tempfile

import torch

import textprep as tp
from textprep.config.options import TrainingOptions
from textprep.training.trainer import fit

WORDS = {"funny": ["hilarious", "witty"], "scary": ["creepy", "gory"], "sad": ["tearful", "bleak"]}
ROWS = [
    {"text": f"A {first}, {second} film, number {number}.", "label": sorted({one, other})}
    for one, firsts in WORDS.items()
    for other, seconds in WORDS.items()
    for first in firsts
    for second in seconds
    for number in range(6)
]


def main() -> dict[str, float]:
    """Train, and return the probability of each class for one text."""
    corpus = tp.load_dataset("memory", rows=ROWS, target="classes", splits={"train": 0.8, "validation": 0.2})
    pipeline = tp.Pipeline(steps=[tp.Lowercase()], tokenizer=tp.WordTokenizer())
    with tempfile.TemporaryDirectory() as cache:
        data = tp.prepare(corpus, pipeline, cache_dir=cache)
        torch.manual_seed(0)
        model = tp.models.GRUAttentionClassifier(len(pipeline.vocabulary), corpus.num_classes, hidden_dim=16)
        loaders = [
            data[name].loader(batch_size=16, shuffle=name == "train") for name in ("train", "validation")
        ]
        options = TrainingOptions(
            epochs=12, learning_rate=0.02, patience=12, monitor="macro_f1", device="cpu"
        )
        fit(model, *loaders, options, target=corpus.target, progress=False)

    text = "A bleak, witty film."
    logits = model(torch.tensor([pipeline.encode(text)]))
    probabilities = dict(zip(corpus.class_names, logits[0].sigmoid().tolist(), strict=True))
    print(text, {name: round(probability, 2) for name, probability in probabilities.items()})
    return probabilities


if __name__ == "__main__":
    main()
