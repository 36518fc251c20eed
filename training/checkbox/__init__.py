"""Makes the network of `checkbox`: places on blank forms, samples, training."""
