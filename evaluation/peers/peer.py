"""What every peer offers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar, Literal

from models.card import ModelCard
from models.contract import Model, PageImage
from schemas.errors import DocbeamError, ErrorCode
from schemas.prediction import Prediction


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read on a crop."""

    text: str
    confidence: float
    rejected: bool = False


class Peer(Model):
    """Software measured beside a model. It is used as its makers' documentation says, with one thread."""

    name: ClassVar[str]
    output: ClassVar[Literal["lines", "checkboxes", "signatures", "types", "skew", "labels"]]
    """That of the models it is compared with."""
    about: ClassVar[str]
    """How it is called, in a sentence."""
    licence: ClassVar[str]
    as_found: ClassVar[bool] = False
    """Whether it gets pages unstraightened, because whoever calls it alone has nothing that straightens."""
    gives_confidence: ClassVar[bool] = True
    tells_quarter_turns: ClassVar[bool] = False

    def described(self, version: str) -> ModelCard:
        """The card of a peer of that version."""
        return ModelCard(
            name=self.name,
            version=version,
            summary=self.about,
            licence=self.licence,
            adapter="peer:Peer",
            input="As found" if self.as_found else "Straightened",
            output=self.output,
            training_data="As its makers say",
        )

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """One prediction for each page."""
        return [self.answer(page) for page in pages]

    @abstractmethod
    def answer(self, page: PageImage) -> Prediction:
        """What the software says about the page."""


def imported(package: str, module: str | None = None) -> Any:
    """An optional package's module. Raises DocbeamError(MODEL_UNAVAILABLE) that says how to install it."""
    from importlib import import_module

    try:
        found: ModuleType = import_module(module or package)
    except ImportError as error:
        raise DocbeamError(
            ErrorCode.MODEL_UNAVAILABLE,
            f"the peer {package} cannot be imported ({error}); install the peers with: pip install 'docbeam[peers]'",
        ) from None
    return found
