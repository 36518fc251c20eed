"""Every model folder is held by the import contract, not only those somebody remembered to list."""

from __future__ import annotations

import tomllib
from pathlib import Path

from models.registry import all_models

CONTRACT = "Models do not import one another"
PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def test_the_contract_lists_every_model() -> None:
    contracts = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    (listed,) = (set(contract["modules"]) for contract in contracts if contract["name"] == CONTRACT)
    ours = {registered.package for registered in all_models().values() if registered.owner == "docbeam"}
    assert listed == ours, f"list these under {CONTRACT!r} in pyproject.toml: {sorted(ours)}"
