import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.allow_list import check_allowed, parse_allow_list
from documents.location import parse_location
from schemas.errors import DocbeamError, ErrorCode


@pytest.mark.parametrize(
    ("text", "scheme", "host", "port", "path"),
    [
        ("gs://bucket/a/b.pdf", "gs", "bucket", None, "a/b.pdf"),
        ("GS://Bucket/A%20b.pdf", "gs", "bucket", None, "A b.pdf"),
        ("gs://bucket/Ä ö//x.pdf", "gs", "bucket", None, "Ä ö//x.pdf"),
        ("s3://my-bucket/50%25.pdf", "s3", "my-bucket", None, "50%.pdf"),
        ("https://Docs.Example.org/a/b.pdf?sig=a%2Fb&x=1", "https", "docs.example.org", 443, "/a/b.pdf"),
        ("https://docs.example.org:8443/o/a%2Fb", "https", "docs.example.org", 8443, "/o/a/b"),
        ("https://[2001:DB8::1]:444/a", "https", "2001:db8::1", 444, "/a"),
        ("file:///data/in/a%23b.pdf", "file", "", None, "/data/in/a#b.pdf"),
        ("file://localhost/data/a..b.pdf", "file", "", None, "/data/a..b.pdf"),
    ],
)
def test_a_location_is_read_in_one_way(text, scheme, host, port, path):
    location = parse_location(text)
    assert (location.scheme, location.host, location.port, location.path) == (scheme, host, port, path)
    assert parse_location(location.url) == location


def test_a_query_and_its_escapes_reach_the_server_untouched():
    url = "https://h.example/o/a%2Fb.pdf?sig=x%2By%3D&t=1"
    assert parse_location(url).url == url


@pytest.mark.parametrize(
    "text",
    [
        "", "a.pdf", "/etc/passwd", "http://h.example/a", "ftp://h.example/a", "javascript://x/a", "data:,x",
        "gs://bucket", "gs://bucket/", "gs://bucket/folder/", "gs:///key", "gs://b/key", "gs://bucket:80/key",
        "gs://user@bucket/key", "gs://bucket/key?generation=1", "gs://bucket/key#1", "gs://bucket/../other/key",
        "gs://bucket/a/%2e%2e/key", "gs://bucket/a/%252e%252e/key", "gs://bucket/a/./key", "gs://bucket/a%00b",
        "gs://bucket/a\\b", "gs://bucket/a%5cb", "gs://bucket/%ff", "gs://bucket/50%.pdf", "gs://bucket/a\nb",
        "gs://bucket/..%2fother", "https://h.example", "https://h.example/", "https://user:pw@h.example/a",
        "https://h.example@evil.example/a", "https://h.example\\@evil.example/a", "https://h.example:99999/a",
        "https://h.example:0/a", "https://h.example:/a", "https://h.example./a", "https://h..example/a",
        "https://127.1/a", "https://2130706433/a", "https://0x7f000001/a", "https://0177.0.0.1/a", "https://[::1/a",
        "https://[fe80::1%25eth0]/a", "https://h\u00e9.example/a", "https://h.example/a b\u2028", "https:///a",
        "https://h.example/a/..", "https://h.example/a/..;/b%5c", "https://h.example/a%0d%0aHost:x", "file://other/a",
        "file:///", "file:///data/../etc/passwd", "file:///data/", "gs://bucket/" + "a" * 2048,
    ],
)  # fmt: skip
def test_anything_else_is_no_location(text):
    with pytest.raises(DocbeamError) as caught:
        parse_location(text)
    assert caught.value.code == ErrorCode.INVALID_LOCATION
    assert text not in caught.value.message or len(text) < 2


@given(st.text(max_size=60), st.sampled_from(["", "gs://bucket/", "https://h.example/", "file:///", "s3://"]))
def test_no_text_gets_past_with_another_error_or_with_a_climbing_path(text, start):
    try:
        location = parse_location(start + text)
    except DocbeamError as error:
        code = error.code
    else:
        code = ErrorCode.INVALID_LOCATION
        assert ".." not in location.segments
        assert parse_location(location.url) == location
    assert code == ErrorCode.INVALID_LOCATION


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        ("gs://bucket", "gs://bucket/a.pdf"),
        ("gs://bucket/", "gs://bucket/a/b.pdf"),
        ("gs://bucket/in", "gs://bucket/in/a.pdf"),
        ("gs://bucket/in/", "gs://bucket/in/a.pdf"),
        ("gs://bucket/in/a.pdf", "gs://bucket/in/a.pdf"),
        ("https://h.example/", "https://H.example:443/a.pdf?x=1"),
        ("https://h.example:8443/in", "https://h.example:8443/in/a.pdf"),
    ],
)
def test_a_prefix_covers_what_lies_below_it(prefix, text):
    check_allowed(parse_location(text), ("s3://elsewhere/", prefix))


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        ("gs://bucket/a", "gs://bucket/ab"),
        ("gs://bucket/a", "gs://bucket2/a/x"),
        ("gs://bucket/a", "gs://bucket/A/x"),
        ("gs://bucket/a", "s3://bucket/a/x"),
        ("gs://bucket/a", "gs://bucket//a/x"),
        ("https://h.example/", "https://h.example.evil.org/a"),
        ("https://h.example/", "https://sub.h.example/a"),
        ("https://h.example/", "https://h.example:8443/a"),
        ("https://h.example/in", "https://h.example/inner/a"),
        ("https://8.8.8.8/", "https://8.8.8.8/a"),
    ],
)
def test_a_prefix_covers_nothing_else(prefix, text):
    with pytest.raises(DocbeamError) as caught:
        check_allowed(parse_location(text), (prefix,))
    assert caught.value.code == ErrorCode.LOCATION_FORBIDDEN


def test_without_prefixes_nothing_is_allowed():
    with pytest.raises(DocbeamError):
        check_allowed(parse_location("gs://bucket/a"), ())


def test_addresses_named_as_private_hosts_may_be_used():
    check_allowed(parse_location("https://10.0.0.7/a"), ("https://10.0.0.7/",), ("10.0.0.7",))


def test_files_are_compared_after_links_are_followed(tmp_path):
    root, outside = tmp_path / "root", tmp_path / "root2"
    root.mkdir()
    outside.mkdir()
    (root / "link").symlink_to(outside)
    (tmp_path / "alias").symlink_to(root)
    allow = (f"file://{root}",)
    check_allowed(parse_location(f"file://{root}/a.pdf"), allow)
    check_allowed(parse_location(f"file://{tmp_path}/alias/a.pdf"), allow)
    for path in (f"{outside}/a.pdf", f"{root}/link/a.pdf", "/etc/passwd"):
        with pytest.raises(DocbeamError) as caught:
            check_allowed(parse_location(f"file://{path}"), allow)
        assert caught.value.code == ErrorCode.LOCATION_FORBIDDEN


@pytest.mark.parametrize("prefix", ["gs://b", "gs://bucket/../x", "https://h.example/?x=1", "https://u@h.example/"])
def test_a_prefix_that_is_none_is_a_mistake_in_the_settings(prefix):
    with pytest.raises(ValueError, match=r"documents\.allow"):
        parse_allow_list((prefix,))
