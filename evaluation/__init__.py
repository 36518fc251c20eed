"""Measures models on folders of pages with known truth."""

from evaluation.evaluate import evaluate
from evaluation.folder import FolderError
from evaluation.plots import plots
from evaluation.result import Evaluation, table

__all__ = ["Evaluation", "FolderError", "evaluate", "plots", "table"]
