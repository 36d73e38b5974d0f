"""Scans as clients announce them and see them, with or without an account."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from jingkuai.aws.files import UploadForm
from jingkuai.domain.attachment import AttachmentKind
from jingkuai.domain.problem import InvalidValue
from jingkuai.domain.scan import Announcement, Scan


class InvalidDigest(InvalidValue):
    """A checksum that is none."""

    messages: ClassVar[Mapping[str, str]] = {
        "bad_sha256": "文件校验值应为64位小写十六进制的SHA-256，请由程序对所选文件重新计算。",
    }


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


def _digest(text: str) -> str:
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise InvalidDigest("bad_sha256")
    return text


class AttachmentRequest(BaseModel):
    """A file about to be uploaded."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    kind: AttachmentKind
    filename: Annotated[str, Field(min_length=1, max_length=255)]
    content_type: Annotated[str, Field(max_length=100)]
    size: Annotated[int, Field(ge=1)]
    sha256: Annotated[str, AfterValidator(_digest)]

    def announced(self) -> Announcement:
        return Announcement(self.kind, self.filename, self.content_type, self.size, self.sha256)


class ScanUploadView(_Answer):
    """A form to upload the file with: send `fields` as they are, then the file."""

    url: str
    fields: dict[str, str]


class ScanProblemView(_Answer):
    """What is wrong with a scan, and what to do."""

    code: str
    message: str


class AttachmentView(_Answer):
    """A scan as its owner sees it. `download_url` is the file as it came, `rendering_url` a picture the right way up where
    the camera took it sideways; both are good for five minutes.
    """

    attachment_id: str
    kind: str
    filename: str
    status: str
    problems: list[ScanProblemView]
    download_url: str | None = None
    rendering_url: str | None = None

    @classmethod
    def of(cls, scan: Scan, download_url: str | None, rendering_url: str | None = None) -> Self:
        return cls(
            attachment_id=scan.attachment_id,
            kind=scan.kind,
            filename=scan.filename,
            status=scan.status,
            problems=[ScanProblemView.model_validate(dict(one)) for one in scan.problems],
            download_url=download_url,
            rendering_url=rendering_url,
        )


class AnnouncedScanView(AttachmentView):
    """A newly announced scan, with the form to upload it."""

    upload: ScanUploadView

    @classmethod
    def of_new(cls, scan: Scan, form: UploadForm) -> Self:
        seen = AttachmentView.of(scan, None)
        return cls(**seen.model_dump(), upload=ScanUploadView.model_validate(form))
