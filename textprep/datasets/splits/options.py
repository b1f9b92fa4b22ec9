"""The options of `load_dataset` that say how rows are divided, checked before anything is read."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic.fields import FieldInfo

from textprep.errors import DatasetError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers: TypeAlias = npt.NDArray[np.signedinteger[Any]]
    """The number of the split, or of the fold, of each row."""
    Masks: TypeAlias = dict[str, npt.NDArray[np.bool_]]
    """Split name → which rows it gets."""

Options = TypeVar("Options")
DEFAULT_SPLITS = {"train": 0.8, "validation": 0.1, "test": 0.1}
EXCLUSIVE = ("fold", "group", "time", "near_duplicates")  # which need rows that are not divided yet

Column = Annotated[str | None, Field(description="the name of a column")]


def checked(kind: type[Options], options: Mapping[str, Any]) -> Options:
    """Options of a kind, whose fields are described as what they take.

    Raises:
        DatasetError: one cannot be used.
    """
    try:
        return TypeAdapter(kind).validate_python(options, strict=True)
    except ValidationError as error:
        option = str(error.errors()[0]["loc"][0])
        about = get_type_hints(kind, include_extras=True)[option].__metadata__
        takes = next(field.description for field in about if isinstance(field, FieldInfo))
        raise DatasetError(f"{option}= is {takes}, not {options[option]!r:.60}", option=option) from error


class Division(BaseModel):
    """How rows are divided; see `textprep.load_dataset`. Made by `Division.of`, which raises `DatasetError`.

    >>> Division.of(fold="2/5").held_out, Division.of(splits={"train": 0.9, "test": 0.1}).fractions
    (1, {'train': Fraction(9, 10), 'test': Fraction(1, 10)})
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    splits: Mapping[str, float] | None = DEFAULT_SPLITS
    seed: Annotated[int, Field(ge=0, lt=2**64, description="a whole number from 0 to 2**64 - 1")] = 0
    fold: Annotated[
        str | None,
        Field(
            pattern="^[1-9][0-9]{0,8}/[1-9][0-9]{0,8}$", description='one of several, such as "1/5" to "5/5"'
        ),
    ] = None
    group: Column = None
    time: Column = None
    near_duplicates: Annotated[
        float | None,
        Field(ge=0.5, le=1, description="how much two texts overlap at least, from 0.5 to 1 (try 0.8)"),
    ] = None

    @classmethod
    def of(cls, **options: Any) -> Division:
        """The division by these options.

        Raises:
            DatasetError: an option cannot be used, or not with another.
        """
        return checked(cls, options)

    @property
    def fractions(self) -> dict[str, Fraction]:
        """The share of each split, or of each fold, as exact numbers that sum to 1."""
        if self.fold is not None:
            count = int(self.fold.partition("/")[2])
            return {f"fold-{number + 1}": Fraction(1, count) for number in range(count)}
        splits = self.splits or {}
        exact = {name: Fraction(share).limit_denominator(10**6) for name, share in splits.items()}
        return {name: share / sum(exact.values()) for name, share in exact.items()}

    @property
    def held_out(self) -> int | None:
        """The number of the fold that is held out, from 0; ``None`` where rows are divided into splits."""
        return None if self.fold is None else int(self.fold.partition("/")[0]) - 1

    def masks(self, numbers: Numbers) -> Masks:
        """Which rows each split gets, by the number of the split or fold of each."""
        if self.held_out is not None:
            return {"train": numbers != self.held_out, "test": numbers == self.held_out}
        return {name: numbers == number for number, name in enumerate(self.fractions)}

    @property
    def exclusive(self) -> str | None:
        """The first option given that makes no sense for rows that stay as they are."""
        return next((option for option in EXCLUSIVE if getattr(self, option) is not None), None)

    @field_validator("splits", mode="plain")
    @classmethod
    def _check_splits(cls, splits: Any) -> Any:
        if splits is None:
            return None
        if not isinstance(splits, Mapping) or "train" not in splits:
            raise DatasetError(
                f'splits= maps names to fractions, one of them for "train"; given: {splits!r}',
                option="splits",
                hint='as in {"train": 0.9, "test": 0.1}; None keeps all rows in "train"',
            )
        for name, share in splits.items():
            if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share <= 1:
                raise DatasetError(
                    f"splits=: the fraction of {name!r} is {share!r}; it must be above 0, at most 1",
                    option="splits",
                )
        if abs(sum(splits.values()) - 1) > 1e-6:
            names, total = ", ".join(map(str, splits)), sum(splits.values())
            raise DatasetError(
                f"splits=: the fractions of {names} sum to {total:g}, not to 1", option="splits"
            )
        return dict(splits)

    @field_validator("fold")
    @classmethod
    def _check_fold(cls, fold: str | None) -> str | None:
        number, _, count = map(str, (fold or "1/2").partition("/"))
        if not int(number) <= int(count) or int(count) < 2:
            raise ValueError
        return fold

    def model_post_init(self, context: Any) -> None:
        """Check which options exclude each other.

        Raises:
            DatasetError: two of them do.
        """
        if self.fold is not None and self.time is not None:
            raise DatasetError(
                "fold= and time= exclude each other: a fold mixes past and future",
                option="fold",
                value=None,
                hint="use splits= with time=",
            )
        if self.fold is not None and self.splits != DEFAULT_SPLITS:
            raise DatasetError(
                'fold= and splits= exclude each other: a fold is "test", the rest "train"',
                option="fold",
                value=None,
                hint="leave one of them out",
            )
        if self.splits is None and self.exclusive:
            raise DatasetError(
                "splits=None keeps all rows together",
                option=self.exclusive,
                value=None,
                hint=f"leave out {self.exclusive}=",
            )
