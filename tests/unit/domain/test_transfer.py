"""Where a transfer leads, what keeps it from starting, and how each of its steps reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.regions import Division, Divisions, Level, elsewhere, hubei
from jingkuai.domain.submission import Stage, SubmissionStatus
from jingkuai.domain.transfer import (
    TRANSFERRED_OUT,
    AlreadyElsewhere,
    AnotherTransfer,
    CaseStep,
    OpenMatter,
    Route,
    Step,
    StepState,
    Transfer,
    TransferStatus,
    Unit,
    UnknownRegion,
    refuse_while_open,
    route_to,
)

TODAY = date(2026, 11, 24)
WUCHANG, XILING, CHANGSHA = "420106", "420502", "430100"


def route(to_region: str, *, kept_by: str = WUCHANG, status: str = "active") -> Route:
    return route_to(to_region, kept_by=kept_by, status=status, on=TODAY, divisions=hubei())


# --- routes


@pytest.mark.parametrize(
    ("kept_by", "to_region", "expected"),
    [
        (WUCHANG, WUCHANG, Route.SAME_COUNTY),
        (WUCHANG, "420102", Route.SAME_CITY),
        (WUCHANG, "420100", Route.SAME_CITY),  # the city's own bureau keeps records as well
        ("420100", WUCHANG, Route.SAME_CITY),
        ("420100", "420100", Route.SAME_COUNTY),
        (WUCHANG, XILING, Route.BETWEEN_CITIES),
        ("420100", "420500", Route.BETWEEN_CITIES),
        (WUCHANG, "420000", Route.BETWEEN_CITIES),  # the province is no part of a city
        ("420000", WUCHANG, Route.BETWEEN_CITIES),
        ("420000", "420000", Route.SAME_COUNTY),
        ("420000", "429004", Route.BETWEEN_CITIES),
        ("429004", "429005", Route.BETWEEN_CITIES),  # four county-level units without a city above them
        ("429004", "429004", Route.SAME_COUNTY),
        ("429021", XILING, Route.BETWEEN_CITIES),
        ("422801", "422802", Route.SAME_CITY),  # of an autonomous prefecture
        (WUCHANG, CHANGSHA, Route.OUT_OF_PROVINCE),
        (WUCHANG, "430000", Route.OUT_OF_PROVINCE),
        ("429004", "110000", Route.OUT_OF_PROVINCE),
    ],
)
def test_the_route_follows_from_the_two_bureaus(kept_by: str, to_region: str, expected: Route) -> None:
    assert route(to_region, kept_by=kept_by) is expected


@pytest.mark.parametrize("to_region", [WUCHANG, "420102", XILING, "420000", "429004"])
def test_who_left_comes_into_the_province_wherever_they_go_also_to_the_bureau_of_old(to_region: str) -> None:
    assert route(to_region, status=TRANSFERRED_OUT) is Route.INTO_PROVINCE


def test_who_left_moves_on_elsewhere_only_from_there() -> None:
    with pytest.raises(AlreadyElsewhere):
        route(CHANGSHA, status=TRANSFERRED_OUT)


@pytest.mark.parametrize(
    "nowhere", ["", "42", "4201", "420199", "420101", "429000", "999999", "420106 ", "43", "４２０１０６"]
)
def test_a_place_that_is_none_is_refused_whoever_asks(nowhere: str) -> None:
    for status in ("active", TRANSFERRED_OUT):
        with pytest.raises(UnknownRegion) as refused:
            route(nowhere, status=status)
        assert [one.field for one in refused.value.errors] == ["to_region"]


def test_a_bureau_that_was_abolished_or_does_not_exist_yet_is_no_destination() -> None:
    old = Division("420321", "郧县", Level.COUNTY, "420300", None, TODAY)
    new = Division("420304", "郧阳区", Level.COUNTY, "420300", TODAY, None)
    here = Division("420302", "茅箭区", Level.COUNTY, "420300")
    divisions, before = Divisions([old, new, here]), date(2026, 11, 23)
    for code, day, exists in (
        ("420321", before, True),
        ("420321", TODAY, False),
        ("420304", TODAY, True),
        ("420304", before, False),
    ):
        if exists:
            found = route_to(code, kept_by="420302", status="active", on=day, divisions=divisions)
            assert found is Route.SAME_CITY
        else:
            with pytest.raises(UnknownRegion):
                route_to(code, kept_by="420302", status="active", on=day, divisions=divisions)


BUREAUS = st.sampled_from(sorted(one.code for one in hubei() if one.exists(TODAY)))


@given(here=BUREAUS, there=BUREAUS)
def test_the_way_back_is_of_the_same_kind(here: str, there: str) -> None:
    assert route(there, kept_by=here) is route(here, kept_by=there)
    assert (route(there, kept_by=here) is Route.SAME_COUNTY) == (here == there)


@given(here=BUREAUS, there=st.sampled_from([one.code for one in elsewhere()]))
def test_every_place_outside_hubei_leads_out_of_the_province(here: str, there: str) -> None:
    assert route(there, kept_by=here) is Route.OUT_OF_PROVINCE


# --- what keeps it from starting


@pytest.mark.parametrize("kind", ["registration", "employment_change", "identity_change"])
def test_what_changes_unit_or_identity_ends_first(kind: str) -> None:
    with pytest.raises(OpenMatter) as refused:
        refuse_while_open({kind: "s-1", "transfer": "t-1"})
    assert refused.value.extra == {"submission_id": "s-1", "kind": kind}


def test_one_transfer_at_a_time() -> None:
    with pytest.raises(AnotherTransfer) as refused:
        refuse_while_open({"transfer": "t-1", "education_added": "s-1"})
    assert refused.value.extra == {"transfer_id": "t-1"}


def test_other_reviews_keep_nobody_where_they_are() -> None:
    refuse_while_open({"education_added": "s-1", "qualification_added": "s-2"})


# --- how the steps read

UNIT = CaseStep(Step.EMPLOYER, "E:91420106MA4K2RTU5T", 5)
RELEASE, ACCEPTANCE = CaseStep(Step.RELEASE, WUCHANG, 2), CaseStep(Step.ACCEPTANCE, XILING, 3)


def transfer(*steps: CaseStep, **changed: object) -> Transfer:
    begun = Transfer(
        transfer_id="t-1",
        person_id="p-1",
        route=Route.BETWEEN_CITIES,
        case=SubmissionStatus.UNDER_REVIEW,
        from_region=WUCHANG,
        to_region=XILING,
        from_employer=Unit("91420106MA4K2RTU5T", "湖北示例迁出会计有限公司"),
        form={},
        attachment_ids=(),
        steps=steps or (UNIT, RELEASE, ACCEPTANCE),
        submitted_at="2026-11-24T04:00:00Z",
        timeline=(),
    )
    return replace(begun, **changed)  # type: ignore[arg-type]


def decided(step: CaseStep, decision: str, reason: str | None = None) -> CaseStep:
    return replace(step, decided_at="2026-11-25T04:00:00Z", decision=decision, reason=reason)


def states(of: Transfer) -> list[StepState]:
    return [one.state for one in of.shown_steps()]


def test_at_first_the_unit_is_asked_and_everybody_else_comes_later() -> None:
    begun = transfer()
    assert begun.status is TransferStatus.WAITING_EMPLOYER
    assert states(begun) == [StepState.WAITING, StepState.PENDING, StepState.PENDING]
    assert [one.who for one in begun.shown_steps()] == ["湖北示例迁出会计有限公司", "武昌区财政局", "西陵区财政局"]


@pytest.mark.parametrize(
    ("answer", "state"),
    [("confirm", StepState.CONFIRMED), ("refuse", StepState.OBJECTED), ("silence", StepState.UNANSWERED)],
)
def test_whatever_a_unit_says_the_bureau_is_next(answer: str, state: StepState) -> None:
    moved = transfer(decided(UNIT, answer), RELEASE, ACCEPTANCE, step_index=1)
    assert moved.status is TransferStatus.WAITING_RELEASE
    assert states(moved) == [state, StepState.WAITING, StepState.PENDING]


def test_the_reason_of_a_refusal_stays_with_its_step_and_nobody_else_is_asked() -> None:
    refused = transfer(
        decided(UNIT, "confirm"),
        decided(RELEASE, "reject", "有尚未办结的诚信核查"),
        ACCEPTANCE,
        step_index=1,
        case=SubmissionStatus.REJECTED,
    )
    assert refused.status is TransferStatus.REFUSED
    assert states(refused) == [StepState.CONFIRMED, StepState.REFUSED, StepState.DROPPED]
    assert refused.shown_steps()[1].reason == "有尚未办结的诚信核查"


def test_while_papers_are_waited_for_the_step_says_which_and_until_when() -> None:
    step = replace(RELEASE, due_on="2026-11-26")
    waiting = transfer(
        decided(UNIT, "confirm"),
        step,
        ACCEPTANCE,
        step_index=1,
        case=SubmissionStatus.RETURNED,
        due_on="2026-12-24",
        returned_for="请补充离职证明",
    )
    shown = waiting.shown_steps()[1]
    assert waiting.status is TransferStatus.WAITING_PAPERS
    assert (shown.state, shown.due_on, shown.reason) == (StepState.WAITING_PAPERS, "2026-12-24", "请补充离职证明")


@pytest.mark.parametrize(
    ("case", "status"),
    [(SubmissionStatus.WITHDRAWN, TransferStatus.CANCELLED), (SubmissionStatus.EXPIRED, TransferStatus.EXPIRED)],
)
def test_what_a_case_ended_before_is_dropped(case: SubmissionStatus, status: TransferStatus) -> None:
    ended = transfer(decided(UNIT, "silence"), RELEASE, ACCEPTANCE, step_index=1, case=case)
    assert ended.status is status
    assert states(ended) == [StepState.UNANSWERED, StepState.DROPPED, StepState.DROPPED]


def test_when_all_have_agreed_only_the_record_is_left_to_move() -> None:
    every = [decided(UNIT, "confirm"), decided(RELEASE, "approve"), decided(ACCEPTANCE, "approve")]
    agreed = transfer(*every, step_index=3, stage=Stage.ACCEPTANCE)
    assert agreed.is_agreed and not agreed.has_open_task
    assert agreed.status is TransferStatus.WAITING_ACCEPTANCE, "until it has moved"
    assert not transfer(*every, step_index=2).is_agreed
    done = replace(agreed, case=SubmissionStatus.APPROVED)
    assert done.status is TransferStatus.COMPLETED
    assert states(done) == [StepState.CONFIRMED, StepState.APPROVED, StepState.APPROVED]


def test_a_task_is_open_once_its_workflow_has_opened_it() -> None:
    between_two = transfer(decided(UNIT, "confirm"), RELEASE, ACCEPTANCE, step_index=1, stage=Stage.EMPLOYER)
    assert not between_two.has_open_task
    assert replace(between_two, stage=Stage.RELEASE).has_open_task


@given(
    case=st.sampled_from(SubmissionStatus),
    index=st.integers(0, 3),
    said=st.lists(st.sampled_from(["approve", "confirm", "silence", "refuse"]), min_size=3, max_size=3),
)
def test_every_transfer_reads_somehow_and_at_most_one_step_is_waited_for(
    case: SubmissionStatus, index: int, said: list[str]
) -> None:
    steps = [
        decided(step, word) if place < index else step
        for place, (step, word) in enumerate(zip((UNIT, RELEASE, ACCEPTANCE), said, strict=True))
    ]
    found = transfer(*steps, step_index=index, case=case)
    waited = [one for one in states(found) if one in (StepState.WAITING, StepState.WAITING_PAPERS)]
    assert found.status in TransferStatus
    assert len(waited) == (1 if case.is_open and index < 3 else 0)
    assert (StepState.DROPPED in states(found)) == (not case.is_open and index < 3)
