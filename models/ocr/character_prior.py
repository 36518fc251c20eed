"""How likely a character is after those before it, in what people write into forms."""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from math import log

ORDER = 5
"""Characters looked at together, the predicted one included."""
EDGE = "\n"
"""Stands before the first and after the last character."""
SIGNS = 95
"""Characters that are possible at all, each equally likely before anything is known."""
_MOST_KEPT = 100_000
"""Answers: the same ones are asked for over and over."""


class CharacterPrior:
    """Character n-grams, shorter contexts mixed in by Witten and Bell (IEEE Trans. Inf. Theory 37(4), 1991)."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = dict(counts)
        self._seen: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        for gram, count in self._counts.items():
            self._seen[gram[:-1]] += count
            self._kinds[gram[:-1]] += 1
        self._found: dict[str, float] = {}
        self._logs: dict[str, float] = {}

    @classmethod
    def of(cls, texts: Iterable[str], least: int = 2) -> CharacterPrior:
        """Counted in `texts`; of the longest, n-grams seen fewer than `least` times are forgotten."""
        counts: Counter[str] = Counter()
        for text in texts:
            whole = EDGE + text + EDGE
            for end in range(1, len(whole)):
                for start in range(max(0, end - ORDER + 1), end + 1):
                    counts[whole[start : end + 1]] += 1
        return cls({gram: count for gram, count in counts.items() if len(gram) < 4 or count >= least})

    def log_probability(self, before: str, sign: str) -> float:
        """Of `sign` after `before` (all that was written so far); EDGE for the end."""
        gram = (EDGE + before)[1 - ORDER :] + sign
        found = self._logs.get(gram)
        if found is None:
            if len(self._logs) > _MOST_KEPT:
                self._logs.clear()
                self._found.clear()
            found = self._logs[gram] = log(self._probability(gram))
        return found

    def _probability(self, gram: str) -> float:
        found = self._found.get(gram)
        if found is None:
            context = gram[:-1]
            found = self._probability(gram[1:]) if context else 1.0 / SIGNS
            seen = self._seen.get(context, 0)
            if seen:
                kinds = self._kinds[context]
                found = (self._counts.get(gram, 0) + kinds * found) / (seen + kinds)
            self._found[gram] = found
        return found

    def packed(self) -> str:
        """The counts as ASCII text, for `unpacked`."""
        listed = json.dumps(sorted(self._counts.items()), separators=(",", ":"), ensure_ascii=False)
        return base64.b85encode(zlib.compress(listed.encode(), 9)).decode()

    @classmethod
    def unpacked(cls, text: str) -> CharacterPrior:
        """From the text of `packed`. Raises ValueError or zlib.error when it is none."""
        return cls(dict(json.loads(zlib.decompress(base64.b85decode(text)))))
