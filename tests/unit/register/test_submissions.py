"""Filing a registration: everything wrong said at once, one open at a time, and all of it in one transaction."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.aws.idempotency import IdempotencyKeyReused, RequestKey
from jingkuai.aws.ids import uuid7
from jingkuai.domain.problem import Invalid
from jingkuai.domain.submission import SubmissionKind
from register import submission_store
from register.submission_store import SubmissionStore
from register.submissions import AlreadyRegistered, NoSuchSubmission, NothingToChange, OpenSubmission, own_submission
from tests.unit.register import people, pictures
from tests.unit.register.desk import NEEDED, Desk


def problems(refused: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    assert all(one.message.endswith("。") for one in refused.value.errors)
    return {one.field: one.code for one in refused.value.errors}


def test_a_registration_is_filed_whole_or_not_at_all(desk: Desk) -> None:
    scans = desk.accepted()
    with desk.costing(2):
        submission = desk.submit(scans=scans)
    assert (submission.status, submission.stage, submission.round) == ("auto_checking", None, 1)
    assert [(one.event, one.by_role) for one in submission.timeline] == [("submitted", "accountant")]
    assert own_submission(submission.submission_id, by=people.principal(), store=desk.submissions) == submission
    assert desk.person_item()["open"] == {"registration": submission.submission_id}
    assert desk.audit() == ["submission.submitted"]
    [start], [keep] = desk.outbox("StartExecution"), desk.outbox("KeepScans")
    assert start["detail"] == {
        "machine": "review",
        "name": f"{submission.submission_id}.1",
        "subject": keys.submission_key(people.PERSON, submission.submission_id),
    }
    assert keep["detail"] == {"record_keys": [f"scans/{one}" for one in scans]}


def test_a_scan_is_kept_with_its_rendering(desk: Desk) -> None:
    sideways, data = desk.accepted(), pictures.turned(6)
    scan = desk.announce(data)
    desk.arrive(scan, data)
    desk.submit(scans=[scan.attachment_id, *sideways[1:]])
    [keep] = desk.outbox("KeepScans")
    first = f"scans/{scan.attachment_id}"
    assert keep["detail"]["record_keys"] == [first, f"{first}.upright", *(f"scans/{one}" for one in sideways[1:])]
    for key in keep["detail"]["record_keys"]:
        assert desk.files.size(desk.cloud.records, key)


def test_scans_in_use_are_not_forgotten(desk: Desk) -> None:
    scans = desk.accepted()
    desk.submit(scans=scans)
    desk.now += timedelta(days=30)
    for one in scans:
        assert desk.scans.scan(one, owner=people.PERSON, at=desk.now) is not None
        assert "ttl" not in (desk.cloud.registry.get(keys.attachment_key(one)) or {})


def test_the_phone_lies_in_no_item_in_plain(desk: Desk) -> None:
    submission = desk.submit(scans=desk.accepted())
    assert submission.payload["contact"]["phone"] == people.MASKED_PHONE
    assert people.PHONE not in repr(desk.item(submission)) + repr(desk.outbox())


def test_every_problem_of_payload_phone_and_scans_is_in_one_answer(desk: Desk) -> None:
    theirs = desk.accepted("id_front", by=people.principal(people.STRANGER))[0]
    waiting = desk.announce(pictures.picture(), kind="id_back").attachment_id
    bad = desk.announce(b"MZ" + bytes(900), kind="employment_proof")
    desk.arrive(bad, b"MZ" + bytes(900))
    form = people.payload()
    form["basic"]["birth_date"] = "1971-01-01"
    form["education"][0]["graduated_on"] = "2999-06-30"
    form["employment"]["uscc"] = form["employment"]["uscc"][:17] + "A"
    form["contact"]["phone"] = people.OTHER_PHONE
    with desk.costing(1), pytest.raises(Invalid) as refused:
        desk.submit(form, [theirs, waiting, bad.attachment_id])
    assert problems(refused) == {
        "basic.birth_date": "not_as_on_document",
        "contact.phone": "phone_not_proven",
        "education.0.graduated_on": "in_future",
        "employment.uscc": "bad_check_digit",
        f"attachments.{theirs}": "scan_not_found",
        f"attachments.{waiting}": "scan_not_ready",
        f"attachments.{bad.attachment_id}": "scan_rejected",
        "attachments.id_front": "missing_scan",
        "attachments.education_certificate": "missing_scan",
    }
    assert desk.person_item()["open"] == {} and desk.outbox() == []


def test_missing_scans_are_named_beside_a_form_that_cannot_be_read(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        desk.submit({"basic": "nothing"}, [])
    assert {"basic", "contact", "attachments.id_front", "attachments.id_back"} <= set(problems(refused))


def test_a_scan_sent_twice_counts_once(desk: Desk) -> None:
    one, *others = desk.accepted()
    submission = desk.submit(scans=[one, *others, one])
    assert submission.attachment_ids == (one, *others)
    two_schools = people.payload(education=[people.payload()["education"][0]] * 2)
    people.register(desk.cloud.registry)
    with pytest.raises(Invalid) as refused:
        desk.submit(two_schools, [one, *others, others[1]])
    assert problems(refused) == {"attachments.education_certificate": "missing_scan"}


def test_a_number_without_form_is_told_once_and_the_masked_one_means_the_accounts_own(desk: Desk) -> None:
    scans = desk.accepted()
    contact = people.payload()["contact"]
    with pytest.raises(Invalid) as refused:
        desk.submit(people.payload(contact={**contact, "phone": "027-87654321"}), scans)
    assert problems(refused) == {"contact.phone": "bad_phone"}
    for phone in (people.MASKED_PHONE, f"+86 {people.PHONE}"):
        people.register(desk.cloud.registry)
        shown = desk.submit(people.payload(contact={**contact, "phone": phone}), scans).payload
        assert shown["contact"] == {**contact, "phone": people.MASKED_PHONE}


def test_a_second_registration_names_the_one_in_its_way(desk: Desk) -> None:
    scans = desk.accepted()
    first = desk.submit(scans=scans)
    with desk.costing(1), pytest.raises(OpenSubmission) as refused:
        desk.submit(scans=scans)
    assert refused.value.extra == {"submission_id": first.submission_id}


class Overtaken(SubmissionStore):
    """A store whose reader is overtaken by another page of the same person, between reading and writing."""

    def __init__(self, desk: Desk, overtake: Callable[[], object]) -> None:
        super().__init__(desk.cloud.registry, uuid7)
        self._overtake: Callable[[], object] | None = overtake

    def desk(self, *told: Any, **more: Any) -> submission_store.Desk:
        read = super().desk(*told, **more)
        if self._overtake:
            overtake, self._overtake = self._overtake, None
            overtake()
        return read


def test_of_two_at_once_exactly_one_is_filed(desk: Desk) -> None:
    scans, first = desk.accepted(), []
    other_page = SubmissionStore(desk.cloud.registry, uuid7)

    def overtake() -> None:
        desk.submissions = other_page
        first.append(desk.submit(scans=scans).submission_id)

    desk.submissions = Overtaken(desk, overtake)
    with pytest.raises(OpenSubmission) as refused:
        desk.submit(scans=scans)
    assert refused.value.extra == {"submission_id": first[0]}
    assert len(desk.outbox("StartExecution")) == 1


def test_of_two_with_one_key_at_once_both_get_the_same_answer(desk: Desk) -> None:
    scans, first, key = desk.accepted(), [], RequestKey(people.PERSON, "key", "body")
    other_page = SubmissionStore(desk.cloud.registry, uuid7)

    def overtake() -> None:
        desk.submissions = other_page
        first.append(desk.submit(scans=scans, key=key).submission_id)

    desk.submissions = Overtaken(desk, overtake)
    assert desk.submit(scans=scans, key=key).submission_id == first[0]
    assert len(desk.outbox("StartExecution")) == 1


def test_a_scan_that_goes_between_reading_and_writing_is_named(desk: Desk) -> None:
    scans = desk.accepted()
    desk.submissions = Overtaken(desk, lambda: desk.cloud.registry.delete(keys.attachment_key(scans[0])))
    with pytest.raises(Invalid) as refused:
        desk.submit(scans=scans)
    assert problems(refused) == {f"attachments.{scans[0]}": "scan_not_found", "attachments.id_front": "missing_scan"}
    assert desk.person_item()["open"] == {} and desk.outbox() == []


def test_somebody_with_a_record_files_changes_instead(desk: Desk) -> None:
    people.register(desk.cloud.registry, status="active", version=1, region_code="420106")
    with pytest.raises(AlreadyRegistered):
        desk.submit(scans=desk.accepted())


@pytest.mark.parametrize("kind", [one for one in SubmissionKind if one is not SubmissionKind.REGISTRATION])
def test_nothing_is_changed_before_there_is_a_record(desk: Desk, kind: SubmissionKind) -> None:
    with desk.costing(1), pytest.raises(NothingToChange):
        desk.submit(kind=kind)
    assert desk.person_item()["open"] == {}


def test_the_same_request_again_answers_the_first_ones_submission(desk: Desk) -> None:
    scans, key = desk.accepted(), RequestKey(people.PERSON, "key", "body")
    first = desk.submit(scans=scans, key=key)
    assert desk.submit(scans=scans, key=key).submission_id == first.submission_id
    with pytest.raises(IdempotencyKeyReused):
        desk.submit(scans=scans, key=RequestKey(people.PERSON, "key", "another body"))
    desk.now += timedelta(hours=25)
    with pytest.raises(OpenSubmission):
        desk.submit(scans=scans, key=key)


def test_a_list_shows_the_newest_first_page_by_page(desk: Desk) -> None:
    scans = desk.accepted()
    filed = []
    for _ in range(3):
        desk.now += timedelta(minutes=1)
        submission = desk.submit(scans=scans)
        desk.withdraw(submission)
        filed.append(submission.submission_id)
    with desk.costing(1):
        page = desk.submissions.page(people.PERSON, limit=2, start=None)
    rest = desk.submissions.page(people.PERSON, limit=2, start=page.next_start)
    assert [one.submission_id for one in (*page.submissions, *rest.submissions)] == filed[::-1]
    assert rest.next_start is None


def test_anothers_submission_is_not_found(desk: Desk) -> None:
    submission = desk.submit(scans=desk.accepted())
    stranger = people.principal(people.STRANGER)
    with pytest.raises(NoSuchSubmission):
        own_submission(submission.submission_id, by=stranger, store=desk.submissions)
    with pytest.raises(NoSuchSubmission):
        desk.withdraw(submission, by=stranger)


def test_the_scans_needed_follow_the_form(desk: Desk) -> None:
    form = people.payload(employment={"status": "seeking"})
    form["education"][0]["degree"] = "bachelor"
    with pytest.raises(Invalid) as refused:
        desk.submit(form, desk.accepted(*NEEDED[:3]))
    assert problems(refused) == {"attachments.degree_certificate": "missing_scan"}
