"""A hand-over sealed with a passphrase."""

from __future__ import annotations

import pytest

from calsyncctl.errors import UsageFault
from calsyncctl.vault.seal import seal, unseal

PAYLOAD = b'{"refresh": "1//canary"}'
PASSPHRASE = "four words ünder tea"


def refused(sealed: bytes, passphrase: str = PASSPHRASE) -> str:
    with pytest.raises(UsageFault) as caught:
        unseal(sealed, passphrase)
    return caught.value.what


def test_what_was_sealed_opens_with_the_passphrase() -> None:
    assert unseal(seal(PAYLOAD, PASSPHRASE), PASSPHRASE) == PAYLOAD


def test_a_sealed_file_shows_nothing_and_never_looks_the_same() -> None:
    one, two = seal(PAYLOAD, PASSPHRASE), seal(PAYLOAD, PASSPHRASE)

    assert b"canary" not in one
    assert one[19:] != two[19:]


@pytest.mark.parametrize("passphrase", ["", "four words under tea", PASSPHRASE + " "])
def test_another_passphrase_opens_nothing(passphrase: str) -> None:
    assert "passphrase is wrong" in refused(seal(PAYLOAD, PASSPHRASE), passphrase)


@pytest.mark.parametrize("at", [18, 19, 40, -1])
def test_an_altered_file_opens_nothing(at: int) -> None:
    sealed = bytearray(seal(PAYLOAD, PASSPHRASE))
    sealed[at] ^= 1

    assert refused(bytes(sealed))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"calsyncctl-sealed", b'{"refresh": 1}' * 20])
def test_another_file_is_not_taken_for_one(content: bytes) -> None:
    assert "not a file that calsyncctl sealed" in refused(content)


@pytest.mark.parametrize(("at", "value"), [(17, 2), (18, 63), (18, 1)])
def test_a_newer_or_absurdly_costly_file_is_refused_before_any_work(at: int, value: int) -> None:
    sealed = bytearray(seal(PAYLOAD, PASSPHRASE))
    sealed[at] = value

    assert "another version" in refused(bytes(sealed))


@pytest.mark.parametrize("passphrase", ["", "12345", "eleven char"])
def test_a_short_passphrase_is_refused(passphrase: str) -> None:
    with pytest.raises(UsageFault, match=f"passphrase of {len(passphrase)} characters"):
        seal(PAYLOAD, passphrase)
