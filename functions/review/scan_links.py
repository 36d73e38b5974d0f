"""Where a bureau sees a scan (扫描件): links to the file as it came and to a copy the right way up."""

from dataclasses import dataclass

from jingkuai.aws.files import Files
from jingkuai.aws.tables import Item
from jingkuai.domain.attachment import AttachmentStatus
from jingkuai.domain.scan import rendering_name


@dataclass(frozen=True, slots=True)
class ScanLink:
    """A scan and where to see it, for five minutes; no address before it was accepted.

    `rendering_url` is a copy the right way up, where the camera took the picture sideways.
    """

    attachment_id: str
    kind: str
    filename: str
    content_type: str
    status: str
    download_url: str | None
    rendering_url: str | None = None


def scan_link(scan: Item, files: Files, records: str) -> ScanLink:
    """The links of a scan that lies in the bucket `records`. AWS calls: 0."""
    accepted = scan["status"] == AttachmentStatus.ACCEPTED and "record_key" in scan
    turned = scan.get("rendering_key") if accepted else None
    return ScanLink(
        attachment_id=scan["attachment_id"],
        kind=scan["kind"],
        filename=scan["filename"],
        content_type=scan["content_type"],
        status=scan["status"],
        download_url=files.download_link(records, scan["record_key"], scan["filename"]) if accepted else None,
        rendering_url=files.download_link(records, turned, rendering_name(scan["filename"])) if turned else None,
    )
