"""Transfer letters as items: found by number, ended once, shown to their holder."""

from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.files import Files
from jingkuai.aws.tables import Cancelled, TransactWrite, transact
from jingkuai.aws.transfer_letters import letter_item, letter_member, links, mark_revoked, mark_used, own_letter
from jingkuai.domain.transfer_letter import LetterState, TransferLetter
from tests.cloud import Cloud
from tests.conftest import NOON
from tests.doubles import costing

LETTER = TransferLetter("DZ2026ABCDEFGH23", "p-1", "林*𬭎", "420106", "430100", datetime(2026, 11, 24, 4, tzinfo=UTC))
LATER = datetime(2027, 3, 1, 4, tzinfo=UTC)


@pytest.fixture
def issued(cloud: Cloud) -> Cloud:
    cloud.registry.put(letter_item(LETTER))
    return cloud


def write(cloud: Cloud, *writes: TransactWrite) -> None:
    transact(cloud.registry.client, writes)


def test_a_letter_is_found_by_its_number_as_somebody_types_it(issued: Cloud) -> None:
    with costing(1):
        assert own_letter(issued.registry, LETTER.number) == LETTER
    for typed in (f" {LETTER.number.lower()}\n", "ＤＺ２０２６ ABCD EFGH 23"):
        assert own_letter(issued.registry, typed) == LETTER


def test_a_number_of_nobody_is_none_of_ours(issued: Cloud) -> None:
    with costing(1):
        assert own_letter(issued.registry, "DZ2026ZZZZZZZZ22") is None
    for other in ("湘转字〔2026〕第12号", "HB2026ABCDEFGH23", ""):
        with costing(0):
            assert own_letter(issued.registry, other) is None


def test_the_item_holds_nobodys_name_or_number(issued: Cloud) -> None:
    assert set(letter_item(LETTER)) == {
        *("pk", "sk", "v", "kind", "number", "person_id"),
        *("name_masked", "from_region", "to_region", "issued_at", "state"),
    }


def test_coming_back_uses_a_letter_and_a_second_time_changes_nothing(issued: Cloud) -> None:
    write(issued, mark_used(issued.registry, LETTER, at=LATER))
    assert own_letter(issued.registry, LETTER.number) == replace(LETTER, state=LetterState.USED)
    before = issued.registry.get(keys.certificate_key(LETTER.number))
    write(issued, mark_used(issued.registry, LETTER, at=datetime(2028, 1, 1, tzinfo=UTC)))
    assert issued.registry.get(keys.certificate_key(LETTER.number)) == before


def test_a_revoked_letter_is_not_used_and_a_used_one_not_revoked(issued: Cloud) -> None:
    other = replace(LETTER, number="DZ2026ABCDEFGH24")
    issued.registry.put(letter_item(other))
    write(issued, mark_revoked(issued.registry, LETTER, at=LATER), mark_used(issued.registry, other, at=LATER))
    for refused in (mark_used(issued.registry, LETTER, at=LATER), mark_revoked(issued.registry, other, at=LATER)):
        with pytest.raises(Cancelled):
            write(issued, refused)
    states = [own_letter(issued.registry, one.number) for one in (LETTER, other)]
    assert [one.state for one in states if one] == [LetterState.REVOKED, LetterState.USED]


@pytest.mark.parametrize("wrong", [replace(LETTER, person_id="p-2"), replace(LETTER, number="DZ2026ZZZZZZZZ22")])
def test_somebody_elses_letter_or_none_is_not_used(issued: Cloud, wrong: TransferLetter) -> None:
    with pytest.raises(Cancelled):
        write(issued, mark_used(issued.registry, wrong, at=LATER))
    assert own_letter(issued.registry, LETTER.number) == LETTER


def test_its_holder_may_download_it_once_it_is_written(cloud: Cloud) -> None:
    member = letter_member(LETTER)
    files, at = Files(clients.s3()), "https://registry.example/v1"
    with costing(0):
        before = links(member, files=files, bucket=cloud.records, address_of=lambda path: at + path)
        after = links(
            {**member, "written_at": NOON.isoformat()}, files=files, bucket=cloud.records, address_of=lambda path: path
        )
    assert (before.number, before.issued_on, before.download_url) == (LETTER.number, date(2026, 11, 24), None)
    assert before.verify_url == f"{at}/verify/{LETTER.number}"
    link = urlsplit(after.download_url or "")
    assert link.path.endswith(f"/letters/{LETTER.number}.pdf")
    assert parse_qs(link.query)["X-Amz-Expires"] == ["300"]
