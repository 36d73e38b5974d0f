"""Appeals filed at a bureau's counter (窗口申诉): a reviewer types what the person says and shows."""

from jingkuai.aws.appeal_filing import Filed, Intake
from jingkuai.aws.clock import Clock
from jingkuai.aws.idempotency import RequestKey
from jingkuai.domain.appeal import AppealForm
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, FieldProblem


def file(form: AppealForm, *, by: Principal, intake: Intake, clock: Clock, key: RequestKey | None = None) -> Filed:
    """File an appeal for a person who is there; another reviewer decides it.

    The scans are those the person's phone has proven: no code is asked for again. The same request sent again with its
    key gets the first answer. Raises Invalid with every problem at once, also for a region outside the reviewer's own;
    ScanNotReady, NumberNotRegistered, OpenAppeal, PhoneIsTheAccounts, PhoneInUse, TooManyAppeals.
    AWS calls: 3, with a key 4.
    """
    now = clock()
    if key and (earlier := intake.earlier(key, at=now)):
        return earlier
    told, desk = intake.consider(form, at=now, besides=_outside(form, by))
    intake.refuse_unless_possible(desk, at=now)
    if filed := intake.file(told, desk, by=by, at=now, key=key):
        return filed
    if key and (earlier := intake.earlier(key, at=now)):
        return earlier
    _, lost_to = intake.consider(form, at=clock())
    intake.refuse_unless_possible(lost_to, at=clock())
    raise Conflict()


def _outside(form: AppealForm, by: Principal) -> list[FieldProblem]:
    if not form.region_code.strip() or by.covers(form.region_code):
        return []
    return [FieldProblem("region_code", "outside_scope", "只能受理本局管辖范围内的申诉，请从本局及下级财政局中选择。")]
