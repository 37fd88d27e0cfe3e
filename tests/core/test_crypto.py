"""Sealed numbers and their blind index."""

import base64
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopmsg.core.crypto import INDEX_BYTES, CryptoError, Keyring, parse_keys

NUMBER = "01012345678"
ONE, TWO, THREE = (bytes([fill]) * 32 for fill in (1, 2, 3))
ring = Keyring({2: TWO, 1: ONE}, {2: TWO, 1: ONE})


def spec(key_id: object, key: bytes) -> str:
    return f"{key_id}:{base64.b64encode(key).decode()}"


@given(st.text(st.sampled_from("+0123456789"), max_size=20))
def test_what_was_sealed_opens_to_the_same(number: str) -> None:
    assert ring.open(ring.seal(number)) == number
    assert ring.open(memoryview(ring.seal(number))) == number  # what PostgreSQL hands out


def test_two_seals_of_one_number_have_nothing_in_common_but_the_key_id() -> None:
    seals = [ring.seal(NUMBER) for _ in range(50)]
    assert {seal[0] for seal in seals} == {2}
    assert len({seal[1:13] for seal in seals}) == 50
    assert all(one[13:] != other[13:] for one, other in pairwise(seals))
    assert all(NUMBER.encode() not in seal for seal in seals)


def test_a_new_key_seals_while_the_old_one_still_opens_and_a_removed_one_does_not() -> None:
    old = Keyring({1: ONE}, {1: ONE})
    rotated = Keyring({2: TWO, 1: ONE}, {1: ONE})
    retired = Keyring({2: TWO}, {1: ONE})
    sealed = old.seal(NUMBER)
    assert (rotated.open(sealed), rotated.seal(NUMBER)[0]) == (NUMBER, 2)
    with pytest.raises(CryptoError) as gone:
        retired.open(sealed)
    assert gone.value.code == "unknown_key"


def test_every_changed_bit_every_cut_and_every_addition_is_noticed() -> None:
    sealed = ring.seal(NUMBER)
    changed = [
        sealed[:place] + bytes([sealed[place] ^ 1 << bit]) + sealed[place + 1 :]
        for place in range(len(sealed))
        for bit in range(8)
    ]
    cut = [sealed[:length] for length in range(len(sealed))]
    for broken in [*changed, *cut, sealed + b"\x00", b"\x01" + sealed[1:]]:
        with pytest.raises(CryptoError) as refused:
            ring.open(broken)
        assert refused.value.code in {"broken_seal", "unknown_key"}
        assert NUMBER not in str(refused.value)


def test_a_seal_under_another_key_with_the_same_id_does_not_open() -> None:
    with pytest.raises(CryptoError):
        Keyring({2: THREE}, {1: ONE}).open(ring.seal(NUMBER))


def test_the_index_is_the_same_every_time_and_another_for_every_number_and_key() -> None:
    assert ring.index(NUMBER) == Keyring({1: ONE}, {2: TWO}).index(NUMBER)
    assert len(ring.index(NUMBER)) == INDEX_BYTES == 16
    assert ring.index(NUMBER) != ring.index("01012345679")
    one, other = Keyring({1: ONE}, {1: TWO}), Keyring({1: ONE}, {1: THREE})
    assert one.index(NUMBER)[1:] != other.index(NUMBER)[1:]


def test_a_look_up_during_a_rotation_compares_with_every_key_newest_first() -> None:
    before = Keyring({1: ONE}, {1: ONE})
    assert ring.indexes(NUMBER) == (ring.index(NUMBER), before.index(NUMBER))
    assert before.indexes(NUMBER) == (before.index(NUMBER),)


def test_keys_are_read_newest_first() -> None:
    assert list(parse_keys([spec(7, TWO), spec(1, ONE)]).items()) == [(7, TWO), (1, ONE)]


@pytest.mark.parametrize(
    "specs",
    [
        [],
        [""],
        [base64.b64encode(ONE).decode()],
        [spec(1, ONE[:31])],
        [spec(1, ONE + b"x")],
        [spec(0, ONE)],
        [spec(256, ONE)],
        [spec(-1, ONE)],
        [spec("비밀", ONE)],
        [spec(1, ONE), spec(1, TWO)],
        ["1:" + "한글열쇠" * 8],
        [spec(1, ONE).replace("A", "*")],
    ],
)
def test_an_unfit_key_is_refused_without_being_quoted(specs: list[str]) -> None:
    with pytest.raises(CryptoError) as refused:
        parse_keys(specs)
    said = f"{refused.value!r} {refused.value.__cause__!r}"
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    for part in specs:
        _, _, key = part.rpartition(":")
        assert not key or key not in said
