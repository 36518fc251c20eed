"""Messages come out of a pipe as they went in, however the bytes arrive; what is no message is said to be none."""

from __future__ import annotations

import io
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.children.protocol import MAX_MESSAGE_BYTES, BrokenFrame, Inbox, Message, encode, read_message

_MESSAGES = st.lists(
    st.dictionaries(st.text(max_size=9), st.none() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=9)), max_size=5
)


def framed(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


@given(_MESSAGES, st.lists(st.integers(1, 9)))
def test_messages_are_cut_out_of_bytes_that_come_in_any_pieces(sent: list[Message], pieces: list[int]) -> None:
    stream = b"".join(map(encode, sent))
    inbox, found = Inbox(), []
    for piece in [*pieces, len(stream)]:
        inbox.add(stream[:piece])
        stream = stream[piece:]
        while (message := inbox.next()) is not None:
            found.append(message)
    assert found == sent
    assert inbox.next() is None


@given(_MESSAGES)
def test_a_stream_is_read_to_its_end(sent: list[Message]) -> None:
    stream = io.BytesIO(b"".join(map(encode, sent)))
    assert [read_message(stream) for _ in sent] == sent
    assert read_message(stream) is None


@pytest.mark.parametrize("left", [1, 3, 4, 5, 10])
def test_a_stream_that_ends_early_has_no_message(left: int) -> None:
    assert read_message(io.BytesIO(encode({"name": "value"})[:left])) is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (struct.pack(">I", MAX_MESSAGE_BYTES + 1), "beyond any size"),
        (framed(b"{"), "no JSON"),
        (framed(b"\xff"), "no JSON"),
        (framed(b'{"a": NaN}'), "no JSON"),
        (framed(b'{"a": Infinity}'), "no JSON"),
        (framed(b"[" * 200_000), "no JSON"),
        (framed(b"[]"), "no object"),
        (framed(b"null"), "no object"),
    ],
)
def test_what_is_no_message_is_said_without_quoting_it(data: bytes, said: str) -> None:
    inbox = Inbox()
    inbox.add(data)
    with pytest.raises(BrokenFrame, match=said):
        inbox.next()


def test_the_largest_message_is_waited_for() -> None:
    inbox = Inbox()
    inbox.add(struct.pack(">I", MAX_MESSAGE_BYTES))
    assert inbox.next() is None


def test_behind_what_is_no_message_the_next_one_is_found() -> None:
    inbox = Inbox()
    inbox.add(framed(b"[]") + encode({"a": 1}))
    with pytest.raises(BrokenFrame):
        inbox.next()
    assert inbox.next() == {"a": 1}


def test_a_frame_is_its_length_and_json() -> None:
    sent = encode({"a": "é"})
    assert struct.unpack(">I", sent[:4]) == (len(sent) - 4,)
    assert json.loads(sent[4:]) == {"a": "é"}
