"""Use cases of the plug-in."""

from docbeam import AnalysedDocument, Apply, Field, FieldKind, FieldState, UseCase


class Notes(UseCase):
    """Says how much ink is on a note."""

    name = "notes"
    version = "7"
    steps = (Apply("deskew"), Apply("ink-share"))

    def conclude(self, document: AnalysedDocument) -> list[Field]:
        shares = [
            label
            for page in document.pages
            for outcome in page.outcomes
            for label in outcome.prediction.labels
            if label.name == "ink-share"
        ]
        return [Field("ink", FieldKind.NUMBER, FieldState.FILLED, value=label.value) for label in shares]


class Misbehaving(UseCase):
    """Applies a model that does on each page what the request's parameter `fault` says."""

    name = "misbehaving"
    version = "1"
    steps = (Apply("deskew"), Apply("faults"), Apply("ink-share"))


class BadConclusion(UseCase):
    """Fails when it concludes."""

    name = "bad-conclusion"
    version = "1"
    steps = (Apply("deskew"), Apply("ink-share"))

    def conclude(self, document: AnalysedDocument) -> list[Field]:
        if document.request.parameters.get("fault") == "hang":
            while True:
                pass
        raise RuntimeError("a defect of the plug-in")


class UpsideDown(UseCase):
    """Straightens pages with a model of its own."""

    name = "upside-down"
    version = "1"
    steps = (Apply("half-turn"), Apply("ink-share"), Apply("listener"))
