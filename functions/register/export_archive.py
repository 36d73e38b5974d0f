"""The archive of an export (个人信息副本): a note, `data.json` and the scans, packed one by one so that memory stays small."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from jingkuai.aws.clock import iso
from jingkuai.domain.credit_rules import as_number
from jingkuai.domain.scan import Scan
from jingkuai.domain.workdays import SHANGHAI
from register import held_items
from register.held_store import Held
from register.sealed_numbers import Numbers

NOTE: Final = "说明.txt"
DATA: Final = "data.json"
_ENDINGS: Final = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
_TEXT: Final = """\
个人信息副本

这是湖北省会计人员信息管理系统（荆会）在{at}持有的您的全部信息，应您的申请生成。
其中有完整的证件号码和手机号，请妥善保管，不要转发他人。

data.json 是全部文字内容，可用记事本或任何支持 JSON 的软件打开：
  profile              现在的登记信息（basic 基本信息、contact 联系方式、education 学历、employment 就业、
                       qualifications 资格、managed_by 管理财政局）
  acknowledged_notice  您阅读的个人信息处理告知的版本和时间
  draft                登记表草稿
  versions             历次登记通过的内容
  submissions          各次申请、办理经过和退回原因
  transfers            调转
  integrity_records    诚信记录
  exam_results         考试成绩
  credit_years         各年度学分汇总
  credit_entries       每一条学分，含更正前的内容（history）
  credit_declarations  自行申报的学分
  refused_credit_rows  培训机构上报而没有记入的学分
  certificates         合格证明
  messages             站内消息
  changes              与您有关的操作记录（经办人只写到角色和财政局）
  looks                谁在什么时候、为什么查看过您的完整信息
  scans                扫描件的清单，file 是它在本压缩包里的位置；file 为空的，原件已经不在
scans 文件夹里是您提交过的扫描件原件。上传后没有提交的扫描件，七天后自动清除，不在其中。
密码等登录凭证只以不可还原的形式保存，不在其中。时间为世界标准时间（UTC），加八小时是北京时间。

内容有误的，请提交变更申请，或者联系管理您信息的财政局。
"""


def pack(
    into: IO[bytes], held: Held, numbers: Numbers, *, bytes_of: Callable[[Scan], Iterator[bytes] | None], at: datetime
) -> int:
    """Write the archive; a scan whose bytes are gone is named without a file. Answers how many scans are in it."""
    packed = 0
    with ZipFile(into, "w") as archive:
        listed = []
        for scan in held.scans:
            file = _packed(archive, scan, bytes_of(scan), at)
            packed += file is not None
            listed.append(held_items.scan_of(scan, file))
        data = {"prepared_at": iso(at), **_told(held, numbers), "scans": listed}
        text = json.dumps(data, ensure_ascii=False, indent=1, default=_as_json)
        archive.writestr(_entry(DATA, at, ZIP_DEFLATED), text)
        note = _TEXT.format(at=at.astimezone(SHANGHAI).strftime("%Y年%m月%d日%H:%M"))
        archive.writestr(_entry(NOTE, at, ZIP_DEFLATED), "\ufeff" + note.replace("\n", "\r\n"))
    return packed


def _told(held: Held, numbers: Numbers) -> dict[str, Any]:
    contact = {"phone": numbers.phone, **held.profile.get("contact", {})}
    return {
        "profile": {**held.profile, "id_number": numbers.id_number, "contact": contact},
        "acknowledged_notice": held.consent,
        "draft": dict(held.draft.payload),
        **held.kinds,
        "messages": held.messages,
        "changes": held.changes,
        "looks": held.looks,
    }


def _packed(archive: ZipFile, scan: Scan, pieces: Iterator[bytes] | None, at: datetime) -> str | None:
    """Where the scan lies in the archive now. Pictures are as small as they get: nothing is compressed again."""
    if pieces is None:
        return None
    file = f"scans/{scan.attachment_id}{_ENDINGS.get(scan.content_type, '')}"
    with archive.open(_entry(file, at, ZIP_STORED), "w", force_zip64=True) as entry:
        for piece in pieces:
            entry.write(piece)
    return file


def _entry(name: str, at: datetime, compression: int) -> ZipInfo:
    entry = ZipInfo(name, at.astimezone(SHANGHAI).timetuple()[:6])
    entry.compress_type = compression
    return entry


def _as_json(value: object) -> int | float | list[Any]:
    """Numbers and sets of the table, which JSON does not know."""
    if isinstance(value, Decimal):
        return as_number(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)
