"""Certificates: one number however often it is asked for, true to the ledger, silent about the person."""

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from pypdf import PdfReader

from credits import certificates
from credits.certificates import Issued
from credits.ledger_store import LedgerStore
from credits.places import certificate_file_key
from credits.verification import VerifiedCertificate, verify
from jingkuai.aws import keys
from jingkuai.aws.ids import uuid7
from jingkuai.aws.settings import settings
from jingkuai.aws.signing import signer
from jingkuai.domain.certificate import CertificateState, CreditsShort
from jingkuai.domain.principal import Principal, Role
from tests.unit.credits.desk import RULES, CreditsDesk, Somebody, table


@pytest.fixture
def lin(desk: CreditsDesk) -> Somebody:
    one = desk.somebody()
    desk.imported(table([one.row("准则", "80"), one.row("职业道德", "15.5", category="公需科目")]).encode())
    return one


def issue(desk: CreditsDesk, one: Somebody, store: LedgerStore | None = None) -> Issued:
    return certificates.issue(
        2026,
        by=Principal(one.person_id, Role.ACCOUNTANT, one.person_id, one.person_id, "林**", "s"),
        store=store or desk.ledger,
        places=desk.places,
        rules=RULES,
        signer=signer(settings().certificate_key_id),
        address_of=lambda number: f"https://registry.example/v1/verify/{number}",
        random=lambda count: uuid7(desk.clock()).encode()[-count:],
        clock=desk.clock,
        new_id=uuid7,
    )


def verified(desk: CreditsDesk, number: str) -> CertificateState | None:
    found = verify(number, store=desk.ledger, rules=RULES)
    assert found is None or isinstance(found, VerifiedCertificate)
    return found.state if found else None


def more(desk: CreditsDesk, one: Somebody) -> None:
    desk.imported(table([one.row("税法", "5")]).encode())


def take_back(desk: CreditsDesk, one: Somebody) -> None:
    """What a revocation leaves: the entry stands, taken back."""
    for item in desk.cloud.registry.query_all(keys.person_pk(one.person_id), prefix=keys.entry_prefix(2026)):
        desk.cloud.registry.put({**item, "taken_back": True})


def test_a_fulfilled_year_is_certified_once(desk: CreditsDesk, lin: Somebody) -> None:
    with desk.costing(4):
        issued = issue(desk, lin)
    with desk.costing(1):
        again = issue(desk, lin)
    assert issued.is_new and not again.is_new
    assert again.certificate == issued.certificate
    assert (float(issued.certificate.total), float(issued.certificate.professional)) == (95.5, 80)


def test_a_short_year_is_refused_and_told_what_is_missing(desk: CreditsDesk) -> None:
    one = desk.somebody()
    desk.imported(table([one.row("准则", "59.99"), one.row("职业道德", "40", category="公需科目")]).encode())
    with pytest.raises(CreditsShort) as short:
        issue(desk, one)
    assert short.value.extra == {"shortfall": {"total": 0, "professional": 0.01}}
    assert desk.stored("records", "certificates/") == []


def test_anybody_may_verify_and_learns_nothing_else(desk: CreditsDesk, lin: Somebody) -> None:
    number = issue(desk, lin).certificate.certificate_no
    with desk.costing(2):
        found = verify(number, store=desk.ledger, rules=RULES)
    assert isinstance(found, VerifiedCertificate) and found.state is CertificateState.VALID
    assert found.certificate.name_masked == "林*𬭎"
    with desk.costing(0):
        assert verified(desk, "nonsense") is None
    with desk.costing(1):
        assert verified(desk, "HB2026ABCDEFGHJK") is None


def test_changed_sums_are_a_new_number_and_the_old_one_is_replaced_then(desk: CreditsDesk, lin: Somebody) -> None:
    first = issue(desk, lin).certificate
    more(desk, lin)
    assert verified(desk, first.certificate_no) is CertificateState.VALID, "until a new one is asked for"
    second = issue(desk, lin)
    assert second.is_new and second.certificate.certificate_no != first.certificate_no
    assert float(second.certificate.total) == 100.5
    assert verified(desk, first.certificate_no) is CertificateState.REPLACED
    assert verified(desk, second.certificate.certificate_no) is CertificateState.VALID


def test_a_year_no_longer_fulfilled_revokes_without_anybody_doing_it(desk: CreditsDesk, lin: Somebody) -> None:
    number = issue(desk, lin).certificate.certificate_no
    take_back(desk, lin)
    assert verified(desk, number) is CertificateState.REVOKED


def test_of_two_requests_at_once_both_get_the_number_that_won(desk: CreditsDesk, lin: Somebody) -> None:
    class Hasty(LedgerStore):
        meanwhile: Callable[[], Issued] | None = None

        def year_and_person(self, person_id: str, year: int):  # type: ignore[no-untyped-def]
            read = super().year_and_person(person_id, year)
            if meanwhile := self.meanwhile:
                self.meanwhile = None
                self.won = meanwhile()
            return read

    hasty = Hasty(desk.cloud.registry)
    hasty.meanwhile = lambda: issue(desk, lin)
    second = issue(desk, lin, store=hasty)
    assert not second.is_new and second.certificate == hasty.won.certificate
    assert desk.stored("records", "certificates/") == [certificate_file_key(second.certificate.certificate_no)]


def test_the_page_shows_the_name_the_credits_and_where_to_verify_with_its_own_font(
    desk: CreditsDesk, lin: Somebody
) -> None:
    certificate = issue(desk, lin).certificate
    pdf = desk.files.get("records", certificate_file_key(certificate.certificate_no))
    assert pdf is not None and pdf.startswith(b"%PDF") and b"FontFile" in pdf
    text = "".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().replace("\0", "").split())
    for shown in (
        lin.name,
        "武汉市武昌区财政局",
        certificate.certificate_no,
        "95.5",
        "80",
        "90",
        "60",
        "2026年11月24日",
        "/verify/",
    ):
        assert shown in text
    assert lin.id_number not in text and lin.id_number[:3] + "*" * 11 + lin.id_number[-4:] in text


def test_what_was_issued_is_signed(desk: CreditsDesk, lin: Somebody) -> None:
    certificate = issue(desk, lin).certificate
    item = desk.cloud.registry.get(keys.certificate_key(certificate.certificate_no))
    key = signer(settings().certificate_key_id)
    assert item is not None and item["key_id"] == key.key_id
    assert key.verify(certificate.statement(), item["signature"])
    assert not key.verify(replace(certificate, total=certificate.total + 1).statement(), item["signature"])


def test_issuing_is_audited(desk: CreditsDesk, lin: Somebody) -> None:
    number = issue(desk, lin).certificate.certificate_no
    (entry,) = desk.cloud.registry.query_all(keys.audit_pk(lin.person_id))
    assert (entry["action"], entry["details"]["certificate_no"]) == ("certificate_issued", number)
    assert "#420106" in entry["gsi1pk"]
