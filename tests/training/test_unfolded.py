"""A shipped network learns on from what it is: taken apart into layers, it answers as its file does."""

from __future__ import annotations

import numpy as np
import pytest

from models.registry import find_model

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")


def test_the_shipped_network_answers_the_same_in_layers() -> None:
    import onnxruntime

    from training.signature.unfolded import unfolded

    file = find_model("signature").folder / "region.onnx"
    inputs = torch.from_numpy(np.random.default_rng(1).random((16, 1, 64, 192), dtype=np.float32))
    network = unfolded(file, inputs[:12])
    with torch.no_grad():
        said = torch.softmax(network(inputs), dim=1).numpy()
    (shares,) = onnxruntime.InferenceSession(file).run(None, {"x": inputs.numpy()})
    # The file's shares are flattened by a temperature, which keeps their order.
    assert (said.argmax(axis=1) == shares.argmax(axis=1)).all()
    logs, sharp = np.log(shares[:, 0] / shares[:, 1]), np.log(said[:, 0] / said[:, 1])
    temperature = float((sharp * logs).sum() / (logs * logs).sum())
    assert np.allclose(sharp, temperature * logs, atol=1e-2)
