"""Extra columns, such as a year or an author, added to the text's vector.

Shapes are written with B texts a batch, F features of a text, K numbers of a column.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional

from textprep.errors import ConfigError, TextprepError
from textprep.options import names_options


class ExtraFeatures(nn.Module):
    """Adds to each text's vector an embedding of each category and a linear map of each column of numbers.

    A hidden layer with a skip around it follows, so that what a number means may depend on the text. The
    embeddings start at zero: a category that training never met (1), or that a row does not have (0), says
    nothing.

    Args:
        features: F.
        categories: name → how many ids there are, 0 and 1 among them.
        numbers: name → K; numbers should have deviations of about 1.

    >>> import torch
    >>> extra = ExtraFeatures(features=4, categories={"author": 7}, numbers={"year": 1})
    >>> extra(torch.zeros(2, 4), {"author": torch.tensor([0, 5]), "year": torch.tensor([0.1, -2])}).shape
    torch.Size([2, 4])
    """

    @names_options(ConfigError)
    def __init__(self, features: int, categories: Mapping[str, int], numbers: Mapping[str, int]) -> None:
        super().__init__()
        self.categories, self.numbers = dict(categories), dict(numbers)
        # lists, since a ModuleDict takes no column that is called as one of its methods, such as "type"
        self.of_categories = nn.ModuleList(nn.Embedding(ids, features) for ids in categories.values())
        self.of_numbers = nn.ModuleList(nn.Linear(width, features) for width in numbers.values())
        self.hidden, self.join = nn.Linear(features, features), nn.Linear(features, features)
        for table in self.of_categories:
            nn.init.zeros_(table.weight)  # type: ignore[arg-type]  # an Embedding's

    def forward(self, vectors: Tensor, given: Mapping[str, object]) -> Tensor:
        """(B, F) → (B, F), or (B, T, F) → (B, T, F): what a row has is added to each of its tokens.

        Args:
            vectors: (B, F) float, of the texts, or (B, T, F), of their tokens.
            given: name → (B,) int64 ids of each category; (B,) of one number, (B, K) of several. There may be
                others, which are not read.

        Raises:
            ConfigError: a feature is not given.
            TextprepError: one has another shape or type, or (on a CPU) there is no such category.
        """
        for layer, (name, width) in zip(self.of_numbers, self.numbers.items(), strict=True):
            numbers = _given(name, given, (len(vectors), width)).to(vectors.dtype)
            vectors = vectors + _for_each(layer(numbers.reshape(-1, width)), vectors)
        for table, name in zip(self.of_categories, self.categories, strict=True):
            ids = _given(name, given, (len(vectors), 1)).flatten()
            vectors = vectors + _for_each(_embedded(table, name, ids), vectors)
        mixed: Tensor = self.join(functional.gelu(self.hidden(vectors)))
        return vectors + mixed


def _for_each(rows: Tensor, vectors: Tensor) -> Tensor:
    """(B, F) as (B, F) or (B, 1, F), whichever can be added to the vectors."""
    return rows.view(len(rows), *[1] * (vectors.ndim - 2), rows.shape[1])


def _given(name: str, given: Mapping[str, object], shape: tuple[int, int]) -> Tensor:
    value = given.get(name)
    if value is None:
        raise ConfigError(
            f"the model needs the feature {name!r}, which is missing",
            hint=f"pass {name}=, or a batch from a loader with {name!r} in columns=",
        )
    rows, width = shape
    if not isinstance(value, Tensor) or value.shape not in (shape, (rows,) if width == 1 else shape):
        wanted = f"a tensor of shape {(rows,) if width == 1 else shape}, one row per text"
        held = f"one of {tuple(value.shape)}" if isinstance(value, Tensor) else f"{value!r:.40}"
        raise TextprepError(f"the feature {name!r} is {wanted}, not {held}")
    return value


def _embedded(table: nn.Module, name: str, ids: Tensor) -> Tensor:
    if ids.is_floating_point():
        raise TextprepError(f"the feature {name!r} is a category, and its ids are {ids.dtype}: give int64")
    try:
        embedded: Tensor = table(ids)
    except IndexError as error:  # torch names neither the id nor the size
        raise TextprepError(
            f"the ids of {name!r} run from {int(ids.min())} to {int(ids.max())}, and the model was made for "
            f"{table.num_embeddings}, from 0"
        ) from error
    return embedded
