import hashlib
import multiprocessing
import os
import threading
import time

import pytest

from documents.cache import DocumentCache


def put(cache: DocumentCache, url: str, content: bytes, generation: str | None = None):
    sha256 = hashlib.sha256(content).hexdigest()
    with cache.incoming() as path:
        path.write_bytes(content)
        return cache.admit(path, url, sha256, generation, "tag")


def sizes(folder) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.document"))


def test_an_entry_is_found_by_hash_or_generation_of_its_own_location(tmp_path):
    entry = put(DocumentCache(tmp_path, 1000), "gs://bucket/a", b"one", "7")
    cache = DocumentCache(tmp_path, 1000)
    assert cache.find("gs://bucket/a", None, entry.sha256) == entry
    assert cache.find("gs://bucket/a", "7", None) == entry
    assert cache.find("gs://bucket/a", "7", entry.sha256) == entry
    assert cache.find("gs://bucket/a", None, None) is None
    assert cache.find("gs://bucket/a", "8", entry.sha256) is None
    assert cache.find("gs://bucket/a", "7", "0" * 64) is None
    assert cache.find("gs://bucket/b", None, entry.sha256) is None


def test_a_damaged_entry_is_not_served(tmp_path):
    entry = put(DocumentCache(tmp_path, 1000), "gs://bucket/a", b"one")
    entry.path.write_bytes(b"two")
    assert DocumentCache(tmp_path, 1000).find("gs://bucket/a", None, entry.sha256) is None
    assert not entry.path.exists()


def test_an_entry_damaged_after_it_was_served_is_not_served_again(tmp_path):
    cache = DocumentCache(tmp_path, 1000)
    entry = put(cache, "gs://bucket/a", b"one")
    assert cache.find("gs://bucket/a", None, entry.sha256) == entry
    entry.path.write_bytes(b"two")
    assert cache.find("gs://bucket/a", None, entry.sha256) is None
    again = put(cache, "gs://bucket/a", b"one")
    again.path.write_bytes(b"two")
    assert put(cache, "gs://bucket/a", b"one").path.read_bytes() == b"one", "nor is it taken for what comes in anew"


def test_what_stores_say_of_an_entry_is_kept_whatever_it_is(tmp_path):
    for generation, etag in ((None, None), ("7", None), (None, '"\u00e4"')):
        sha256 = hashlib.sha256(b"one").hexdigest()
        with DocumentCache(tmp_path, 1000).incoming() as path:
            path.write_bytes(b"one")
            entry = DocumentCache(tmp_path, 1000).admit(path, "gs://bucket/a", sha256, generation, etag)
            assert (entry.generation, entry.etag, entry.size_bytes) == (generation, etag, 3)
        found = DocumentCache(tmp_path, 1000).find("gs://bucket/a", generation, sha256)
        assert found is not None
        if generation is not None:
            assert found == entry


def test_the_bound_holds_whatever_comes_in_and_nothing_is_left_of_what_went(tmp_path):
    """Plus the twentieth that may come in between two looks at the folder."""
    cache = DocumentCache(tmp_path, 10_000, keep_seconds=0)
    for number in range(300):
        put(cache, f"gs://bucket/{number}", number.to_bytes(2, "big") * 50)
        assert sizes(tmp_path) <= 10_500
    assert sizes(tmp_path) >= 9_000, "and no more goes than must"
    facts = {path.stem for path in tmp_path.rglob("*.json")}
    assert facts == {path.stem for path in tmp_path.rglob("*.document")}


def test_no_entry_goes_while_there_is_room(tmp_path):
    cache = DocumentCache(tmp_path, 1000, keep_seconds=0)
    entries = [put(cache, f"gs://bucket/{number}", bytes([number]) * 250) for number in range(4)]
    assert all(entry.path.exists() for entry in entries)


def test_a_cache_says_at_once_whether_it_can_be_used(tmp_path):
    DocumentCache(tmp_path / "fresh" / "cache", 1000).check()
    assert not list((tmp_path / "fresh" / "cache").iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        DocumentCache(tmp_path / "file", 1000).check()


def test_the_least_recently_used_go_first(tmp_path):
    cache = DocumentCache(tmp_path, 1000, keep_seconds=0)
    entries = [put(cache, f"gs://bucket/{number}", bytes([number]) * 300) for number in range(3)]
    assert cache.find("gs://bucket/0", None, entries[0].sha256)
    put(cache, "gs://bucket/3", b"x" * 300)
    assert [entry.path.exists() for entry in entries] == [True, False, True]
    assert sizes(tmp_path) <= 1000


def test_what_is_held_or_just_used_stays(tmp_path):
    cache = DocumentCache(tmp_path, 500, keep_seconds=0)
    held = put(cache, "gs://bucket/held", b"h" * 400)
    with cache.hold(held.path) as path:
        for number in range(4):
            put(cache, f"gs://bucket/{number}", bytes([number]) * 400)
        assert path.read_bytes() == b"h" * 400
    put(cache, "gs://bucket/last", b"l" * 400)
    assert not held.path.exists()
    with pytest.raises(FileNotFoundError), cache.hold(held.path):
        pass
    patient = DocumentCache(tmp_path, 0, keep_seconds=60)
    assert put(patient, "gs://bucket/now", b"n").path.exists()


def test_another_process_respects_what_is_held(tmp_path):
    cache = DocumentCache(tmp_path, 500, keep_seconds=0)
    held = put(cache, "gs://bucket/held", b"h" * 400)
    with cache.hold(held.path):
        child = multiprocessing.get_context("spawn").Process(target=fill, args=(tmp_path, 3))
        child.start()
        child.join()
        assert child.exitcode == 0
        assert held.path.exists()


def fill(folder, count: int) -> None:
    cache = DocumentCache(folder, 500, keep_seconds=0)
    for number in range(count):
        put(cache, f"gs://bucket/{number}", bytes([number]) * 400)


def test_leftovers_of_a_dead_process_are_cleared(tmp_path):
    cache = DocumentCache(tmp_path, 1000)
    leftover, fresh = tmp_path / "old.incoming", tmp_path / "new.incoming"
    leftover.touch()
    fresh.touch()
    os.utime(leftover, (time.time() - 7200,) * 2)
    put(cache, "gs://bucket/a", b"one")
    assert (leftover.exists(), fresh.exists()) == (False, True)


def test_facts_of_a_document_that_never_came_are_cleared_and_those_of_others_are_not(tmp_path):
    entry = put(DocumentCache(tmp_path, 1000), "gs://bucket/a", b"one")
    kept = entry.path.with_suffix(".json")
    orphan, young = kept.with_name("orphan.json"), kept.with_name("young.json")
    for path in (orphan, young):
        path.write_text("{}")
    for path in (orphan, kept, entry.path):
        os.utime(path, (time.time() - 7200,) * 2)
    put(DocumentCache(tmp_path, 1000), "gs://bucket/b", b"two")
    assert (orphan.exists(), young.exists(), kept.exists(), entry.path.exists()) == (False, True, True, True)


def test_facts_that_are_none_hide_no_other_entry(tmp_path):
    cache = DocumentCache(tmp_path, 1000)
    first, second = put(cache, "gs://bucket/a", b"one", "1"), put(cache, "gs://bucket/a", b"one", "2")
    for content in ("", "[]", "7", "{}", "null", "{"):
        first.path.with_suffix(".json").write_text(content)
        found = DocumentCache(tmp_path, 1000).find("gs://bucket/a", None, first.sha256)
        assert found == second


def test_many_threads_and_two_processes_agree(tmp_path):
    mistakes: list[object] = []

    def work(seed: int) -> None:
        cache = DocumentCache(tmp_path, 20_000, keep_seconds=0)
        for number in range(60):
            content = bytes([(seed + number) % 16]) * 2000
            sha256, url = hashlib.sha256(content).hexdigest(), f"gs://bucket/{content[0]}"
            try:
                entry = cache.find(url, None, sha256) or put(cache, url, content)
                with cache.hold(entry.path) as path:
                    if path.read_bytes() != content:
                        mistakes.append(number)
            except FileNotFoundError:
                pass
            except Exception as error:
                mistakes.append(error)

    child = multiprocessing.get_context("spawn").Process(target=fill, args=(tmp_path, 50))
    child.start()
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    child.join()
    assert not mistakes
    assert child.exitcode == 0
