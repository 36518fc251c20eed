"""What only `models.checkbox.train` needs: places on blank forms, samples, the network."""
