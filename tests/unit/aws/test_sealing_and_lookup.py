"""Personal data at rest: ciphers open only for their person, hashes say nothing and never mix kinds."""

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.aws import clients
from jingkuai.aws.lookup import LookupKey, lookup_key
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from tests.cloud import Cloud


def test_a_cipher_opens_for_its_person_only(cloud: Cloud) -> None:
    sealer = Sealer(clients.kms(), settings().data_key_id)
    cipher = sealer.seal("13900000000", "person-1")
    assert b"13900000000" not in cipher
    assert sealer.open(cipher, "person-1") == "13900000000"
    with pytest.raises(ClientError):
        sealer.open(cipher, "person-2")


def test_one_of_several_texts_is_replaced_and_the_others_stay(cloud: Cloud) -> None:
    sealer = Sealer(clients.kms(), settings().data_key_id)
    cipher = sealer.seal_together({"id_number": "420106199003070016", "phone": "13900000000"}, "person-1")
    after = sealer.reseal_member(cipher, "phone", "13900000001", "person-1")
    assert sealer.open_member(after, "id_number", "person-1") == "420106199003070016"
    assert sealer.open_member(after, "phone", "person-1") == "13900000001"
    with pytest.raises(ClientError):
        sealer.reseal_member(cipher, "phone", "13900000001", "person-2")


def test_the_lookup_key_is_the_deployments_secret(cloud: Cloud) -> None:
    assert lookup_key().of("phone", "13900000000") == LookupKey(b"0123456789abcdef" * 4).of("phone", "13900000000")


@given(st.text(), st.text())
def test_a_hash_names_its_key_and_never_the_text(family: str, text: str) -> None:
    hashed = LookupKey(b"secret").of(family, text)
    assert hashed.startswith("k1.") and len(hashed) == 67
    assert LookupKey(b"secret").of(family, text) == hashed
    assert LookupKey(b"other").of(family, text) != hashed


def test_families_keep_kinds_apart() -> None:
    key = LookupKey(b"secret")
    assert key.of("phone", "1") != key.of("name", "1")
