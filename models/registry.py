"""Which models there are: folders here, then installed packages (entry points `docbeam.models`)."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from models.artifacts import file_states, verified_artifacts
from models.card import CARD_FILE, OUTPUTS, InvalidCard, ModelCard, read_card
from models.contract import Model, RegionReader
from schemas.errors import DocbeamError, ErrorCode

ENTRY_POINTS = "docbeam.models"
_CATALOG = "models.catalog"
_HERE = Path(__file__).parent / "catalog"


class RegistryError(Exception):
    """Two models of one name, a model that is not one, or a name nobody has; fatal, names both sides."""


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """A model that can be loaded, and who brought it."""

    card: ModelCard
    package: str
    """The importable package that is the model's folder."""
    folder: Path
    owner: str
    """`docbeam` or the name of the distribution that registered it."""


@lru_cache(maxsize=1)
def all_models() -> Mapping[str, RegisteredModel]:
    """Every model by name, without importing any runtime.

    Raises RegistryError for duplicates, entry points that name no model, needs that nobody meets and uses of what is no
    reader, InvalidCard for
    a bad card.
    """
    found: dict[str, RegisteredModel] = {}
    for folder in sorted(path.parent for path in _HERE.glob(f"*/{CARD_FILE}")):
        _add(found, RegisteredModel(read_card(folder), f"{_CATALOG}.{folder.name}", folder, "docbeam"))
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        owner = point.dist.name if point.dist else point.value
        spec = find_spec(point.value)
        if spec is None or not spec.submodule_search_locations:
            raise RegistryError(f"{owner}: entry point {point.name} names {point.value}, which is no package")
        folder = Path(next(iter(spec.submodule_search_locations)))
        _add(found, RegisteredModel(read_card(folder), point.value, folder, owner))
    _check_needs(found)
    _check_uses(found)
    return found


def find_model(name: str) -> RegisteredModel:
    """The model of that name.

    Raises RegistryError listing the known names.
    """
    try:
        return all_models()[name]
    except KeyError:
        known = ", ".join(sorted(all_models())) or "none"
        raise RegistryError(f"there is no model {name!r}; known models: {known}") from None


def straighteners() -> Sequence[str]:
    """Names of the models whose output is `skew`: pages are straightened by what they say."""
    return [name for name, registered in all_models().items() if registered.card.output == "skew"]


def is_needed(card: ModelCard, earlier: str) -> bool:
    """Whether the card asks for what the model called `earlier` finds, by its name or by its output."""
    registered = all_models().get(earlier)
    return earlier in card.needs or (registered is not None and registered.card.output in card.needs)


def load_model(name: str, loaded: dict[str, Model] | None = None) -> Model:
    """The model of that name in `loaded`; where it is not there it is put there, with those it uses.

    Artifacts are verified first. The card is read anew: `Model.card` says what was loaded, also where the folder has
    changed since this process looked around; where it changes while it is loaded, nobody could say, and it is not.

    Raises RegistryError for an unknown name, DocbeamError(MODEL_UNAVAILABLE) for anything else.
    """
    loaded = {} if loaded is None else loaded
    if name in loaded:
        return loaded[name]
    registered = find_model(name)
    folder = file_states(registered.folder)
    try:
        card = read_card(registered.folder)
    except (InvalidCard, OSError) as error:
        raise DocbeamError(ErrorCode.MODEL_UNAVAILABLE, f"{name}: {error}") from error
    used = {each: load_model(each, loaded) for each in card.uses}
    artifacts = verified_artifacts(card, registered.folder)
    states = {path: file_states(path) for path in artifacts.values()}
    module_name, _, class_name = card.adapter.partition(":")
    try:
        module = importlib.import_module(f"{registered.package}.{module_name}")
        model = getattr(module, class_name)()
        if not isinstance(model, Model):
            raise TypeError(f"{class_name} is not a docbeam Model")
        if card.reads and not isinstance(model, RegionReader):
            raise TypeError(f"the card reads {', '.join(card.reads)}, but {class_name} is no RegionReader")
        model.card = card
        model.used = {each: reader for each, reader in used.items() if isinstance(reader, RegionReader)}
        model.load(artifacts)
    except Exception as error:
        raise DocbeamError(
            ErrorCode.MODEL_UNAVAILABLE, f"{name} {card.version}: {type(error).__name__}: {error}"
        ) from error
    if folder != file_states(registered.folder) or any(told != file_states(path) for path, told in states.items()):
        raise DocbeamError(ErrorCode.MODEL_UNAVAILABLE, f"{name} {card.version}: its files changed while it was loaded")
    loaded[name] = model
    return model


def _check_needs(found: Mapping[str, RegisteredModel]) -> None:
    for name, registered in found.items():
        unknown = [need for need in registered.card.needs if need not in found and need not in OUTPUTS]
        if unknown:
            raise RegistryError(
                f"{name} of {registered.owner} needs {', '.join(map(repr, unknown))}, which is no output and no model; "
                f"outputs: {', '.join(OUTPUTS)}; models: {', '.join(sorted(found))}"
            )


def _check_uses(found: Mapping[str, RegisteredModel]) -> None:
    for name, registered in found.items():
        for used in registered.card.uses:
            if used not in found or not found[used].card.reads or found[used].card.uses:
                readers = sorted(each for each, other in found.items() if other.card.reads and not other.card.uses)
                raise RegistryError(
                    f"{name} of {registered.owner} uses {used!r}, which is no model that reads regions and uses none "
                    f"itself; those are: {', '.join(readers)}"
                )


def _add(found: dict[str, RegisteredModel], new: RegisteredModel) -> None:
    name = new.card.name
    if new.owner == "docbeam" and re.sub("-", "_", name) != new.folder.name:
        raise RegistryError(f"{new.folder}: the card's name {name!r} is not the folder's")
    if name in found:
        raise RegistryError(
            f"two models are called {name!r}: one of {found[name].owner} ({found[name].folder}) "
            f"and one of {new.owner} ({new.folder}); uninstall or rename one"
        )
    found[name] = new
