"""A network that learns on, from the file in which it was shipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from training.signature.network import RegionNetwork


def unfolded(path: Path, inputs: Tensor) -> RegionNetwork:
    """The network of `path`, in evaluation mode; on any input it answers what the file answers.

    The exporter folded each normalisation into the convolution before it. Each is made anew from what its channels
    are like on `inputs` (n, 1, high, wide), so that it changes nothing yet. Raises KeyError when the file holds
    another network, ValueError when it answers otherwise.
    """
    stored = {
        weight.name.removeprefix("network."): torch.from_numpy(onnx.numpy_helper.to_array(weight).copy())
        for weight in onnx.load(str(path)).graph.initializer
    }
    network = RegionNetwork()
    network.eval()
    hooks: list[Any] = []
    name = ""
    with torch.no_grad():
        for here, part in network.named_modules():
            if isinstance(part, nn.Conv2d):
                name = here
                part.weight.copy_(stored[f"{name}.weight"])
                if part.bias is not None:
                    part.bias.copy_(stored[f"{name}.bias"])
            elif isinstance(part, nn.BatchNorm2d):
                hooks.append(part.register_forward_pre_hook(_Neutral(stored[f"{name}.weight_bias"])))
        network(inputs)
    for hook in hooks:
        hook.remove()
    _check(network, path, inputs)
    return network


def _check(network: RegionNetwork, path: Path, inputs: Tensor) -> None:
    """Raises ValueError where the layers answer otherwise than the file, whose shares a temperature has flattened."""
    with torch.no_grad():
        said = torch.softmax(network(inputs), dim=1).numpy()
    (shares,) = onnxruntime.InferenceSession(path).run(None, {"x": inputs.numpy()})
    flat, sharp = np.log(shares[:, 0] / shares[:, 1]), np.log(said[:, 0] / said[:, 1])
    temperature = float((sharp * flat).sum() / (flat * flat).sum())
    if temperature <= 0 or not np.allclose(sharp, temperature * flat, atol=1e-2):
        raise ValueError(f"{path} is no network of this trainer: taken apart, it answers otherwise")


class _Neutral:
    """Sets a normalisation, when it is first given its input, to add `shift` and do nothing else."""

    def __init__(self, shift: Tensor) -> None:
        self._shift = shift

    def __call__(self, layer: nn.BatchNorm2d, given: tuple[Tensor]) -> None:
        mean, spread = given[0].mean(dim=(0, 2, 3)), given[0].var(dim=(0, 2, 3), unbiased=False)
        assert layer.running_mean is not None
        assert layer.running_var is not None
        layer.running_mean.copy_(mean)
        layer.running_var.copy_(spread)
        layer.weight.copy_((spread + layer.eps).sqrt())
        layer.bias.copy_(mean + self._shift)
