"""Trains the network that says what was done to a box: `python -m training.checkbox.train --data DIR --fonts DIR`.

Prints progress, writes `box.onnx` beside the card, prints its sha256 and how far it is from the network.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from models.registry import find_model
from training.extra import require_extra

SAMPLES = 160_000
ARTIFACT = find_model("checkbox").folder / "box.onnx"


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, calibrate on forms and writers held out, export."""
    parser = argparse.ArgumentParser(prog="python -m training.checkbox.train", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/train"), help="the training folder")
    parser.add_argument("--fonts", type=Path, required=True, help="folder of the open fonts")
    parser.add_argument("--cache", type=Path, default=Path(".cache/checkbox"), help="keeps pictures of form places")
    parser.add_argument("--sheet", type=Path, help="only draw what would be trained on, into this picture")
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--workers", type=int, default=0, help="processes that draw beside the one that trains")
    parser.add_argument("--out", type=Path, default=ARTIFACT)
    wanted = parser.parse_args(arguments)
    require_extra(parser)
    from training.checkbox.learn import learn

    learn(wanted)


if __name__ == "__main__":
    main()
