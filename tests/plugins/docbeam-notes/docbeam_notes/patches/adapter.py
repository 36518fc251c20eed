"""Reads how dark given places are."""

from dataclasses import replace

from docbeam import FieldState, Prediction, Reading, RegionReader


class Patches(RegionReader):
    def load(self, artifacts):
        pass

    def predict(self, pages):
        return [Prediction() for _ in pages]

    def read(self, page, regions):
        readings = [_reading(page, region) for region in regions]
        fault = page.options.get("fault", "")
        if fault == "raise":
            raise ValueError("SECRET")
        if fault == "count":
            return readings[:-1]
        if fault == "none":
            return None
        if fault == "type":
            return ["SECRET" for _ in readings]
        changes = {
            "nan": {"confidence": float("nan")},
            "sure": {"confidence": 7.5},
            "scores": {"scores": {"dark": -0.1}},
            "bytes": {"value": b"SECRET"},
            "surrogate": {"value": "SECRET\ud800"},
            "not read": {"state": FieldState.NOT_READ},
        }
        return [replace(reading, **changes.get(fault, {})) for reading in readings]


def _reading(page, region):
    left, top, right, bottom = (round(value) for value in (*region.quad[:2], *region.quad[4:6]))
    dark = float((page.pixels[top:bottom, left:right] < 128).mean())
    cells = len(region.cells) if isinstance(region.cells, tuple) else region.cells
    told = f"{dark:.2f} of page {page.number}, cells {cells}, after {', '.join(page.earlier) or 'nobody'}"
    return Reading(FieldState.FILLED if dark else FieldState.BLANK, told, 0.9)
