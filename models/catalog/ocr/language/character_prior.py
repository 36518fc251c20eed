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
_MOST_KEPT = 30_000
"""Contexts: the same ones are asked for over and over."""


class _After(dict[str, float]):
    """Probabilities of the characters after a context, worked out when they are asked for."""

    def __init__(
        self, counts: Mapping[str, int], context: str, seen: int, kinds: int, shorter: Mapping[str, float] | None
    ) -> None:
        super().__init__()
        self._counts, self._context, self._seen, self._kinds, self._shorter = counts, context, seen, kinds, shorter

    def __missing__(self, sign: str) -> float:
        shorter = 1.0 / SIGNS if self._shorter is None else self._shorter[sign]
        count = self._counts.get(self._context + sign, 0)
        found = self[sign] = (count + self._kinds * shorter) / (self._seen + self._kinds)
        return found


class CharacterPrior:
    """Character n-grams, shorter contexts mixed in by Witten and Bell (IEEE Trans. Inf. Theory 37(4), 1991)."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = dict(counts)
        self._seen: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        for gram, count in self._counts.items():
            self._seen[gram[:-1]] += count
            self._kinds[gram[:-1]] += 1
        self._after: dict[str, _After] = {}

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

    def context(self, before: str) -> str:
        """What counts of `before`, all that was written so far: the longest end of it that was ever seen."""
        context = (EDGE + before)[1 - ORDER :]
        while context and context not in self._seen:
            context = context[1:]
        return context

    def after(self, context: str) -> Mapping[str, float]:
        """By character: the probability that it follows a `context`; EDGE for the end."""
        found = self._after.get(context)
        if found is None:
            if len(self._after) > _MOST_KEPT:
                self._after.clear()
            shorter = self.after(context[1:]) if context else None
            found = _After(self._counts, context, self._seen[context], self._kinds[context], shorter)
            self._after[context] = found
        return found

    def log_probability(self, before: str, sign: str) -> float:
        """Of `sign` after `before`."""
        return log(self.after(self.context(before))[sign])

    def packed(self) -> str:
        """The counts as ASCII text, for `unpacked`."""
        listed = json.dumps(sorted(self._counts.items()), separators=(",", ":"), ensure_ascii=False)
        return base64.b85encode(zlib.compress(listed.encode(), 9)).decode()

    @classmethod
    def unpacked(cls, text: str) -> CharacterPrior:
        """From the text of `packed`. Raises ValueError or zlib.error when it is none."""
        return cls(dict(json.loads(zlib.decompress(base64.b85decode(text)))))
