"""What only `training.checkbox.train` needs: places on blank forms, samples, the network."""
