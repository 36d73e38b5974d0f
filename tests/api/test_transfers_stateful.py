"""Any sequence of what three people, two units and their bureaus may do: where everybody is always agrees with a plain model.

The model knows nothing of items, locks or workflows. After every step each person's answers are compared with it, and the
whole table is looked through for facts that contradict each other. A sequence that fails is printed whole and printed.
"""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from moto.backends import get_backend

from jingkuai.aws import keys
from jingkuai.aws.clock import utc_now
from jingkuai.aws.tables import Item, from_wire
from jingkuai.domain.workdays import today_in_shanghai
from tests import people
from tests.api.gateway import Answer, invoke
from tests.api.moving import CHANGSHA, JIANGAN, LONG_AFTER, PAPER, XILING, form, unit
from tests.api.registry import WUCHANG, Accountant, Caller, QuickRegistry, Registry, opened
from tests.cloud import REGION
from tests.invariants import violations
from tools.local import samples

XIANTAO: Final = "429004"
PLACES: Final = (WUCHANG, JIANGAN, XILING, XIANTAO, CHANGSHA)
LISTED: Final = "有尚未办结的诚信核查"
CITY_OF: Final = {WUCHANG: "Wuhan", JIANGAN: "Wuhan", XILING: "Yichang", XIANTAO: "Xiantao"}
SOON, LATE = 8, 400  # days until a morning: only units are late, or everybody
WAITING: Final = {"employer": "waiting_employer", "release": "waiting_release", "acceptance": "waiting_acceptance"}


LOOKED_AT: Final = tuple(key["pk"] for key in (keys.person_key(""), keys.task_key(""), keys.id_claim_key("")))


# --- the model


@dataclass
class Move:
    """A transfer as people would tell of it."""

    to_region: str
    to_unit: str | None
    steps: list[str]
    at: int = 0
    papers: bool = False
    asked_at_release: bool = False
    end: str | None = None
    undoable: bool = False

    @property
    def is_open(self) -> bool:
        return self.end is None

    @property
    def is_agreed(self) -> bool:
        return self.at == len(self.steps)

    @property
    def turn(self) -> str | None:
        """Whose step is waited for; nobody's where papers are, or where it is over."""
        return self.steps[self.at] if self.is_open and not self.papers and not self.is_agreed else None

    @property
    def status(self) -> str:
        if self.end:
            return self.end
        return "waiting_papers" if self.papers else WAITING[self.steps[min(self.at, len(self.steps) - 1)]]


@dataclass
class Filed:
    """A change of the record under review; `unit` is what an employment change leads to."""

    submission_id: str
    unit: str | None = None
    approved: bool = False


@dataclass
class Someone:
    """Where somebody is, and what is open."""

    region: str
    unit: str | None
    status: str = "active"
    version: int = 1
    degrees: int = 1
    transfer_id: str = ""
    move: Move | None = None
    change: Filed | None = None
    degree: Filed | None = None

    @property
    def moving(self) -> Move | None:
        return self.move if self.move and self.move.is_open else None

    def settle(self) -> None:
        """What was agreed takes effect."""
        if self.moving and self.moving.is_agreed:
            out = self.moving.to_region == CHANGSHA
            self.status = "transferred_out" if out else "active"
            self.region = self.region if out else self.moving.to_region
            self.unit, self.version = self.moving.to_unit, self.version + 1
            self.moving.end = "completed"
        if self.change and self.change.approved:
            self.unit, self.version, self.change = self.change.unit, self.version + 1, None
        if self.degree and self.degree.approved:
            self.degrees, self.version, self.degree = self.degrees + 1, self.version + 1, None

    def locks(self) -> set[str]:
        held = {"transfer": self.moving, "employment_change": self.change, "education_added": self.degree}
        return {name for name, what in held.items() if what}

    def steps_to(self, to_region: str, with_account: set[str]) -> list[str]:
        asked = ["employer"] if self.unit in with_account else []
        if self.status == "transferred_out":
            return ["acceptance"]
        if to_region == CHANGSHA:
            return [*asked, "release"]
        same_city = CITY_OF[to_region] == CITY_OF[self.region]
        return [*asked, *([] if same_city else ["release"]), "acceptance"]

    def refusal_of_a_move(self, to_region: str) -> str | None:
        if self.status == "transferred_out" and to_region == CHANGSHA:
            return "record_closed"
        if self.status == "active" and to_region == self.region:
            return "not_a_transfer"
        if self.change:
            return "open_submission"
        return "open_transfer" if self.moving else None

    def refusal_of_a_change(self) -> str | None:
        if self.status != "active":
            return "record_closed"
        return "open_submission" if self.change else "open_transfer" if self.moving else None


# --- the registry they live in


@dataclass
class World:
    """A registry with three people, as every sequence begins."""

    registry: Registry
    people: list[Accountant] = field(default_factory=list)
    units: dict[str, Caller] = field(default_factory=dict)
    _begun: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def begun(cls, registry: Registry) -> World:
        world = cls(registry, units=dict(unit(registry) for _ in range(2)))
        first, second = world.units
        for uscc in (first, second, people.credit_code(registry.chance)):
            world.people.append(registry.accountant(registry.somebody(uscc=uscc)))
        for scope in (WUCHANG, JIANGAN, XILING, XIANTAO, "4201", "4205", "42"):
            registry.reviewer(scope)
        world._begun = {name: copy.deepcopy(table.items) for name, table in _tables().items()}
        return world

    def begin_again(self) -> None:
        self.registry.workflows.settle()
        for name, table in _tables().items():
            table.items = copy.deepcopy(self._begun[name])

    def items(self) -> list[Item]:
        """What stands of people, numbers and tasks, read where moto keeps it: a scan is mostly its own serialization."""
        kept = _tables()["Registry"].items
        return [
            from_wire(one.to_json()["Attributes"])
            for partition, under in kept.items()
            if partition.value.startswith(LOOKED_AT)
            for one in under.values()
        ]

    def item(self, key: keys.Key) -> Item:
        found = self.registry.cloud.registry.get(key)
        assert found
        return found


def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = get_backend("dynamodb")["123456789012"][REGION].tables
    return tables


class Moves(RuleBasedStateMachine):
    """What anybody may do at any time. `at_once`: whether the workflows have gone on before anything else happens."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.registry = world, world.registry
        world.begin_again()
        units = [*world.units, world.people[2].person["uscc"]]
        self.someone = [Someone(WUCHANG, uscc) for uscc in units]
        self.touched = set(range(3))
        self.is_settled = True

    WHO = st.integers(0, 2)
    AT_ONCE = st.sampled_from([True, True, False])
    JOINS = st.sampled_from([0, 1, "another", None])

    # --- the person

    @precondition(lambda self: self._free())
    @rule(data=st.data(), joins=JOINS, at_once=AT_ONCE)
    def move(self, data: st.DataObject, joins: int | str | None, at_once: bool) -> None:
        who = data.draw(st.sampled_from(self._free()))
        places = [one for one in PLACES if self.someone[who].refusal_of_a_move(one) is None]
        self._file(who, data.draw(st.sampled_from(places)), joins, at_once)

    @rule(who=WHO, to_region=st.sampled_from(PLACES), joins=JOINS, at_once=AT_ONCE)
    def ask_to_move(self, who: int, to_region: str, joins: int | str | None, at_once: bool) -> None:
        self._file(who, to_region, joins, at_once)

    def _file(self, who: int, to_region: str, joins: int | str | None, at_once: bool) -> None:
        me, model = self._of(who)
        uscc = self._unit(joins)
        told: dict[str, Any] = {"to_employer": {"uscc": uscc, "name": "湖北示例迁入会计有限公司"}} if uscc else {}
        told |= {} if uscc else {"to_employer": None, "employment_status": "seeking"}
        answer = me.post("/me/transfers", form(self.registry, me, to_region, **told))
        if self._refused(answer, model.refusal_of_a_move(to_region)):
            return
        steps = model.steps_to(to_region, set(self.world.units))
        model.transfer_id, model.move = answer.json["transfer_id"], Move(to_region, uscc, steps)
        assert [one["step"] for one in answer.json["steps"]] == steps
        self._then(at_once)

    @rule(who=WHO, at_once=AT_ONCE)
    def cancel(self, who: int, at_once: bool) -> None:
        me, model = self._of(who)
        answer = me.post(f"/me/transfers/{model.transfer_id or 'none'}/cancel")
        move = model.move
        if move is None:
            self._refused(answer, "not_found")
        elif move.end == "cancelled" or (move.is_open and not move.is_agreed):
            assert answer.status == 200, answer.text
            move.end, move.undoable = "cancelled", False
            self._then(at_once)
        else:
            self._refused(answer, "transfer_ended")

    @precondition(lambda self: self._short_of_papers())
    @rule(data=st.data(), at_once=AT_ONCE)
    def send_papers(self, data: st.DataObject, at_once: bool) -> None:
        self._papers(data.draw(st.sampled_from(self._short_of_papers())), at_once)

    def _papers(self, who: int, at_once: bool) -> None:
        me, model = self._of(who)
        body = {"attachment_ids": [self.registry.scan(me, "employment_proof")]}
        answer = me.post(f"/me/transfers/{model.transfer_id or 'none'}/papers", body)
        if model.move is None:
            self._refused(answer, "not_found")
        elif not model.move.papers or not model.move.is_open:
            self._refused(answer, "no_papers_wanted")
        else:
            assert answer.status == 200, answer.text
            model.move.papers = False
            self._then(at_once)

    @rule(who=WHO, employed=st.booleans(), at_once=AT_ONCE)
    def change_unit(self, who: int, employed: bool, at_once: bool) -> None:
        me, model = self._of(who)
        employment: dict[str, Any] = {"status": "seeking"}
        if employed:
            before = samples.registration_of(me.person)["employment"]
            elsewhere = {"uscc": self._unit("another"), "region_code": model.region}
            employment = {**before, **elsewhere, "employer_name": "湖北示例另一会计有限公司"}
        proofs = [self.registry.scan(me, one) for one in ("employment_proof", PAPER)]
        body = {"kind": "employment_change", "payload": {"employment": employment}, "attachment_ids": proofs}
        answer = me.post("/me/submissions", body)
        if not self._refused(answer, model.refusal_of_a_change()):
            model.change = Filed(answer.json["submission_id"], employment.get("uscc"))
            self._then(at_once)

    @rule(who=WHO, at_once=AT_ONCE)
    def add_degree(self, who: int, at_once: bool) -> None:
        me, model = self._of(who)
        born = int(me.person["id_number"][6:10])
        number = f"1048620200200{self.registry.chance.randrange(10**5):05d}"
        degree = {
            **samples.registration_of(me.person)["education"][0],
            "level": "master",
            "certificate_no": number,
            "graduated_on": f"{born + 26}-06-30",
        }
        answer = me.post(
            "/me/submissions",
            self.registry.change(me, "education_added", {"education": degree}, "education_certificate"),
        )
        expected = "record_closed" if model.status != "active" else "open_submission" if model.degree else None
        if not self._refused(answer, expected):
            model.degree = Filed(answer.json["submission_id"])
            self._then(at_once)

    # --- units and bureaus

    @precondition(lambda self: self._whose_turn("employer"))
    @rule(data=st.data(), said=st.sampled_from(["confirm", "refuse"]), at_once=AT_ONCE)
    def unit_says(self, data: st.DataObject, said: str, at_once: bool) -> None:
        who = data.draw(st.sampled_from(self._whose_turn("employer")))
        _, model = self._of(who)
        asked, body = self._task_of(model.transfer_id), {"decision": said, "reason": "工作交接尚未办结"}
        path = f"/employer/confirmations/{asked['task_id']}"
        for uscc, employer in self.world.units.items():
            if uscc != model.unit:
                self._refused(employer.post(path, body), "not_found")
        answer = self.world.units[str(model.unit)].post(path, body)
        assert (answer.status, answer.json["decision"]) == (200, said), answer.text
        assert model.move
        model.move.at += 1
        self._then(at_once)

    @precondition(lambda self: self._whose_turn("release", "acceptance"))
    @rule(data=st.data(), choice=st.sampled_from(["approve", "approve", "reject", "return"]), at_once=AT_ONCE)
    def bureau_decides(self, data: st.DataObject, choice: str, at_once: bool) -> None:
        who = data.draw(st.sampled_from(self._whose_turn("release", "acceptance")))
        _, model = self._of(who)
        move = model.move
        assert move
        if choice == "return" and move.turn == "release" and move.asked_at_release:
            self._decide(model.transfer_id, choice, refused="papers_asked")
            return
        self._decide(model.transfer_id, choice)
        move.undoable = choice == "approve" and move.turn == "release" and "acceptance" in move.steps
        if choice == "approve":
            self._papers(who, at_once=False)  # nobody has asked for any
            move.at += 1
        elif choice == "return":
            move.asked_at_release = move.turn == "release" or move.asked_at_release
            move.papers = True
        else:
            move.end = "refused"
        self._then(at_once)

    @precondition(lambda self: self.is_settled and self._on_the_way())
    @rule(data=st.data(), at_once=st.booleans(), cancels=st.booleans())
    def everybody_agrees(self, data: st.DataObject, at_once: bool, cancels: bool) -> None:
        """All the way to the end, of which the last step may still be ahead of the workflow: then it is too late to cancel."""
        me, model = self._of(data.draw(st.sampled_from(self._on_the_way())))
        move = model.move
        assert move
        while turn := move.turn:
            if turn == "employer":
                path = f"/employer/confirmations/{self._task_of(model.transfer_id)['task_id']}"
                answer = self.world.units[str(model.unit)].post(path, {"decision": "confirm", "reason": ""})
                assert answer.status == 200, answer.text
            else:
                self._decide(model.transfer_id, "approve")
            move.at, move.undoable = move.at + 1, False
            self._then(at_once or not move.is_agreed)
        if cancels and move.is_agreed:
            self._refused(me.post(f"/me/transfers/{model.transfer_id}/cancel"), "transfer_ended")

    @precondition(lambda self: self.is_settled and self._undoable())
    @rule(data=st.data(), at_once=AT_ONCE)
    def take_back(self, data: st.DataObject, at_once: bool) -> None:
        who = data.draw(st.sampled_from(self._undoable()))
        _, model = self._of(who)
        assert model.move
        released = self._task_of(model.transfer_id, decided_as="approve")
        answer = self._bureau(released["owner"]).post(f"/review/tasks/{released['task_id']}/undo")
        assert answer.status == 200, answer.text
        model.move.at, model.move.undoable = model.move.at - 1, False
        self._then(at_once)

    @precondition(lambda self: self.is_settled and self._under_review())
    @rule(data=st.data(), choice=st.sampled_from(["approve", "approve", "reject"]), at_once=AT_ONCE)
    def bureau_decides_a_change(self, data: st.DataObject, choice: str, at_once: bool) -> None:
        who, what = data.draw(st.sampled_from(self._under_review()))
        _, model = self._of(who)
        filed: Filed = getattr(model, what)
        self._decide(filed.submission_id, choice)
        filed.approved = choice == "approve"
        if choice == "reject":
            setattr(model, what, None)
        self._then(at_once)

    # --- time

    @rule(days=st.sampled_from([1, SOON, LATE]), at_once=AT_ONCE)
    def morning(self, days: int, at_once: bool) -> None:
        today = LONG_AFTER if days == LATE else today_in_shanghai(utc_now()) + timedelta(days=days)
        late = [who for who, one in enumerate(self.someone) if one.moving and self._is_waited_for(one)]
        invoke("ReviewTasks", {"do": "morning", "today": today.isoformat()})
        for who in late:
            _, model = self._of(who)
            move = model.move
            assert move
            if move.turn == "employer" and days >= SOON:
                move.at += 1
            elif move.papers and days == LATE:
                move.end = "expired"
            move.undoable = move.undoable and days < SOON
        self._then(at_once)

    @precondition(lambda self: not self.is_settled)
    @rule()
    def workflows_go_on(self) -> None:
        self._then(True)

    # --- what holds after every step

    @invariant()
    def everybody_is_where_the_model_says(self) -> None:
        for who in sorted(self.touched):
            me, model = self.world.people[who], self.someone[who]
            profile = me.get("/me/profile").json
            found = (profile["region_code"], profile["status"], profile["employment"].get("uscc"), profile["version"])
            assert found == (model.region, model.status, model.unit, model.version)
            assert len(profile["education"]) == model.degrees
            assert set(self.world.item(keys.person_key(me.account_id)).get("open", {})) == model.locks()
            if model.move:
                transfer = me.get(f"/me/transfers/{model.transfer_id}").json
                assert transfer["status"] == model.move.status
                done = [one["step"] for one in transfer["steps"] if one["decided_at"]]
                refused = model.move.end == "refused"
                assert len(done) == model.move.at + refused
        self.touched = set()

    @invariant()
    def no_two_facts_contradict(self) -> None:
        items = self.world.items()
        assert violations(items) == []
        for task in items:
            if task["sk"] == keys.task_key("")["sk"] and "decision" not in task:
                assert not self._execution(task["subject_id"]).ended, "somebody is asked, and no workflow hears of it"

    # --- how it is done

    def _of(self, who: int) -> tuple[Accountant, Someone]:
        self.touched.add(who)
        return self.world.people[who], self.someone[who]

    def _then(self, at_once: bool) -> None:
        self.is_settled = False
        if at_once:
            self.registry.workflows.settle()
            for who, model in enumerate(self.someone):
                before = dataclasses.replace(model)
                model.settle()
                if model != before:
                    self.touched.add(who)
            self.is_settled = True

    def _unit(self, joins: int | str | None) -> str | None:
        if isinstance(joins, int):
            return [*self.world.units][joins]
        return people.credit_code(self.registry.chance) if joins else None

    def _refused(self, answer: Answer, code: str | None) -> bool:
        assert (answer.json.get("code") if answer.status >= 400 else None) == code, answer.text
        return code is not None

    def _whose_turn(self, *steps: str) -> list[int]:
        return [
            who for who, one in enumerate(self.someone) if self.is_settled and one.moving and one.moving.turn in steps
        ]

    def _free(self) -> list[int]:
        return [who for who, one in enumerate(self.someone) if not one.moving and not one.change]

    def _short_of_papers(self) -> list[int]:
        return [who for who, one in enumerate(self.someone) if one.moving and one.moving.papers]

    def _on_the_way(self) -> list[int]:
        return [who for who, one in enumerate(self.someone) if one.moving]

    def _undoable(self) -> list[int]:
        return [who for who, one in enumerate(self.someone) if one.moving and one.moving.undoable]

    def _under_review(self) -> list[tuple[int, str]]:
        return [
            (who, what) for who, one in enumerate(self.someone) for what in ("change", "degree") if getattr(one, what)
        ]

    def _is_waited_for(self, model: Someone) -> bool:
        """Whether a task is open that a morning may find late: one that the workflow is about to open is not."""
        try:
            self._task_of(model.transfer_id)
        except StopIteration:
            return False
        return True

    def _task_of(self, subject_id: str, decided_as: str | None = None) -> Item:
        """The last task about this that stands so."""
        tasks = [
            one
            for one in self.world.items()
            if one["sk"] == keys.task_key("")["sk"]
            and one["subject_id"] == subject_id
            and one.get("decision") == decided_as
        ]
        return next(iter(sorted(tasks, key=lambda one: one["opened_at"], reverse=True)))

    def _decide(self, subject_id: str, choice: str, *, refused: str | None = None) -> None:
        task = self._task_of(subject_id)
        body = {"decision": choice, "reason": LISTED, "fields": []}
        answer = self._bureau(task["owner"]).post(f"/review/tasks/{task['task_id']}/decision", body)
        self._refused(answer, refused)

    def _bureau(self, owner: str) -> Caller:
        while owner.endswith("00"):
            owner = owner[:-2]
        return self.registry.reviewer(owner)

    def _execution(self, subject_id: str) -> Any:
        return self.registry.workflows.executions[f"{subject_id}.1"]


def test_whatever_happens_everybody_is_in_one_place() -> None:
    with opened(QuickRegistry) as registry:
        world = World.begun(registry)
        run_state_machine_as_test(
            lambda: Moves(world),  # type: ignore[arg-type]  # its annotation knows classes only
            settings=settings(
                max_examples=7,
                stateful_step_count=22,
                derandomize=True,
                print_blob=True,
                phases=[Phase.generate],
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
