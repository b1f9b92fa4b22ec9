"""Sources of pretrained tokenizers, one file per kind; each becomes a `Source`.

tokenizer.json ─┐
model's folder ─┤ with what its tokenizer_config.json changes
hub name ───────┤
vocab.txt ──────┼─► Source: the record of a tokenizer.json, padding and unknown token
vocab.json ─────┤ with merges.txt
tiktoken ───────┤
SentencePiece ──┤
an object ──────┘
"""
