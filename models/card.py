"""A model's card: everything about it that can be known without importing it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from config.content_hash import joined_hash

CARD_FILE = "card.toml"

Output = Literal["lines", "checkboxes", "signatures", "types", "skew", "quality", "labels", "form", "barcodes"]
"""What a model can find: the field of `Prediction` that it fills."""
OUTPUTS: tuple[str, ...] = get_args(Output)
_OF_SHARES = ("lines", "checkboxes", "signatures", "labels", "barcodes")
"""Outputs that are lists of things, each of which has one place."""

Kebab = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class InvalidCard(ValueError):
    """A card.toml that does not say what it must; the message names the file and the field."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Artifact(_Frozen):
    """A file the model loads, and the hash it must have."""

    name: str
    source: Annotated[str, StringConstraints(pattern=r"^(file|package|prefix):.+$")]
    """`file:NAME` beside the card, or `package:DISTRIBUTION_MODULE/PATH` inside an installed package,
    `prefix:PATH` under the environment's prefix, where wheels put files that belong to no module."""
    sha256: Sha256


class Limits(_Frozen):
    """What the framework grants the model."""

    max_batch: int = Field(8, ge=1, le=64)
    """Pages in one `predict` call."""
    max_concurrency: int = Field(0, ge=0)
    """Calls at a time in one worker process; 0 means as many as there are children."""
    seconds_per_page: float = Field(30.0, gt=0)
    """Then the child is killed and the page failed with `model_timeout`."""
    memory_mb: int = Field(2048, ge=64)
    """By how much a child may grow in one call before it is killed with `model_out_of_memory`."""
    shares: int = Field(1, ge=1, le=8)
    """In how many shares a large page may be asked about at once, so that it is ready sooner; see `PageImage.share`."""


class Metric(_Frozen):
    """One measured number, with what it was measured on."""

    data: str
    """The evaluation set, by folder name."""
    subset: str = "all"
    name: str
    """As `docbeam model evaluate` prints it."""
    value: float
    low: float | None = None
    """Lower end of the 95 % interval."""
    high: float | None = None
    count: int = Field(ge=0)
    """Of the things measured (pages, boxes, words...)."""


class ModelCard(_Frozen):
    """A model as its card.toml describes it."""

    name: Kebab
    version: str
    summary: str
    licence: str
    adapter: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*:[A-Za-z_]\w*$")]
    """`module:Class` inside the model's folder."""
    input: str
    """What pages it expects: colour, resolution, whether straightened."""
    output: Output
    needs: tuple[str, ...] = ()
    """Which earlier findings it looks at, where there are any: outputs such as `lines`, or names of models."""
    reads: tuple[Kebab, ...] = ()
    """Which kinds of regions it reads (docs/read-fields.md); with any, the adapter is a `RegionReader`."""
    uses: tuple[Kebab, ...] = ()
    """Models that read regions for this one: it is handed them loaded, as `Model.used`."""
    pdf_content: bool = False
    """Whether it looks at what a PDF says beside its picture (`PageImage.pdf`)."""
    needs_straight: bool = False
    """Whether what it finds on a page askew is worth nothing: one that could not be straightened then fails with
    `page_not_straight`, and the model is not asked."""
    training_data: str
    """What it was trained on; "none" for rules."""
    attribution: str = ""
    limits: Limits = Limits()
    artifacts: tuple[Artifact, ...] = ()
    metrics: tuple[Metric, ...] = ()
    notes: str = ""
    """What it cannot do, and what was measured how."""

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        if self.limits.shares > 1 and self.output not in _OF_SHARES:
            raise ValueError(f"shares of {self.output} do not add up; only those of {', '.join(_OF_SHARES)} do")
        return self

    @property
    def sha256(self) -> str:
        """Of the artifact that answers; of several, the hash of their hashes; "" when there is none."""
        return joined_hash(artifact.sha256 for artifact in self.artifacts)


def read_card(folder: Path) -> ModelCard:
    """The card in `folder`.

    Raises InvalidCard when it is missing, not TOML, or lacks something.
    """
    path = folder / CARD_FILE
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return ModelCard.model_validate(table)
    except FileNotFoundError:
        raise InvalidCard(f"{path}: there is no card") from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidCard(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidCard(f"{path}: {place}: {first['msg']}") from None
