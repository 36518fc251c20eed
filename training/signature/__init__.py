"""What only `training.signature.train` needs: the network and its samples."""
