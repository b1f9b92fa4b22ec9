"""A kind with options, as files and people write them."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from textprep.errors import DatasetError, TextprepError
from textprep.options import Options, plain_options

Self = TypeVar("Self", bound="Kind")


class Kind(Options):
    """A name, and options that survive JSON.

    Attributes:
        name: by which it is registered: ``target="number"``.
        found_in_data: the options that data fill in.
        for_reading: the options that mean nothing once values are read.

    Raises:
        DatasetError: an option is unknown or has a value that it cannot have.
    """

    error: ClassVar[type[TextprepError]] = DatasetError

    name: ClassVar[str]
    found_in_data: ClassVar[tuple[str, ...]] = ()
    for_reading: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.of = f"target {getattr(cls, 'name', cls.__name__)!r}"

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
