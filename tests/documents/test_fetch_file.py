import os

import pytest

from config.settings import DocumentSettings
from documents.fetch import fetch, open_cache
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import DocumentReference


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


def failure(path, root, cache, **changes) -> ErrorCode:
    settings = DocumentSettings(allow=(f"file://{root}",), fetch_seconds=5, **changes)
    with pytest.raises(DocbeamError) as caught:
        fetch(DocumentReference(f"file://{path}"), settings, cache)
    return caught.value.code


def test_a_file_below_the_root_is_read(root, tmp_path):
    (root / "a b.pdf").write_bytes(b"content")
    settings = DocumentSettings(allow=(f"file://{root}",), cache_dir=tmp_path / "cache")
    fetched = fetch(DocumentReference(f"file://{root}/a%20b.pdf"), settings, open_cache(settings))
    assert fetched.path.read_bytes() == b"content"
    assert fetched.path.is_relative_to(tmp_path / "cache")
    (root / "link.pdf").symlink_to("a b.pdf")
    assert fetch(DocumentReference(f"file://{root}/link.pdf"), settings, open_cache(settings)).size_bytes == 7


def test_what_is_no_file_below_the_root_is_refused(root, tmp_path, cache):
    (tmp_path / "secret").write_bytes(b"secret")
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "folder").mkdir()
    os.mkfifo(root / "pipe")
    (root / "loop").symlink_to("loop")
    (root / "empty").touch()
    (root / "large").write_bytes(b"x" * 101)
    assert failure(root / "out", root, cache) == ErrorCode.LOCATION_FORBIDDEN
    assert failure(tmp_path / "secret", root, cache) == ErrorCode.LOCATION_FORBIDDEN
    assert failure(root / "folder", root, cache) == ErrorCode.LOCATION_FORBIDDEN
    assert failure(root / "pipe", root, cache) == ErrorCode.LOCATION_FORBIDDEN
    assert failure(root / "loop", root, cache) == ErrorCode.LOCATION_FORBIDDEN
    assert failure("/dev/zero", "/dev", cache) == ErrorCode.LOCATION_FORBIDDEN
    assert failure(root / "missing", root, cache) == ErrorCode.DOCUMENT_NOT_FOUND
    assert failure(root / "empty" / "below", root, cache) == ErrorCode.DOCUMENT_NOT_FOUND
    assert failure(root / "empty", root, cache) == ErrorCode.DOCUMENT_EMPTY
    assert failure(root / "large", root, cache, max_bytes=100) == ErrorCode.DOCUMENT_TOO_LARGE


def test_a_link_swapped_in_after_the_check_leads_nowhere(root, tmp_path, cache, monkeypatch):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.pdf").write_bytes(b"secret")
    folder = root / "folder"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"content")
    real = os.open

    def swap_then_open(path, *args, **kwargs):
        if str(path).endswith("a.pdf") and not folder.is_symlink():
            folder.rename(root / "moved")
            folder.symlink_to(outside)
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", swap_then_open)
    assert failure(folder / "a.pdf", root, cache) == ErrorCode.LOCATION_FORBIDDEN


def test_a_full_disk_is_a_failed_fetch(root, cache, monkeypatch):
    (root / "a.pdf").write_bytes(b"content")

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "utime", full)
    assert failure(root / "a.pdf", root, cache) == ErrorCode.FETCH_FAILED
