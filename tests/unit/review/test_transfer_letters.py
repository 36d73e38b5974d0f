"""Writing a transfer letter: once, signed, with the name in full and the ID number masked, under a key that names nobody."""

import io

import pytest
from pypdf import PdfReader

from jingkuai.aws import clients, keys
from jingkuai.aws.clock import iso
from jingkuai.aws.files import Files
from jingkuai.aws.settings import settings
from jingkuai.aws.signing import signer
from jingkuai.aws.tables import Item
from jingkuai.aws.transfer_letters import letter_file_key, letter_item, letter_member
from jingkuai.domain.transfer_letter import TransferLetter
from review import tasks
from review.transfer.letter_store import NoSuchLetter, TransferLetterStore
from review.transfer.letter_writing import write_letter
from tests.cloud import Cloud
from tests.conftest import NOON
from tests.doubles import costing
from tests.unit.review.conftest import ID_NUMBER, NAME, PERSON, Now, Office
from tests.unit.review.test_tasks import Context

TRANSFER = {"pk": f"P#{PERSON}", "sk": "TR#0193f3a0-0000-7000-8000-0000000000bb"}
LETTER = TransferLetter("DZ2026ABCDEFGH23", PERSON, "欧**国", "420106", "430100", NOON)
FILE = letter_file_key(LETTER.number)


@pytest.fixture
def completed(office: Office) -> Office:
    """A transfer out of the province that has been applied: its letter has a number and no page yet."""
    office.registry.put({**TRANSFER, "v": 1, "status": "completed", "letter": letter_member(LETTER)})
    office.registry.put(letter_item(LETTER))
    return office


def write(office: Office, store: TransferLetterStore | None = None) -> None:
    write_letter(
        TRANSFER,
        store=store or TransferLetterStore(office.registry),
        files=Files(clients.s3()),
        bucket="records",
        signer=signer(settings().certificate_key_id),
        address_of=lambda path: f"https://registry.example/v1{path}",
        clock=Now(NOON),
    )


def page() -> bytes:
    found = Files(clients.s3()).get("records", FILE)
    assert found is not None
    return found


def letter_of(office: Office) -> Item:
    return office.item(keys.certificate_key(LETTER.number))


def test_the_page_says_who_moves_where_and_how_to_verify_it(completed: Office) -> None:
    write(completed)
    pdf = page()
    assert pdf.startswith(b"%PDF") and b"FontFile" in pdf
    text = "".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().replace("\0", "").split())
    for shown in (
        NAME,
        "武汉市武昌区财政局",
        "湖南省长沙市",
        LETTER.number,
        "2026年11月24日",
        f"https://registry.example/v1/verify/{LETTER.number}",
        "429***********7038",
    ):
        assert shown in text
    assert ID_NUMBER not in text


def test_it_is_written_once(completed: Office) -> None:
    with costing(5):
        write(completed)
    first, transfer = page(), completed.item(TRANSFER)
    assert transfer["letter"] == {**letter_member(LETTER), "written_at": transfer["letter"]["written_at"]}
    with costing(1):
        write(completed)
    assert page() == first and completed.item(TRANSFER) == transfer


def test_what_was_written_is_signed(completed: Office) -> None:
    write(completed)
    key = signer(settings().certificate_key_id)
    assert letter_of(completed)["key_id"] == key.key_id
    assert key.verify(LETTER.statement(), letter_of(completed)["signature"])


def test_of_two_that_write_at_once_the_first_is_kept(completed: Office) -> None:
    class Slow(TransferLetterStore):
        """Between its reading and its writing, another run does both."""

        def save_written(self, *told, **more):  # type: ignore[no-untyped-def]
            write(completed)
            kept.append((completed.item(TRANSFER), letter_of(completed)))
            super().save_written(*told, **more)

    kept: list[tuple[Item, Item]] = []
    write(completed, Slow(completed.registry))
    assert kept == [(completed.item(TRANSFER), letter_of(completed))]
    assert page().startswith(b"%PDF")


def test_a_crash_before_it_is_shown_leaves_it_to_the_next_run(completed: Office) -> None:
    class Crashing(TransferLetterStore):
        def save_written(self, *_, **__):  # type: ignore[no-untyped-def]
            raise TimeoutError

    with pytest.raises(TimeoutError):
        write(completed, Crashing(completed.registry))
    assert "written_at" not in completed.item(TRANSFER)["letter"]
    write(completed)
    assert "written_at" in completed.item(TRANSFER)["letter"]


def test_a_transfer_without_a_letter_is_refused_and_nothing_written(office: Office) -> None:
    with pytest.raises(NoSuchLetter):
        write(office)
    office.registry.put({**TRANSFER, "v": 1, "status": "completed"})
    with pytest.raises(NoSuchLetter):
        write(office)
    office.registry.put({**TRANSFER, "v": 1, "letter": letter_member(LETTER)})
    with pytest.raises(NoSuchLetter):
        write(office)
    assert Files(clients.s3()).get("records", FILE) is None


def test_the_step_writes_it_for_the_address_that_people_reach(
    completed: Office, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    for cached in (tasks._registry, tasks.letters):
        cached.cache_clear()
    event = {"do": "write_letter", "subject": TRANSFER}
    assert tasks.run(event, Context()) == {}  # type: ignore[arg-type]
    text = "".join(PdfReader(io.BytesIO(page())).pages[0].extract_text().replace("\0", "").split())
    assert f"https://registry.example/v1/verify/{LETTER.number}" in text
    assert completed.item(TRANSFER)["letter"]["written_at"] > iso(NOON)
    assert NAME not in capsys.readouterr().out
