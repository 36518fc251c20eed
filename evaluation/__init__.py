"""Measures models on folders of pages with known truth."""

from evaluation.card_table import CardError, card_rows, card_to_write, write_card
from evaluation.evaluate import evaluate
from evaluation.folder import FolderError
from evaluation.plots import plots
from evaluation.result import Evaluation, table

__all__ = [
    "CardError",
    "Evaluation",
    "FolderError",
    "card_rows",
    "card_to_write",
    "evaluate",
    "plots",
    "table",
    "write_card",
]
