"""Appeals (申诉) of somebody who cannot sign in: the code on their phone stands for the account they have not got."""

from identity.code_store import CodeStore
from jingkuai.aws import one_time_codes
from jingkuai.aws.appeal_filing import Filed, Intake
from jingkuai.aws.appeal_store import AppealStore, Standing, scans_owner
from jingkuai.aws.clock import Clock
from jingkuai.aws.files import Files, UploadForm
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.scan_store import ScanStore, announce
from jingkuai.domain.appeal import AppealForm, NumberNotRegistered, typed_query_code
from jingkuai.domain.attachment import AttachmentRules
from jingkuai.domain.one_time_code import OtpInvalid, Purpose
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.problem import FieldProblem, NotFound
from jingkuai.domain.scan import Announcement, Scan


class NoSuchAppeal(NotFound):
    """No appeal has this query code."""

    title = "没有找到这件申诉"
    detail = "没有找到这个查询码的申诉。请核对提交时得到的查询码，共20位字母和数字。"


def announce_scan(
    told: Announcement,
    phone: MainlandPhone,
    otp: str,
    *,
    codes: CodeStore,
    lookup: LookupKey,
    store: ScanStore,
    files: Files,
    bucket: str,
    rules: AttachmentRules,
    clock: Clock,
    new_id: NewId,
) -> tuple[Scan, UploadForm]:
    """A form to upload a scan of an appeal with; the scan belongs to the phone, whose code stays good.

    Raises OtpInvalid, OtpExhausted; UnsupportedScanType, ScanTooLarge. AWS calls: 3.
    """
    proven = one_time_codes.verify_code(phone, Purpose.APPEAL, otp, store=codes, lookup=lookup, clock=clock)
    return announce(
        told,
        owner=scans_owner(proven.phone_hash),
        store=store,
        files=files,
        bucket=bucket,
        rules=rules,
        clock=clock,
        new_id=new_id,
    )


def file(
    form: AppealForm, otp: str, *, intake: Intake, codes: CodeStore, clock: Clock, key: RequestKey | None = None
) -> Filed:
    """File an appeal; the code is used up with it. The same request sent again with its key gets the first answer.

    Raises Invalid with every problem at once, ScanNotReady, then OtpInvalid or OtpExhausted; only then, and never to
    somebody without a proven phone, what stands in the way: NumberNotRegistered (which uses the code up, so that numbers
    cannot be tried out), OpenAppeal, PhoneIsTheAccounts, PhoneInUse, TooManyAppeals. AWS calls: 5, with a key 6.
    """
    now = clock()
    if key and (earlier := intake.earlier(key, at=now)):
        return earlier
    missing = [] if otp.strip() else [FieldProblem("otp", "missing", "请填写短信验证码。")]
    told, desk = intake.consider(form, at=now, besides=missing)
    proven = one_time_codes.verify_code(told.phone, Purpose.APPEAL, otp, store=codes, lookup=intake.lookup, clock=clock)
    try:
        intake.refuse_unless_possible(desk, at=now)
    except NumberNotRegistered:
        codes.use_up(proven, now)
        raise
    if filed := intake.file(told, desk, by=None, at=now, proof=codes.using_up(proven, now), key=key):
        return filed
    if key and (earlier := intake.earlier(key, at=now)):
        return earlier
    _, lost_to = intake.consider(form, at=clock())
    intake.refuse_unless_possible(lost_to, at=clock())
    raise OtpInvalid()  # another request used the code


def standing(query_code: str, *, lookup: LookupKey, store: AppealStore) -> Standing:
    """How the appeal of a query code stands. Raises NoSuchAppeal. AWS calls: 2, for a code of nothing 1."""
    found = store.standing(lookup.of("appeal query code", typed_query_code(query_code)))
    if found is None:
        raise NoSuchAppeal()
    return found
