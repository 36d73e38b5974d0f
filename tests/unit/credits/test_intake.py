"""Files arriving in the bucket: each becomes one import, once, or leaves nothing behind."""

import pytest

from credits.batches import ImportStatus
from credits.refusals import MOST_BYTES
from jingkuai.aws import keys
from jingkuai.aws.tables import Item, from_wire
from tests.unit.credits.desk import TRAINING, CreditsDesk, at_incoming, table

FILE = table([]).encode()


def test_an_event_delivered_twice_is_one_import(desk: CreditsDesk) -> None:
    announced = desk.announce(FILE)
    key, import_id = announced.batch.key, announced.batch.import_id
    assert desk.arrive(key, FILE) == import_id
    assert desk.tell(key, len(FILE)) is None
    assert desk.promised_starts() == [f"{import_id}.1"]
    assert (desk.batch(import_id).status, desk.institution_item()["lease"]) == (ImportStatus.RUNNING, import_id)
    assert desk.institution_item()["queue"] == []


def test_a_form_used_again_later_changes_nothing(desk: CreditsDesk) -> None:
    announced = desk.announce(FILE)
    desk.arrive(announced.batch.key, FILE)
    assert desk.arrive(announced.batch.key, FILE + b"x", sequencer="2") is None
    assert len(desk.promised_starts()) == 1


def test_a_file_put_straight_into_the_bucket_is_an_import_by_its_name(desk: CreditsDesk) -> None:
    import_id = desk.arrive(at_incoming("十一月.csv"), FILE)
    assert import_id and desk.tell(at_incoming("十一月.csv"), len(FILE)) is None
    again = desk.arrive(at_incoming("十一月.csv"), FILE, sequencer="2")
    assert again not in (None, import_id), "the same name written again is another import"
    batches, _ = desk.imports.page(TRAINING, limit=10, start=None)
    assert [(one.import_id, one.filename, one.year) for one in batches] == [
        (again, "十一月.csv", 2026),
        (import_id, "十一月.csv", 2026),
    ]


@pytest.mark.parametrize(
    "key",
    [
        "incoming/nobody/a.csv",
        f"incoming/{TRAINING}/deep/a.csv",
        "incoming/a.csv",
        f"incoming/{TRAINING}/",
        "incoming//a.csv",
    ],
)
def test_a_file_in_the_wrong_place_is_removed_and_only_the_refusal_stays(desk: CreditsDesk, key: str) -> None:
    for _ in range(2):
        assert desk.arrive(key, FILE) is None
        assert desk.stored("uploads") == []
    assert desk.promised_starts() == [] and "lease" not in desk.institution_item()
    refused = [one for one in _batches(desk) if one["problem"]["code"] == "wrong_prefix"]
    assert len(refused) == 1 and refused[0]["status"] == "failed" and "gsi2pk" not in refused[0]
    assert "incoming/" in refused[0]["problem"]["message"]


def test_a_file_that_is_too_large_is_removed_and_said_so(desk: CreditsDesk) -> None:
    assert desk.arrive(at_incoming("巨大.csv"), FILE, size=MOST_BYTES + 1) is None
    assert desk.stored("uploads") == []
    ((batch,), _) = desk.imports.page(TRAINING, limit=10, start=None)
    assert batch.problem and batch.problem.code == "too_large"


def test_a_file_named_like_another_import_is_an_import_of_its_own(desk: CreditsDesk) -> None:
    desk.institution("other-training")
    announced = desk.announce(FILE)
    stolen = desk.arrive(at_incoming(announced.batch.import_id, "other-training"), FILE)
    assert stolen not in (None, announced.batch.import_id)
    assert desk.batch(announced.batch.import_id).status is ImportStatus.AWAITING_UPLOAD


def _batches(desk: CreditsDesk) -> list[Item]:
    found = desk.cloud.registry.client.scan(
        TableName="Registry", FilterExpression="sk = :sk", ExpressionAttributeValues={":sk": {"S": "BATCH"}}
    )
    return [from_wire(item) for item in found["Items"]]


def test_the_running_import_is_on_the_list_of_what_runs_and_leaves_it(desk: CreditsDesk) -> None:
    import_id = desk.send(table([desk.somebody().row("准则")]).encode())
    running = desk.cloud.registry.query(keys.RUNNING, index="gsi2").items
    assert [one["card"]["import_id"] for one in running] == [import_id]
    desk.run(import_id)
    assert desk.cloud.registry.query(keys.RUNNING, index="gsi2").items == ()
