"""Where the text of a pretrained tokenizer may be cut, so that each distinct piece is encoded once.

`proof` reads the tokenizer, component by component, and says whether the ids of pieces are those of the text;
`pieces` encodes many pieces at once, and those that are ASCII word by word (`words`), which it knows by their
shape (`shapes`).
"""
