"""Scans (扫描件): the proofs a person uploads, and what a file must be to count as one.

The limits are data (`infra/policies/attachment_rules.json`); what is looked at inside a file is the inspection's part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Self

from jingkuai.domain.problem import FieldProblem, TooLarge, Unsupported


class AttachmentKind(StrEnum):
    """What a scan shows (材料种类)."""

    ID_FRONT = "id_front"
    ID_BACK = "id_back"
    EDUCATION_CERTIFICATE = "education_certificate"
    DEGREE_CERTIFICATE = "degree_certificate"
    QUALIFICATION_CERTIFICATE = "qualification_certificate"
    EMPLOYMENT_PROOF = "employment_proof"
    POLICE_CERTIFICATE = "police_certificate"
    CREDIT_PROOF = "credit_proof"
    TRANSFER_PROOF = "transfer_proof"
    HAND_HELD_PHOTO = "hand_held_photo"

    @property
    def label(self) -> str:
        """What the kind is called on the form."""
        return LABELS[self]


LABELS: Final[Mapping[AttachmentKind, str]] = {
    AttachmentKind.ID_FRONT: "身份证件正面（人像面）",
    AttachmentKind.ID_BACK: "身份证件背面（国徽面）",
    AttachmentKind.EDUCATION_CERTIFICATE: "学历证书",
    AttachmentKind.DEGREE_CERTIFICATE: "学位证书",
    AttachmentKind.QUALIFICATION_CERTIFICATE: "专业技术资格证书",
    AttachmentKind.EMPLOYMENT_PROOF: "单位工作证明（盖章）",
    AttachmentKind.POLICE_CERTIFICATE: "公安机关证明",
    AttachmentKind.CREDIT_PROOF: "学分证明材料",
    AttachmentKind.TRANSFER_PROOF: "离职证明或调转材料",
    AttachmentKind.HAND_HELD_PHOTO: "手持证件照",
}


class AttachmentStatus(StrEnum):
    """How far a scan has come; only an accepted one counts as a proof, and neither of the last two is left again."""

    AWAITING_UPLOAD = "awaiting_upload"
    CHECKING = "checking"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class ScanProblem(StrEnum):
    """Why a file does not count as a scan."""

    TOO_LARGE = "too_large"
    UNSUPPORTED_TYPE = "unsupported_type"
    NOT_THE_CLAIMED_TYPE = "not_the_claimed_type"
    UNREADABLE = "unreadable"
    TOO_SMALL_PICTURE = "too_small_picture"
    TOO_MANY_PIXELS = "too_many_pixels"
    CHECKSUM_MISMATCH = "checksum_mismatch"
    ENCRYPTED = "encrypted"
    BLANK = "blank"
    ANIMATED = "animated"
    TRAILING_DATA = "trailing_data"
    FOREIGN_CONTENT = "foreign_content"
    ACTIVE_CONTENT = "active_content"
    TOO_COMPLEX = "too_complex"
    TOO_MANY_PAGES = "too_many_pages"


class ScanTooLarge(TooLarge):
    """The file is declared larger than the rules allow (文件过大); nothing was uploaded."""


class UnsupportedScanType(Unsupported):
    """The file is declared to be of a type that is not taken (文件类型不支持); nothing was uploaded."""


MESSAGES: Final[Mapping[ScanProblem, str]] = {
    ScanProblem.TOO_LARGE: "文件超过{megabytes}MB。请压缩图片，或者把扫描分辨率调到300dpi以下，再重新上传。",
    ScanProblem.UNSUPPORTED_TYPE: "不支持这种文件。请上传{types}格式的文件。",
    ScanProblem.NOT_THE_CLAIMED_TYPE: "文件内容与格式不符，可能只是改了扩展名。请用原始照片，或者重新扫描后上传。",
    ScanProblem.UNREADABLE: "文件不完整或已损坏，无法打开。请重新拍照或扫描，确认能在自己的设备上打开后再上传。",
    ScanProblem.TOO_SMALL_PICTURE: "图片太小，看不清文字：短边至少{side}像素。请上传原图，不要用截图或缩略图。",
    ScanProblem.TOO_MANY_PIXELS: "图片尺寸过大，不能超过{pixels}万像素。请降低拍照或扫描分辨率后重新上传。",
    ScanProblem.CHECKSUM_MISMATCH: "收到的文件与您选择的不一致，可能是上传中断。请重新选择文件上传。",
    ScanProblem.ENCRYPTED: "这个PDF设了密码，审核人员打不开。请取消密码后重新上传，或者改传图片。",
    ScanProblem.BLANK: "图片是空白的，看不到内容。请确认拍的是材料有字的一面，重新拍照或扫描后上传。",
    ScanProblem.ANIMATED: "这是会动的图片。请上传静态的照片或扫描图。",
    ScanProblem.TRAILING_DATA: "文件后面还附带了视频或其他数据。拍照的请关闭“动态照片”（实况）后重拍，其他文件请重新导出后上传。",
    ScanProblem.FOREIGN_CONTENT: "文件里夹带了网页、压缩包或程序等其他内容。请用相机或扫描仪的原始文件，或者打开后另存为新文件再上传。",
    ScanProblem.ACTIVE_CONTENT: "这个PDF带有脚本、附件、多媒体或自动执行的动作。请用“打印为PDF”另存后上传，或者改传图片。",
    ScanProblem.TOO_COMPLEX: "文件内部过于复杂，无法安全打开。请重新拍照或扫描；PDF请用“打印为PDF”另存后上传。",
    ScanProblem.TOO_MANY_PAGES: "PDF超过{pages}页。请只保留需要的页，重新上传。",
}
TYPE_NAMES: Final[Mapping[str, str]] = {"image/jpeg": "JPEG", "image/png": "PNG", "application/pdf": "PDF"}
MAGIC: Final[Mapping[bytes, str]] = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}
_LIMITS: Final = (
    "max_bytes",
    "min_shorter_side",
    "max_pixels",
    "max_pages",
    "max_pdf_objects",
    "max_unpacked_bytes",
    "max_jpeg_passes",
    "max_trailing_bytes",
    "min_ink_contrast",
    "min_ink_ppm",
)


@dataclass(frozen=True, slots=True)
class AttachmentRules:
    """What a file must be: limits in bytes and pixels, some kinds with a limit of their own.
    `max_pixels` keeps a small file that unfolds into a huge picture from the inspection's memory, `max_unpacked_bytes`,
    `max_pdf_objects` and `max_jpeg_passes` one that unfolds into anything else from its memory and time. A point is ink
    where it differs by `min_ink_contrast` of 255 from what is around it, and `min_ink_ppm` of a million points are writing.
    """

    content_types: frozenset[str]
    max_bytes: int
    min_shorter_side: int
    max_pixels: int
    max_pages: int
    max_pdf_objects: int
    max_unpacked_bytes: int
    max_jpeg_passes: int
    max_trailing_bytes: int
    min_ink_contrast: int
    min_ink_ppm: int
    max_bytes_by_kind: Mapping[AttachmentKind, int]

    @classmethod
    def from_policy(cls, policy: Mapping[str, Any]) -> Self:
        """The rules of an `attachment_rules` rule set. Raises KeyError or ValueError where it is not one."""
        return cls(
            content_types=frozenset(policy["content_types"]),
            **{limit: int(policy[limit]) for limit in _LIMITS},
            max_bytes_by_kind=MappingProxyType(
                {AttachmentKind(kind): int(limit) for kind, limit in policy["max_bytes_by_kind"].items()}
            ),
        )

    def max_bytes_of(self, kind: AttachmentKind) -> int:
        return self.max_bytes_by_kind.get(kind, self.max_bytes)

    def check_claim(self, kind: AttachmentKind, content_type: str, size: int) -> None:
        """What is asked before an upload is allowed. Raises UnsupportedScanType or ScanTooLarge."""
        if content_type not in self.content_types:
            problem = self.problem(ScanProblem.UNSUPPORTED_TYPE, kind, "content_type")
            raise UnsupportedScanType(problem.message, errors=[problem])
        if size > self.max_bytes_of(kind):
            problem = self.problem(ScanProblem.TOO_LARGE, kind, "size")
            raise ScanTooLarge(problem.message, errors=[problem])

    def check_picture(self, width: int, height: int) -> ScanProblem | None:
        """What is wrong with a picture of this size in pixels."""
        if width * height > self.max_pixels:
            return ScanProblem.TOO_MANY_PIXELS
        return ScanProblem.TOO_SMALL_PICTURE if min(width, height) < self.min_shorter_side else None

    def problem(self, code: ScanProblem, kind: AttachmentKind, field: str = "file") -> FieldProblem:
        """What to tell somebody whose file has this problem."""
        return FieldProblem(field, code.value, self._message(code, kind))

    def _message(self, code: ScanProblem, kind: AttachmentKind) -> str:
        types = (name for content_type, name in TYPE_NAMES.items() if content_type in self.content_types)
        return MESSAGES[code].format(
            megabytes=f"{self.max_bytes_of(kind) / 2**20:.3g}",
            types="、".join(types),
            side=self.min_shorter_side,
            pixels=self.max_pixels // 10_000,
            pages=self.max_pages,
        )


def content_type_of(beginning: bytes) -> str | None:
    """What the first bytes of a file say it is; None for anything that is no kind of scan."""
    return next((content_type for magic, content_type in MAGIC.items() if beginning.startswith(magic)), None)
