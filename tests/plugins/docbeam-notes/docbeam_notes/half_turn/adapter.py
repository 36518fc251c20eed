"""A straightener of somebody else's."""

from docbeam import Model, Prediction, Skew


class HalfTurn(Model):
    def load(self, artifacts):
        pass

    def predict(self, pages):
        return [Prediction(skew=Skew(2, 1.0, 0.0, 1.0, turned=True, straightened=False)) for _ in pages]
