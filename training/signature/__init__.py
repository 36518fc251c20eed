"""Makes the network of `signature`: samples, training."""
