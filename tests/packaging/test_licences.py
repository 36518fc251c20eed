"""What docbeam holds of others is named, and nothing it runs with asks more than naming."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

import pytest
from packed import REPOSITORY, locked

CARDS = sorted((REPOSITORY / "models" / "catalog").glob("*/card.toml"))
NOTICE = (REPOSITORY / "NOTICE").read_text(encoding="utf-8")
_COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General Public|SSPL|BUSL|CC-BY-NC|Non-?Commercial)", re.IGNORECASE)


def test_the_licence_is_apache_2() -> None:
    text = (REPOSITORY / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License\n                           Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.parent.name)
def test_whatever_a_card_gives_credit_to_is_named_in_the_notice(card: Path) -> None:
    attribution = tomllib.loads(card.read_text(encoding="utf-8")).get("attribution", "")
    # Names are what is written with a capital, a digit or an @ in it; initials and sentence starts do no harm.
    names = set(re.findall(r"[@\w][\w./-]*\w", attribution))
    names = {name for name in names if re.search(r"[A-Z0-9@]", name) and name not in ("English", "The", "Characters")}
    assert {name for name in names if name.lower() not in NOTICE.lower()} == set()


def test_every_artifact_of_ours_that_was_trained_or_gathered_is_named_in_the_notice() -> None:
    shipped = [*(REPOSITORY / "models").rglob("*.onnx"), REPOSITORY / "models/catalog/ocr/spelling.json"]
    assert [path.name for path in shipped if path.relative_to(REPOSITORY).as_posix() not in NOTICE] == []


def test_no_library_of_the_run_time_is_under_a_licence_that_forbids_or_infects() -> None:
    stated = {name: _licence(found) for name in locked("") if (found := _metadata(name)) is not None}
    assert len(stated) > 140
    assert {name: licence for name, licence in stated.items() if _COPYLEFT.search(licence)} == {}
    assert [name for name, licence in stated.items() if not licence.strip()] == []


def _metadata(name: str) -> PackageMetadata | None:
    try:
        return metadata(name)
    except PackageNotFoundError:  # Of another platform.
        return None


def _licence(found: PackageMetadata) -> str:
    expression = found.get("License-Expression")
    classifiers = [line for line in found.get_all("Classifier") or () if line.startswith("License ::")]
    # A free text may be a whole licence; its first line names it.
    free = str(found.get("License") or "").strip().partition("\n")[0]
    return str(expression or " ".join([*classifiers, free]))
