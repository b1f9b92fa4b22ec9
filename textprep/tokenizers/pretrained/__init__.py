"""What a pretrained tokenizer can be made from, a file for each kind of source; all become a `Source`.

tokenizer.json ─┐
model's folder ─┤ with what its tokenizer_config.json changes
hub name ───────┤
vocab.txt ──────┼─► Source: the record of a tokenizer.json, padding and unknown token
tiktoken ───────┤
SentencePiece ──┤
object in hand ─┘
"""
