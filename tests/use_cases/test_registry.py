"""Which use cases are taken: those whose pages are straightened first, by whichever model's card says it does that."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.registry import all_models
from use_cases.registry import UseCaseRegistryError, all_use_cases

REPOSITORY = Path(__file__).resolve().parents[2]
Install = Callable[[str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a package with one use case of the given steps."""

    def install_it(steps: str) -> None:
        (tmp_path / "plug_case.py").write_text(
            "from docbeam import Apply, Expect, UseCase\n\n\nclass Plugged(UseCase):\n"
            f'    """One."""\n\n    name = "plugged"\n    version = "1"\n    steps = {steps}\n',
            encoding="utf-8",
        )
        facts = tmp_path / "plug_case-1.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: plug-case\nVersion: 1\n", encoding="utf-8")
        (facts / "entry_points.txt").write_text("[docbeam.use_cases]\nplugged = plug_case:Plugged\n", encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()
        all_models.cache_clear()
        all_use_cases.cache_clear()

    yield install_it
    sys.modules.pop("plug_case", None)
    all_models.cache_clear()
    all_use_cases.cache_clear()


@pytest.mark.usefixtures("installed_plugins")
def test_a_use_case_may_bring_a_straightener_of_its_own() -> None:
    known = all_use_cases()
    assert known["upside-down"].use_case.steps[0].model == "half-turn"
    assert known["notes"].use_case.steps[0].model == "deskew"


@pytest.mark.parametrize(
    "steps",
    [
        '(Apply("ocr"), Apply("deskew"))',
        '(Expect("application-form"),)',
        '(Expect("application-form", model="half-turn"),)',
        '(Apply("no-such-model"),)',
    ],
    ids=["another model", "a question", "a question to a straightener", "a model nobody has"],
)
@pytest.mark.usefixtures("installed_plugins")
def test_any_other_first_step_is_an_error_at_the_start_that_lists_the_straighteners(
    steps: str, install: Install
) -> None:
    install(steps)
    with pytest.raises(UseCaseRegistryError) as refused:
        all_use_cases()
    assert str(refused.value) == (
        "plug-case: the first step of 'plugged' must apply a model whose card says output = \"skew\"; "
        'known: Apply("deskew"), Apply("half-turn")'
    )


def test_the_first_step_is_checked_without_loading_a_model() -> None:
    look = (
        "import sys; from use_cases.registry import all_use_cases; all_use_cases(); "
        "print([name for name in sys.modules if name.startswith(('onnxruntime', 'models.catalog.', 'cv2', 'numpy'))])"
    )
    done = subprocess.run([sys.executable, "-c", look], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
