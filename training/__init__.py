"""What every `models/NAME/train.py` shares: made samples, the training loop, the export. Needs the extra `train`."""
