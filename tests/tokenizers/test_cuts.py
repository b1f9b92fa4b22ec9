"""A text is cut only where that is proven to change no id."""

from __future__ import annotations

import os
from hypothesis import given, settings, HealthCheck, target
from hypothesis import strategies as st

from tests.tokenizers.cuts import TEXTS, ids_by_pieces, ids_of_whole, tokenizers
from textprep.tokenizers.cuts import prove
SEEN = {}

@given(tokenizer=tokenizers(), texts=st.lists(TEXTS, min_size=1, max_size=6))
@settings(max_examples=int(os.environ.get("N","300")), deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_proven_holds(tokenizer, texts):
    p=prove(tokenizer)
    SEEN[p.proven]=SEEN.get(p.proven,0)+1
    if p.proven:
        k=p.why; SEEN[k]=SEEN.get(k,0)+1
        assert ids_by_pieces(tokenizer, texts) == ids_of_whole(tokenizer, texts), (p, tokenizer.to_str())

def test_show():
    print(SEEN)
