"""Scans (扫描件) as their owner asks about them: what became of one, and where to get it."""

from jingkuai.aws.clock import Clock
from jingkuai.aws.files import Files
from jingkuai.aws.scan_store import ScanStore
from jingkuai.domain.attachment import AttachmentStatus
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import NotFound
from jingkuai.domain.scan import Scan, rendering_name


class NoSuchScan(NotFound):
    """No scan of this id is the caller's; another person's is none either."""

    title = "没有找到这份扫描件"
    detail = "没有找到这份扫描件：它可能超过7天没有提交而被清理，或者不是您上传的。请重新上传。"


def own_scan(attachment_id: str, *, by: Principal, store: ScanStore, clock: Clock) -> Scan:
    """The caller's scan as it stands. Raises NoSuchScan. AWS calls: 1."""
    scan = store.scan(attachment_id, owner=by.account_id, at=clock())
    if scan is None:
        raise NoSuchScan()
    return scan


def download_link(scan: Scan, *, files: Files, bucket: str) -> str | None:
    """Where its owner can get an accepted scan for five minutes. AWS calls: 0."""
    if scan.status is not AttachmentStatus.ACCEPTED:
        return None
    return files.download_link(bucket, scan.record_key, scan.filename)


def rendering_link(scan: Scan, *, files: Files, bucket: str) -> str | None:
    """Where its owner can get the rendering the right way up, if there is one, for five minutes. AWS calls: 0."""
    if scan.status is not AttachmentStatus.ACCEPTED or scan.rendering_key is None:
        return None
    return files.download_link(bucket, scan.rendering_key, rendering_name(scan.filename))
