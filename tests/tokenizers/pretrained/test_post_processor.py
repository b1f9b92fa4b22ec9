"""The template of every post-processor is what it makes of one text and of two."""

from __future__ import annotations

import json

import pytest
from tokenizers import Tokenizer, models, processors

from textprep.errors import TokenizerError
from textprep.tokenizers.huggingface import HuggingFaceTokenizer


def template(single, pair):
    return processors.TemplateProcessing(single, pair, special_tokens=[("<s>", 0), ("</s>", 1)])


PROCESSORS = {
    "none": None,
    "bert": processors.BertProcessing(("</s>", 1), ("<s>", 0)),
    "roberta": processors.RobertaProcessing(("</s>", 1), ("<s>", 0)),
    "byte level": processors.ByteLevel(trim_offsets=True),
    "types": template("<s>:2 $A:1 </s>:3", "$A:0 </s>:0 $B:5 <s>:2"),
    "second first": template("$A", "<s> $B:1 </s> $A:0"),
    "nothing special": template("$A", "$A $B"),
    "sequence": processors.Sequence([processors.ByteLevel(), template("<s> $A", "<s> $A </s> $B")]),
}
WORDS = {"<s>": 0, "</s>": 1, "a": 2, "b": 3}


def tokenizer_with(post_processor):
    tokenizer = Tokenizer(models.WordLevel(WORDS, unk_token="a"))
    if post_processor is not None:
        tokenizer.post_processor = post_processor
    return tokenizer


@pytest.mark.parametrize("kind", PROCESSORS)
def test_rows_are_those_of_the_post_processor(kind):
    wrapped = tokenizer_with(PROCESSORS[kind])
    made = HuggingFaceTokenizer.of(wrapped).template
    one, two = wrapped.encode("a"), wrapped.encode("a", "b")
    assert made.row([2]) == (one.ids, one.type_ids)
    assert made.row([2], [3]) == (two.ids, two.type_ids)
    assert made.specials(pair=True) == sum(two.special_tokens_mask)


@pytest.mark.parametrize(
    ("single", "pair"), [("$A $A", "$A $B"), ("<s>", "$A $B"), ("$A", "$A <s>"), ("$A", "$A $B $A")]
)
def test_a_text_that_is_not_there_once_is_an_error_that_says_what_to_do(single, pair):
    record = json.loads(tokenizer_with(template("$A", "$A $B")).to_str())
    made = json.loads(tokenizer_with(template("<s> $A", "<s> $A </s> $B")).to_str())["post_processor"]
    parts = {"$A": made["single"][1], "$B": made["pair"][3], "<s>": made["single"][0]}
    made |= {
        "single": [parts[part] for part in single.split()],
        "pair": [parts[part] for part in pair.split()],
    }
    try:
        wrapped = Tokenizer.from_str(json.dumps(record | {"post_processor": made}))
    except Exception:
        pytest.skip("the library takes no such template")
    tokenizer = HuggingFaceTokenizer.of(wrapped)
    assert tokenizer.encode("a") == [2]
    with pytest.raises(TokenizerError, match="does not give each text once") as error:
        _ = tokenizer.template
    bare = HuggingFaceTokenizer.of(wrapped, **{error.value.option: error.value.value})
    assert bare.template.row([2], [3]) == ([2, 3], [0, 1])
