"""Imports and institutions, from items and into items."""

from typing import Any

from credits.batches import Counts, FileProblem, ImportBatch, ImportStatus, Institution
from jingkuai.aws import keys
from jingkuai.aws.clock import iso, parse_iso
from jingkuai.aws.tables import Item


def item_of_batch(batch: ImportBatch) -> Item:
    """The whole item; it is on the list of what runs only while it runs."""
    shown = _shown(batch)
    running = batch.status is ImportStatus.RUNNING
    return {
        **keys.batch_key(batch.import_id),
        "v": 1,
        **shown,
        **keys.index(1, keys.imports_of(batch.institution_id), f"{shown['created_at']}#{batch.import_id}"),
        **(keys.index(2, keys.RUNNING, shown["created_at"]) if running else {}),
        **keys.card(**shown),
    }


def _shown(batch: ImportBatch) -> dict[str, Any]:
    """Everything there is to know of an import: lists show all of it."""
    members = {
        "import_id": batch.import_id,
        "institution_id": batch.institution_id,
        "filename": batch.filename,
        "year": batch.year,
        "dry_run": batch.dry_run,
        "created_at": iso(batch.created_at),
        "key": batch.key,
        "status": batch.status.value,
        "announced_by": batch.announced_by,
        "size": batch.size,
        "attempt": batch.attempt,
        "rows": {"total": batch.total, **_counts(batch.counts)},
        "chunks": batch.chunks,
        "finished_at": iso(batch.finished_at) if batch.finished_at else None,
        "problem": {"code": batch.problem.code, "message": batch.problem.message} if batch.problem else None,
        "report_key": batch.report_key,
    }
    return {name: value for name, value in members.items() if value is not None}


def batch_of(item: Item) -> ImportBatch:
    """The import behind its item or its card."""
    rows, problem, finished_at = item["rows"], item.get("problem"), item.get("finished_at")
    return ImportBatch(
        import_id=item["import_id"],
        institution_id=item["institution_id"],
        filename=item["filename"],
        year=item["year"],
        dry_run=item["dry_run"],
        created_at=parse_iso(item["created_at"]),
        key=item["key"],
        status=ImportStatus(item["status"]),
        announced_by=item.get("announced_by"),
        size=item["size"],
        attempt=item["attempt"],
        total=rows["total"],
        chunks=item["chunks"],
        counts=_counts_of(rows),
        finished_at=parse_iso(finished_at) if finished_at else None,
        problem=FileProblem(problem["code"], problem["message"]) if problem else None,
        report_key=item.get("report_key"),
    )


def item_of_chunk(import_id: str, number: int, counts: Counts) -> Item:
    return {**keys.chunk_key(import_id, number), "v": 1, **_counts(counts)}


def counts_of_chunk(item: Item) -> Counts:
    return _counts_of(item)


def _counts(counts: Counts) -> dict[str, Any]:
    return {
        "accepted": counts.accepted,
        "rejected": counts.rejected,
        "unchanged": counts.unchanged,
        "corrected": counts.corrected,
        "reasons": dict(counts.reasons),
    }


def _counts_of(members: dict[str, Any]) -> Counts:
    return Counts(
        members["accepted"], members["rejected"], members["unchanged"], members["corrected"], dict(members["reasons"])
    )


def institution_of(item: Item) -> Institution:
    corrected_at = item.get("corrected_at")
    return Institution(
        institution_id=item["institution_id"],
        name=item["name"],
        years_open=frozenset(item.get("years_open") or ()),
        lease=item.get("lease"),
        queue=tuple(item.get("queue") or ()),
        corrected_at=parse_iso(corrected_at) if corrected_at else None,
    )
