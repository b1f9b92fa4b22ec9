"""A kind with options, as files and people write them."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from textprep.errors import DatasetError
from textprep.options import explain_validation, plain_options

Self = TypeVar("Self", bound="Kind")


class Kind(BaseModel):
    """A name, and options that survive JSON.

    Attributes:
        name: by which it is registered: ``target="number"``.
        found_in_data: the options that data fill in.
        for_reading: the options that mean nothing once values are read.

    Raises:
        DatasetError: an option is unknown or has a value that it cannot have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    found_in_data: ClassVar[tuple[str, ...]] = ()
    for_reading: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **options: Any) -> None:
        try:
            super().__init__(**options)
        except ValidationError as error:
            option = str((error.errors()[0]["loc"] or ("target",))[0])
            what = explain_validation(error, type(self).model_fields)
            raise DatasetError(f"target {self.name!r}: {what}", option=option) from error

    def record(self) -> dict[str, Any]:
        """Its name and options as JSON values; `target_of` takes it back."""
        said = plain_options(self)
        return {"name": self.name} | {key: said[key] for key in said if key in self.model_fields_set}

    def reading(self) -> dict[str, Any]:
        """Its name and the options that say how values are read, as JSON values."""
        return {key: value for key, value in self.record().items() if key not in self.found_in_data}

    def but(self: Self, **options: Any) -> Self:
        """The same kind with other options.

        Raises:
            DatasetError: one cannot be used.
        """
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self)(**{**given, **options})

    def meaning(self: Self, **found: Any) -> Self:
        """The same kind as what was read means it: with what was ``found``, without `for_reading`."""
        kept = {name: getattr(self, name) for name in self.model_fields_set - set(self.for_reading)}
        return type(self)(**{**kept, **found})
