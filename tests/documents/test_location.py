from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.allow_list import check_allowed, parse_allow_list
from documents.location import parse_location
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import MAX_LOCATION_CHARACTERS


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
        ("file://LOCALHOST//data/a.pdf", "file", "", None, "/data/a.pdf"),
        ("https://h.example:65535/a", "https", "h.example", 65535, "/a"),
        ("https://h.example:1/a", "https", "h.example", 1, "/a"),
    ],
)
def test_a_location_is_read_in_one_way(text, scheme, host, port, path):
    location = parse_location(text)
    assert (location.scheme, location.host, location.port, location.path) == (scheme, host, port, path)
    assert parse_location(location.url) == location


def test_a_query_and_its_escapes_reach_the_server_untouched():
    url = "https://h.example/o/a%2Fb.pdf?sig=x%2By%3D&t=1"
    assert parse_location(url).url == url


def test_a_location_may_be_as_long_as_a_request_may_name():
    longest = "gs://bucket/" + "a" * (MAX_LOCATION_CHARACTERS - 12)
    assert parse_location(longest).url == longest
    refused(longest + "a")


def test_a_host_may_be_as_long_as_names_are():
    """RFC 1035 2.3.4: labels of 63 characters, 253 in all."""
    longest = ".".join(["a" * 63] * 3 + ["b" * 61])
    assert parse_location(f"https://{longest}/a").host == longest
    refused(f"https://{longest}b/a")
    refused(f"https://{'a' * 64}.example/a")


def test_a_path_may_be_in_four_layers_of_escapes_and_no_more():
    parse_location("https://h.example/%25252561")
    assert "too many layers" in refused("https://h.example/%2525252561")


def test_a_path_with_more_readings_than_can_be_looked_at_is_refused():
    """Each layer holds a parameter, a blank and their full-width forms, and each may be read first."""

    def layered(layers: int) -> str:
        marks = (";x", "+", "\uff0b", "\uff1b")
        return "/".join(f"a{escaped(mark, layer)}b" for layer in range(layers) for mark in marks)

    def escaped(text: str, times: int) -> str:
        return text if times == 0 else escaped(quote(text, safe=""), times - 1)

    parse_location(f"https://h.example/{layered(4)}")
    assert "too many layers" in refused(f"https://h.example/{layered(5)}")


NO_LOCATIONS = {
    "empty": "",
    "too long": "gs://bucket/" + "a" * 2048,
    "without a scheme": "a.pdf",
    "a path": "/etc/passwd",
    "http": "http://h.example/a",
    "ftp": "ftp://h.example/a",
    "a script": "javascript://x/a",
    "data": "data:,x",
    "a bucket alone": "gs://bucket",
    "a bucket's root": "gs://bucket/",
    "a folder": "gs://bucket/folder/",
    "no bucket": "gs:///key",
    "a bucket's name too short": "gs://b/key",
    "a bucket with a port": "gs://bucket:80/key",
    "a bucket with a user": "gs://user@bucket/key",
    "a bucket in letters that fold to ASCII": "gs://buc\u212aet/key",
    "an object with a query": "gs://bucket/key?generation=1",
    "a fragment": "gs://bucket/key#1",
    "a host alone": "https://h.example",
    "a host's root": "https://h.example/",
    "no host": "https:///a",
    "a password": "https://user:pw@h.example/a",
    "a user who looks like a host": "https://h.example@evil.example/a",
    "an escaped user": "https://h.example%40evil.example/a",
    "a backslash before a user": "https://h.example\\@evil.example/a",
    "a port too large": "https://h.example:99999/a",
    "the first port too large": "https://h.example:65536/a",
    "port zero": "https://h.example:0/a",
    "an empty port": "https://h.example:/a",
    "a port in other digits": "https://h.example:\u0664\u0664\u0663/a",
    "a host with a last dot": "https://h.example./a",
    "a host with two dots": "https://h..example/a",
    "a host in other letters": "https://h\u00e9.example/a",
    "a host in letters that fold to ASCII": "https://\u212aube.example/a",
    "a host in full width": "https://\uff48.example/a",
    "a host with an ideographic stop": "https://h\u3002example/a",
    "a host with a blank": "https://h .example/a",
    "a short form of 127.0.0.1": "https://127.1/a",
    "a number for an address": "https://2130706433/a",
    "a hexadecimal address": "https://0x7f000001/a",
    "a hexadecimal last label": "https://127.0.0.0x1/a",
    "an octal address": "https://0177.0.0.1/a",
    "an open bracket": "https://[::1/a",
    "an address with a zone": "https://[fe80::1%25eth0]/a",
    "a file on a host": "file://other/a",
    "the root folder": "file:///",
    "a folder of files": "file:///data/",
    "a newline": "gs://bucket/a\nb",
    "an escaped newline": "https://h.example/a%0d%0aHost:x",
    "a twice escaped newline": "https://h.example/a%250d%250aHost:x",
    "a line separator": "https://h.example/a b\u2028",
    "an escaped zero": "gs://bucket/a%00b",
    "a backslash": "gs://bucket/a\\b",
    "an escaped backslash": "gs://bucket/a%5cb",
    "an escaped backslash of https": "https://h.example/a/b%5c",
    "a twice escaped backslash": "https://h.example/a/b%255C",
    "bytes that are not UTF-8": "gs://bucket/%ff",
    "dots spelled too long": "gs://bucket/%c0%ae%c0%ae/a",
    "a percent sign alone": "gs://bucket/50%.pdf",
    "an escape of Internet Explorer": "https://h.example/%u002e%u002e/a",
    "escapes of escapes of escapes of escapes of escapes": "https://h.example/%252525252561",
}  # fmt: skip

CLIMBING = {
    "plain": "..",
    "a dot": ".",
    "escaped": "%2e%2e",
    "escaped in part": ".%2E",
    "twice": "%252e%252e",
    "three times": "%25252e%25252e",
    "four times": "%2525252e%2525252e",
    "a wide escape inside an escape": "%25u002e%25u002e",
    "a parameter": "..;",
    "a parameter with a value": "..;a=b",
    "a parameter after escapes": "%2e%2e;",
    "an escaped parameter": "..%3B",
    "a twice escaped parameter": "..%253bx",
    "a dot with a parameter": ".;",
    "an escaped slash": "..%2f",
    "an escaped slash before": "a%2F..",
    "a twice escaped slash": "..%252F",
    "everything escaped": "%2e%2e%2f",
    "a parameter that hides a slash": "..;%2f",
    "a blank at the end": "..%20",
    "a blank as a plus": "..+",
    "a blank in between": ".%20.",
    "three dots": "...",
    "three dots and a blank": ".. .",
    "full-width dots": "\uff0e\uff0e",
    "escaped full-width dots": "%EF%BC%8E%EF%BC%8E",
    "a full-width slash": "..\uff0fa",
    "a full-width backslash": "..\uff3ca",
    "a full-width percent sign": "\uff052e\uff052e",
    "a full-width semicolon": "..\uff1b",
    "one-dot leaders": "\u2024\u2024",
    "a two-dot leader": "\u2025",
    "small full stops": "\ufe52\ufe52",
    "ideographic full stops": "\u3002\u3002",
    "a division slash": "..\u2215a",
    "a fraction slash": "..\u2044a",
    "a set minus": "..\u2216a",
    "a yen sign": "..\u00a5a",
    "an invisible character": "..\u200b",
    "a soft hyphen": ".\u00ad.",
    "a blank that does not break": "..\u00a0",
}

OVERLONG = {
    "a dot of two bytes": "%25c0%25ae%25c0%25ae",
    "a slash of two bytes": "..%25c0%25af",
    "a dot of three bytes": "%25e0%2580%25ae",
    "a dot of four bytes": "%25f0%2580%2580%25ae",
    "with a plain second byte": "%25c0.",
}


def refused(text: str) -> str:
    with pytest.raises(DocbeamError) as caught:
        parse_location(text)
    assert caught.value.code == ErrorCode.INVALID_LOCATION
    assert text not in caught.value.message or len(text) < 2
    return caught.value.message


@pytest.mark.parametrize("text", NO_LOCATIONS.values(), ids=list(NO_LOCATIONS))
def test_anything_else_is_no_location(text):
    assert "segments" not in refused(text)


@pytest.mark.parametrize("start", ["https://h.example/public", "gs://bucket/public", "s3://bucket/public", "file:///p"])
@pytest.mark.parametrize("segment", CLIMBING.values(), ids=list(CLIMBING))
def test_no_path_climbs_however_it_is_read(start, segment):
    """The location is a good one without this segment, so that it is refused for nothing else."""
    parse_location(f"{start}/x/a.pdf")
    for text in (f"{start}/{segment}/a.pdf", f"{start}/x/{segment}"):
        assert "its path holds . or .. segments" in refused(text)


@pytest.mark.parametrize("segment", OVERLONG.values(), ids=list(OVERLONG))
def test_no_character_is_spelled_longer_than_it_is(segment):
    assert "overlong" in refused(f"https://h.example/a/{segment}/b")


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
        ("https://h.example", "https://h.example/a.pdf"),
        ("https://h.example:8443/in", "https://h.example:8443/in/a.pdf"),
    ],
)
def test_a_prefix_covers_what_lies_below_it(prefix, text):
    check_allowed(parse_location(text), ("s3://elsewhere/", prefix))


HONEST = {
    "a key in one segment": ("https://h.example/v0/b/bucket/o/", "https://h.example/v0/b/bucket/o/f%2Fa.pdf?alt=media"),
    "a folder of such keys": ("https://h.example/o/f%2F", "https://h.example/o/f%2fa%2Fb.pdf?alt=media"),
    "a prefix with escapes": ("https://h.example/My%20Forms/", "https://h.example/My%20Forms/a.pdf"),
    "a prefix with a blank": ("https://h.example/My Forms/", "https://h.example/My%20Forms/a.pdf"),
    "a prefix with other letters": ("https://h.example/Antr\u00e4ge/", "https://h.example/Antr%C3%A4ge/a.pdf"),
    "escapes below": ("https://h.example/in/", "https://h.example/in/%C3%84%20b%2Bc%25.pdf"),
    "parameters": ("https://h.example/in/", "https://h.example/in/a;v=1/b;c.pdf"),
    "a plus": ("https://h.example/in/", "https://h.example/in/a+b.pdf"),
    "dots in a name": ("https://h.example/in/", "https://h.example/in/..a/b..c/.d/e...pdf"),
    "dots at the end of a name": ("gs://bucket/in/", "gs://bucket/in/Inc./a.pdf"),
    "an ellipsis in a name": ("gs://bucket/in/", "gs://bucket/in/and so on\u2026.pdf"),
    "a double slash below": ("gs://bucket/in/", "gs://bucket/in//a.pdf"),
    "half a page": ("s3://bucket/in/", "s3://bucket/in/\u00bd page.pdf"),
    "a price": ("s3://bucket/in/", "s3://bucket/in/\u00a5100 100%25 off.pdf"),
    "a language of other letters": ("s3://bucket/\u6280\u672f/", "s3://bucket/\u6280\u672f/\u8868\uff08\uff11\uff09.pdf"),
    "a key that holds an escape": ("gs://bucket/in/", "gs://bucket/in/a%2541.pdf"),
    "the port of https written out": ("https://h.example/in/", "https://H.EXAMPLE:443/in/a.pdf"),
    "an international name": ("https://xn--bcher-kva.example/", "https://XN--bcher-kva.example/a.pdf"),
}  # fmt: skip

OUTSIDE = {
    "a longer name": ("gs://bucket/a", "gs://bucket/ab"),
    "another bucket": ("gs://bucket/a", "gs://bucket2/a/x"),
    "another case": ("gs://bucket/a", "gs://bucket/A/x"),
    "another scheme": ("gs://bucket/a", "s3://bucket/a/x"),
    "an empty segment before": ("gs://bucket/a", "gs://bucket//a/x"),
    "a longer host": ("https://h.example/", "https://h.example.evil.org/a"),
    "a host below": ("https://h.example/", "https://sub.h.example/a"),
    "another port": ("https://h.example/", "https://h.example:8443/a"),
    "a longer segment": ("https://h.example/in", "https://h.example/inner/a"),
    "an address": ("https://8.8.8.8/", "https://8.8.8.8/a"),
    "a mapped address": ("https://[::ffff:8.8.8.8]/", "https://[::ffff:808:808]/a"),
    "an escaped slash that ends the prefix": ("https://h.example/public/", "https://h.example/public%2Fsecret.pdf"),
    "in small letters": ("https://h.example/public/", "https://h.example/public%2fsecret.pdf"),
    "a twice escaped slash": ("https://h.example/public/", "https://h.example/public%252Fsecret.pdf"),
    "an escaped slash inside the prefix": ("https://h.example/a/b/", "https://h.example/a%2Fb/x.pdf"),
    "a slash in place of an escaped one": ("https://h.example/a%2Fb/", "https://h.example/a/b/x.pdf"),
    "a full-width slash": ("https://h.example/public/", "https://h.example/public\uff0fsecret.pdf"),
    "a parameter on the prefix": ("https://h.example/public/", "https://h.example/public;x/secret.pdf"),
    "an escaped parameter": ("https://h.example/public/", "https://h.example/public%3Bx/secret.pdf"),
    "an escaped letter": ("https://h.example/public/", "https://h.example/%70ublic/secret.pdf"),
    "a twice escaped letter": ("https://h.example/public/", "https://h.example/%2570ublic/secret.pdf"),
    "a full-width letter": ("https://h.example/public/", "https://h.example/\uff50ublic/secret.pdf"),
    "a dot after the prefix": ("https://h.example/public/", "https://h.example/public./secret.pdf"),
    "a blank after the prefix": ("https://h.example/public/", "https://h.example/public%20/secret.pdf"),
    "a doubled slash": ("https://h.example/a/b/", "https://h.example/a//b/x.pdf"),
}  # fmt: skip


@pytest.mark.parametrize(("prefix", "text"), HONEST.values(), ids=list(HONEST))
def test_an_honest_location_below_a_prefix_is_covered(prefix, text):
    check_allowed(parse_location(text), (prefix,))


@pytest.mark.parametrize(("prefix", "text"), OUTSIDE.values(), ids=list(OUTSIDE))
def test_a_prefix_covers_nothing_else(prefix, text):
    location = parse_location(text)
    with pytest.raises(DocbeamError) as caught:
        check_allowed(location, (prefix,))
    assert caught.value.code == ErrorCode.LOCATION_FORBIDDEN


def test_every_reading_must_be_covered_by_one_and_the_same_prefix():
    location = parse_location("https://h.example/a%2Fb/x.pdf")
    with pytest.raises(DocbeamError):
        check_allowed(location, ("https://h.example/a/", "https://h.example/b/"))


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


def test_escapes_of_escapes_may_be_no_utf_8():
    location = parse_location("https://h.example/public/%25ff%25fe.pdf")
    check_allowed(location, ("https://h.example/public/",))
    with pytest.raises(DocbeamError) as caught:
        check_allowed(location, ("https://h.example/other/",))
    assert caught.value.code is ErrorCode.LOCATION_FORBIDDEN
