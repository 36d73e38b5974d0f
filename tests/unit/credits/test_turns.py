"""One import of an institution at a time: the lease, the queue, and what happens when things go wrong in between."""

from collections.abc import Callable

import pytest

from credits.batches import NEEDS_ATTENTION, ImportStatus, Institution, LeaseLost
from credits.lease_store import handed_over
from credits.places import source_key
from credits.store import ImportStore
from jingkuai.aws import keys
from jingkuai.aws.ids import uuid7
from jingkuai.aws.tables import Cancelled, transact
from tests.unit.credits.desk import TRAINING, CreditsDesk, table


def send(desk: CreditsDesk, n: int) -> str:
    one = desk.somebody()
    return desk.send(table([one.row(f"课{n}")]).encode(), f"{n}.csv")


def queue(desk: CreditsDesk) -> list[str]:
    return list(desk.institution_item()["queue"])


def test_those_that_come_later_wait_and_go_in_order(desk: CreditsDesk) -> None:
    first, second, third = (send(desk, n) for n in range(3))
    assert (desk.institution_item()["lease"], queue(desk)) == (first, [second, third])
    assert desk.promised_starts() == [f"{first}.1"]
    waiting = desk.imports.progress(second)
    assert waiting and (waiting.status, waiting.counts.done) == (ImportStatus.RUNNING, 0)
    for import_id, starts in ((first, 2), (second, 3), (third, 3)):
        assert desk.run(import_id).status is ImportStatus.SUCCEEDED
        assert len(desk.promised_starts()) == starts
    assert desk.promised_starts() == [f"{first}.1", f"{second}.1", f"{third}.1"]
    assert "lease" not in desk.institution_item() and queue(desk) == []


def test_other_institutions_do_not_wait(desk: CreditsDesk) -> None:
    first = send(desk, 1)
    other = desk.institution("other-training")
    second = desk.send(table([desk.somebody().row("课")]).encode(), by=other)
    assert sorted(desk.promised_starts()) == sorted([f"{first}.1", f"{second}.1"])


class Hasty(ImportStore):
    """Looks at the institution before somebody else's write, and writes after it."""

    meanwhile: Callable[[], object] | None = None

    def institution(self, institution_id: str) -> Institution | None:
        read = super().institution(institution_id)
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            meanwhile()
        return read


def test_of_two_files_that_find_the_lease_free_one_runs_and_the_other_waits(desk: CreditsDesk) -> None:
    first = desk.announce(b"x").batch.running(size=1)
    hasty = Hasty(desk.cloud.registry, uuid7)
    hasty.meanwhile = lambda: send(desk, 2)
    assert hasty.start(first, at=desk.clock())
    lease = desk.institution_item()["lease"]
    assert queue(desk) == [first.import_id] and lease != first.import_id
    assert desk.promised_starts() == [f"{lease}.1"]


def test_a_file_that_finds_the_lease_taken_and_then_free_runs(desk: CreditsDesk) -> None:
    running = send(desk, 1)
    second = desk.announce(b"x").batch.running(size=1)
    hasty = Hasty(desk.cloud.registry, uuid7)
    hasty.meanwhile = lambda: desk.run(running)
    assert hasty.start(second, at=desk.clock())
    assert (desk.institution_item()["lease"], queue(desk)) == (second.import_id, [])
    assert desk.promised_starts()[-1] == f"{second.import_id}.1"


def test_a_file_that_arrives_while_the_last_one_ends_is_started_by_it(desk: CreditsDesk) -> None:
    running = send(desk, 1)
    desk.load(running, desk.prepare(running)[0])
    late: list[str] = []
    hasty = Hasty(desk.cloud.registry, uuid7)
    batch = hasty.progress(running)
    assert batch is not None
    hasty.meanwhile = lambda: late.append(send(desk, 2))
    hasty.finish(batch, batch.finished(batch.counts, report_key="r", at=desk.clock()), sha256=None, at=desk.clock())
    assert (desk.institution_item()["lease"], queue(desk)) == (late[0], [])
    assert desk.promised_starts() == [f"{running}.1", f"{late[0]}.1"]


def test_a_file_that_joins_the_queue_while_the_lease_is_handed_on_is_not_lost(desk: CreditsDesk) -> None:
    send(desk, 1)
    read = desk.imports.institution(TRAINING)
    assert read is not None
    second = send(desk, 2)  # between the look and the write
    with pytest.raises(Cancelled):
        transact(desk.cloud.registry.client, [handed_over(desk.cloud.registry, read, corrected_at=None)])
    assert queue(desk) == [second]


def test_a_refused_file_hands_its_turn_on_as_well(desk: CreditsDesk) -> None:
    first = desk.send(b"\x00\x01", "坏.csv")
    second = send(desk, 2)
    problem = desk.run(first).problem
    assert problem and problem.code == "not_a_table"
    assert desk.promised_starts()[-1] == f"{second}.1"
    assert desk.run(second).counts.accepted == 1


def test_without_the_lease_nothing_is_written(desk: CreditsDesk) -> None:
    somebody = desk.somebody()
    first = desk.send(table([somebody.row("课")]).encode())
    (chunk,) = desk.prepare(first)
    desk.cloud.registry.update(keys.institution_key(TRAINING), "SET lease = :other", values={":other": "another"})
    with pytest.raises(LeaseLost):
        desk.load(first, chunk)
    assert desk.year(somebody).entries == ()
    with pytest.raises(LeaseLost):
        desk.imports.finish(desk.batch(first), desk.batch(first), sha256=None, at=desk.clock())


def test_a_parked_import_reads_failed_says_so_and_hands_its_turn_on(desk: CreditsDesk) -> None:
    first, second = send(desk, 1), send(desk, 2)
    desk.prepare(first)
    for _ in range(2):
        desk.imports.park(desk.batch(first), execution=f"{first}.1", failure="Load: Boom", at=desk.clock())
    batch = desk.batch(first)
    assert (batch.status, batch.problem) == (ImportStatus.FAILED, NEEDS_ATTENTION)
    assert desk.institution_item()["lease"] == second and desk.promised_starts()[-1] == f"{second}.1"
    (parked,) = desk.cloud.registry.query(keys.PARKED, index="gsi1").items
    assert parked["card"]["execution"] == f"{first}.1"


def test_a_parked_import_is_taken_up_again_by_a_new_attempt(desk: CreditsDesk) -> None:
    first = send(desk, 1)
    desk.load(first, desk.prepare(first)[0])
    desk.imports.park(desk.batch(first), execution=f"{first}.1", failure="Report: Boom", at=desk.clock())
    for chunk in desk.prepare(first, attempt=2):
        desk.load(first, chunk)
    desk.report(first)
    batch = desk.batch(first)
    assert (batch.status, batch.problem, batch.counts.accepted) == (ImportStatus.SUCCEEDED, None, 1)


def test_the_file_of_a_parked_import_stays_for_its_new_attempt_and_not_longer(desk: CreditsDesk) -> None:
    first = send(desk, 1)
    chunks = desk.prepare(first)
    desk.imports.park(desk.batch(first), execution=f"{first}.1", failure="Load: Boom", at=desk.clock())
    assert set(desk.stored("uploads")) == {source_key(first), *chunks, desk.batch(first).key}
    for chunk in desk.prepare(first, attempt=2):
        desk.load(first, chunk)
    desk.report(first)
    assert desk.stored("uploads") == []


def test_a_new_attempt_waits_its_turn_and_is_started_under_the_next_number(desk: CreditsDesk) -> None:
    first, second = send(desk, 1), send(desk, 2)
    desk.imports.park(desk.batch(first), execution=f"{first}.1", failure="Prepare: Boom", at=desk.clock())
    assert desk.prepare(first, attempt=2) == []
    assert desk.prepare(first, attempt=2) == [], "asked again it waits once"
    assert queue(desk) == [first] and desk.batch(first).status is ImportStatus.RUNNING
    desk.run(second)
    assert desk.promised_starts()[-1] == f"{first}.3"
    for chunk in desk.prepare(first, attempt=3):
        desk.load(first, chunk)
    desk.report(first)
    assert desk.batch(first).counts.accepted == 1


def test_an_import_that_has_ended_is_left_as_it_is(desk: CreditsDesk) -> None:
    first = send(desk, 1)
    desk.run(first)
    ended = desk.batch(first)
    assert desk.prepare(first, attempt=2) == []
    desk.report(first)
    desk.imports.park(ended, execution=f"{first}.2", failure="late", at=desk.clock())
    assert desk.batch(first) == ended
    assert desk.cloud.registry.query(keys.PARKED, index="gsi1").items == ()
