"""What the fields of one copy say of one another, as form.toml describes it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_Two = Annotated[tuple[str, ...], Field(min_length=2)]


class Relation(BaseModel):
    """One of: `sum` is what the amounts `of` other fields add up to; fields are `equal`; dates come in that order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sum: str = ""
    of: tuple[str, ...] = ()
    """What `sum` adds up; blank ones count as nothing."""
    equal: _Two | None = None
    """Say the same, as their format has it."""
    order: _Two | None = None
    """Dates, none of them before the one ahead of it."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum((bool(self.sum), self.equal is not None, self.order is not None)) != 1:
            raise ValueError("a relation is one of `sum` with `of`, `equal`, or `order`")
        if bool(self.sum) != bool(self.of):
            raise ValueError("`sum` and `of` belong together")
        if len(set(self.fields)) < len(self.fields):
            raise ValueError(f"relation {self.rule!r} names a field twice")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of those that take part."""
        return (*self.of, self.sum) if self.sum else self.equal or self.order or ()

    @property
    def rule(self) -> str:
        """What is said of the fields when it does not hold."""
        named = ", ".join(self.of or self.fields)
        if self.sum:
            return f"sum of {named} is not {self.sum}"
        return f"{named} are not equal" if self.equal else f"{named} are not in the order of time"
