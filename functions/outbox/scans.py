"""Keeps scans (扫描件) that something uses: without this tag the bucket removes them after seven days."""

from jingkuai.aws.files import Files
from jingkuai.aws.outbox import KeepScans

KEPT = {"kept": "yes"}


def deliver(entry: KeepScans, *, files: Files, bucket: str) -> None:
    """Tag every scan as kept; tagging again changes nothing. AWS calls: 1 a scan."""
    for key in entry.record_keys:
        files.tag(bucket, key, KEPT)
