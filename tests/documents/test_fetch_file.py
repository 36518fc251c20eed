import errno
import hashlib
import os
import stat
import tempfile

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


def test_a_file_of_the_largest_size_is_read(root, cache):
    (root / "largest").write_bytes(b"x" * 100)
    settings = DocumentSettings(allow=(f"file://{root}",), max_bytes=100)
    assert fetch(DocumentReference(f"file://{root}/largest"), settings, cache).size_bytes == 100


def test_a_file_of_several_reads_arrives_whole(root, cache):
    content = os.urandom(2_500_000)
    (root / "long").write_bytes(content)
    settings = DocumentSettings(allow=(f"file://{root}",))
    fetched = fetch(DocumentReference(f"file://{root}/long"), settings, cache)
    assert fetched.path.read_bytes() == content
    assert fetched.sha256 == hashlib.sha256(content).hexdigest()


def test_a_name_longer_than_any_file_has_is_not_found(root, cache):
    assert failure(root / ("a" * 300), root, cache) == ErrorCode.DOCUMENT_NOT_FOUND


def test_a_file_that_cannot_be_read_now_is_tried_again(root, cache, monkeypatch):
    """As on network disks: opening or reading fails and then does not."""
    (root / "a.pdf").write_bytes(b"content")
    settings = DocumentSettings(allow=(f"file://{root}",), fetch_seconds=20)
    for name in ("open", "read"):
        failures = [OSError(errno.EIO, "Input/output error")]
        real = getattr(os, name)

        def fails_once(first, *args, real=real, failures=failures, **kwargs):
            ours = str(first).endswith("a.pdf") or isinstance(first, int)
            if ours and failures:
                raise failures.pop()
            return real(first, *args, **kwargs)

        with monkeypatch.context() as patched:
            patched.setattr(os, name, fails_once)
            assert fetch(DocumentReference(f"file://{root}/a.pdf"), settings, cache).size_bytes == 7
        assert not failures


def test_a_file_that_may_not_be_read_is_refused(root, cache, monkeypatch):
    (root / "a.pdf").write_bytes(b"content")
    real = os.open

    def denied(path, *args, **kwargs):
        if str(path).endswith("a.pdf"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", denied)
    assert failure(root / "a.pdf", root, cache) == ErrorCode.DOCUMENT_ACCESS_DENIED


def test_the_cache_is_this_user_s_alone_wherever_it_lies(root, tmp_path, monkeypatch):
    """Documents are private, and the folder of temporary files is everybody's."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (root / "a.pdf").write_bytes(b"content")
    for chosen in (None, tmp_path / "chosen" / "cache"):
        settings = DocumentSettings(allow=(f"file://{root}",), cache_dir=chosen)
        fetched = fetch(DocumentReference(f"file://{root}/a.pdf"), settings, open_cache(settings))
        folder = chosen or tmp_path / "temporary" / f"docbeam-documents-{os.geteuid()}"
        assert fetched.path.parents[1] == folder
        for each in (folder, fetched.path.parent):
            assert stat.S_IMODE(each.stat().st_mode) == 0o700
        assert stat.S_IMODE(fetched.path.stat().st_mode) == 0o600


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
