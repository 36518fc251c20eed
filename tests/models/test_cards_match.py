"""Cards say what the models do: each is measured on its golden set and compared with its own card."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from evaluation import card_rows, evaluate
from evaluation.card_table import TIMES
from models.registry import find_model

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
FOLDERS = sorted(path.parent for path in GOLDEN.glob("*/about.toml"))
NEAR = {"auroc": 0.02, "ece": 0.02, "aed_degrees": 0.005, "worst_degrees": 0.01, "of_answered": 0.01}
"""How far a number made of confidences or angles may be off: processors round the networks' arithmetic differently."""


def _tolerance(name: str) -> float:
    return next((near for ending, near in NEAR.items() if name.endswith(ending)), 0.0)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_card_says_what_the_model_does_on_the_golden_set(folder):
    about = tomllib.loads((folder / "about.toml").read_text())
    measured = evaluate(about["model"], folder)
    assert measured.failures == ()
    card = find_model(about["model"]).card
    on_card = {(row.subset, row.name): row for row in card.metrics if row.data == about["name"]}
    cure = (
        f"if the change of {about['model']} is meant, write the new numbers with: "
        f"docbeam model evaluate {about['model']} --data tests/golden/{folder.name} --write-card"
    )
    wrong = []
    now = {(row.subset, row.name): row for row in card_rows(measured) if row.name not in TIMES}
    for key, row in now.items():
        said = on_card.get(key)
        if said is None:
            wrong.append(f"{key}: {row.value} (of {row.count}) is not on the card")
        elif abs(said.value - row.value) > _tolerance(row.name) + 1e-9 or said.count != row.count:
            wrong.append(f"{key}: the card says {said.value} of {said.count}, it is {row.value} of {row.count}")
    wrong += [f"{key}: on the card, but not measured" for key in on_card if key[1] not in TIMES and key not in now]
    assert not wrong, "\n".join([*wrong, cure])


def test_golden_sets_are_small():
    files = [path for path in GOLDEN.rglob("*") if path.is_file()]
    assert files
    assert sum(path.stat().st_size for path in files) < 3_000_000
