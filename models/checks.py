"""Whether a model's files are the ones its card names, and whether it answers."""

from __future__ import annotations

from dataclasses import dataclass

from models.artifacts import verified_artifacts
from models.registry import RegisteredModel, load_model
from schemas.errors import DocbeamError


@dataclass(frozen=True, slots=True)
class ModelState:
    """One model as it is on this machine."""

    name: str
    version: str
    state: str
    """ok or fail."""
    artifacts: int
    remark: str = ""


def check_model(registered: RegisteredModel, *, quick: bool) -> ModelState:
    """The model's state; with `quick` only hashes are compared, else it also reads one blank page. Never raises."""
    card = registered.card
    remark = ""
    try:
        verified_artifacts(card, registered.folder)
        if not quick:
            _read_blank_page(card.name)
    except DocbeamError as error:
        remark = error.message
    except Exception as error:  # Whatever a plug-in raises is about that plug-in.
        remark = f"{type(error).__name__}: {error}"
    return ModelState(card.name, card.version, "fail" if remark else "ok", len(card.artifacts), remark)


def _read_blank_page(name: str) -> None:
    import numpy as np

    from models.contract import PageImage
    from schemas.prediction import Prediction

    white = np.full((1100, 850, 3), 255, np.uint8)
    white.flags.writeable = False
    answers = list(load_model(name).predict([PageImage(1, white, dpi=100.0)]))
    if len(answers) != 1 or not isinstance(answers[0], Prediction):
        raise TypeError(f"answered {len(answers)} predictions for one page")
