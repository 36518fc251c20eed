"""How the models' own artifacts are made: a folder for each, and what they share: samples, the loop, the export."""
