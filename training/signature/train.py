"""Trains the network of regions: `python -m training.signature.train --data DIR --fonts DIR`.

With `--further region.onnx` it goes on from that network, with fewer samples. Prints progress, writes `region.onnx`
beside the card, prints its sha256 and how far it is from the network.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from models.registry import find_model
from training.extra import require_extra

SAMPLES, FURTHER_SAMPLES = 300_000, 120_000
ARTIFACT = find_model("signature").folder / "region.onnx"


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, choose the temperature on writers, fonts and PDFs held out for validation, export."""
    parser = argparse.ArgumentParser(prog="python -m training.signature.train", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/train"), help="the training folder")
    parser.add_argument("--fonts", type=Path, required=True, help="folder of the open fonts")
    parser.add_argument("--sheet", type=Path, help="only draw what would be trained on, into this picture")
    parser.add_argument("--further", type=Path, help="a network to go on from, in place of a fresh one")
    parser.add_argument("--samples", type=int, help=f"by default {SAMPLES}, and {FURTHER_SAMPLES} of --further")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "docbeam-signature-pages")
    parser.add_argument("--out", type=Path, default=ARTIFACT)
    wanted = parser.parse_args(arguments)
    wanted.samples = wanted.samples or (FURTHER_SAMPLES if wanted.further else SAMPLES)
    require_extra(parser)
    from training.signature.learn import learn

    learn(wanted)


if __name__ == "__main__":
    main()
