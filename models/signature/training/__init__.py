"""What only `models.signature.train` needs: the network and its samples."""
