"""What only `training/ocr/train.py` uses: samples and networks. Needs the extra `train`."""
