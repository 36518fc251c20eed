"""The words all layers share: request, page, prediction, result, errors, and their wire formats."""
