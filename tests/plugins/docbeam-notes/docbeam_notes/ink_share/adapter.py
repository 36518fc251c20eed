"""Counts dark pixels."""

from docbeam import Label, Model, PageImage, Prediction


class InkShare(Model):
    def load(self, artifacts):
        pass

    def predict(self, pages):
        return [_predict(page) for page in pages]


def _predict(page: PageImage) -> Prediction:
    share = float((page.pixels < 128).mean())
    return Prediction(labels=(Label("ink-share", f"{share:.3f}", 0.9),)) if share else Prediction()
