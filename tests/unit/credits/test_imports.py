"""What an import does to ledgers: once, again, corrected, tried out, interrupted."""

import csv
import io

import pytest

from credits.batches import ImportStatus
from credits.loading import load_chunk
from credits.places import result_key
from jingkuai.aws.lookup import lookup_key
from jingkuai.domain.credit_rules import NotCounted
from tests.unit.credits.desk import RULES, TRAINING, CreditsDesk, Somebody, table


@pytest.fixture
def lin(desk: CreditsDesk) -> Somebody:
    return desk.somebody()


def earned(desk: CreditsDesk, one: Somebody, year: int = 2026) -> float:
    return float(desk.year(one, year).earned.total)


def test_the_rows_of_a_file_become_entries_of_their_year(desk: CreditsDesk, lin: Somebody) -> None:
    batch = desk.imported(
        table([lin.row("准则", "2.5"), lin.row("税法", "0.1"), lin.row("旧课", "7", year="2025")]).encode()
    )
    assert (batch.status, batch.total, batch.counts.accepted) == (ImportStatus.SUCCEEDED, 3, 3)
    assert (earned(desk, lin), earned(desk, lin, 2025)) == (2.6, 7)
    (entry,) = [one.entry for one in desk.year(lin).entries if one.entry.course == "准则"]
    assert (entry.source_name, entry.history[0].import_id) == (f"湖北示例培训中心{TRAINING}", batch.import_id)


def test_each_reason_is_counted_and_told_in_the_report(desk: CreditsDesk, lin: Somebody) -> None:
    pending, stranger = desk.somebody(approved=False), Somebody("", "42050219801231888X", "某人")
    rows = [
        lin.row("好", "2.5"),
        lin.row("错名", name="张冠李"),
        pending.row("未批"),
        stranger.row("无人"),
        lin.row("好", "2.5", note="又一次"),
        lin.row("好", "4"),
        lin.row("两处", "999", done="2025-05-01"),
    ]
    batch = desk.imported(table(rows).encode())
    assert batch.counts.reasons == {
        "name_mismatch": 1,
        "not_registered": 2,
        "duplicate_in_file": 1,
        "conflict_in_file": 1,
        "credits_out_of_range": 1,
        "date_not_in_year": 1,
    }
    assert (batch.status, batch.counts.accepted, batch.counts.rejected, batch.counts.unchanged) == (
        ImportStatus.PARTLY,
        1,
        5,
        1,
    )
    told = desk.report_rows(batch)
    assert [told[line]["结果"] for line in range(2, 9)] == ["已记入", *["未通过"] * 3, "无变化", *["未通过"] * 2]
    assert "第2行" in told[6]["原因"] and "第2行" in told[7]["原因"]
    assert told[5]["原因"].startswith("系统中没有这个证件号码")
    assert "超出范围" in told[8]["原因"] and "不在2026年度内" in told[8]["原因"]


def test_nothing_taken_is_a_failed_import_with_a_report(desk: CreditsDesk, lin: Somebody) -> None:
    batch = desk.imported(table([lin.row("准则", "-1")]).encode())
    assert (batch.status, batch.problem) == (ImportStatus.FAILED, None)
    assert batch.report_key is not None


def test_the_same_rows_in_another_file_are_unchanged(desk: CreditsDesk, lin: Somebody) -> None:
    rows = [lin.row("准则", "20", no="C1"), lin.row("税法", "15.5")]
    first = desk.imported(table(rows).encode())
    before = desk.year(lin)
    other = [[*row[:6], "2026/5/1", *row[7:]] for row in reversed(rows)]
    again = desk.imported(table(other, separator=";").encode("utf-8-sig"), "另一份.csv")
    assert (again.status, again.counts.unchanged, again.counts.reasons) == (ImportStatus.SUCCEEDED, 2, {})
    assert desk.year(lin) == before
    assert {one.entry.history[-1].import_id for one in before.entries} == {first.import_id}
    report = list(csv.reader(io.StringIO(desk.report_text(again, "utf-8-sig")), delimiter=";"))
    assert [row[1] for row in report[1:]] == ["无变化"] * 2 and report[1][2]


def test_a_later_row_of_a_course_corrects_the_earlier_and_both_stay_readable(desk: CreditsDesk, lin: Somebody) -> None:
    desk.imported(table([lin.row("准则", "20", no="C1")]).encode())
    recorded_at = desk.year(lin).entries[0].entry.recorded_at
    batch = desk.imported(table([lin.row("准则（修订）", "12.5", no="C1")]).encode(), "更正.csv")
    assert batch.counts.accepted == 1
    (entry,) = [one.entry for one in desk.year(lin).entries]
    assert (float(entry.credits), entry.course, entry.recorded_at) == (12.5, "准则（修订）", recorded_at)
    assert [(float(version.credits), version.course) for version in entry.history] == [
        (20, "准则"),
        (12.5, "准则（修订）"),
    ]


def test_one_course_of_two_institutions_counts_once(desk: CreditsDesk, lin: Somebody) -> None:
    other = desk.institution("other-training")
    desk.imported(table([lin.row("收入准则", "10")]).encode())
    batch = desk.imported(table([lin.row("收入准则", "8", done="2026-07-08")]).encode(), by=other)
    assert batch.counts.accepted == 1
    assert [one.reason for one in desk.year(lin).entries] == [None, NotCounted.COUNTED_ONCE]
    assert earned(desk, lin) == 10


def test_an_institution_reports_only_for_years_open_to_it(desk: CreditsDesk, lin: Somebody) -> None:
    other = desk.institution("other-training", years=[2025])
    batch = desk.imported(table([lin.row("准则"), lin.row("旧课", year="2025")]).encode(), by=other)
    assert (batch.counts.accepted, batch.counts.reasons) == (1, {"year_not_open": 1})


def test_a_dry_run_reports_everything_and_writes_nothing(desk: CreditsDesk, lin: Somebody) -> None:
    data = table([lin.row("准则"), lin.row("税法", "abc")]).encode()
    tried = desk.imported(data, dry_run=True)
    assert (tried.status, tried.counts.accepted, tried.counts.rejected) == (ImportStatus.PARTLY, 1, 1)
    assert len(desk.report_rows(tried)) == 2 and earned(desk, lin) == 0
    good = table([lin.row("准则")]).encode()
    assert desk.imported(good, dry_run=True).status is ImportStatus.SUCCEEDED
    assert desk.imported(good).counts.accepted == 1, "a dry run does not make the file known"


def test_a_file_whose_rows_all_stand_is_known_and_the_earlier_import_named(desk: CreditsDesk, lin: Somebody) -> None:
    data = table([lin.row("准则"), lin.row("税法")]).encode()
    first = desk.imported(data, "年终.csv")
    again = desk.imported(data, "年终 (2).csv")
    assert again.status is ImportStatus.FAILED and again.problem is not None
    assert (
        again.problem.code == "already_imported"
        and "年终.csv" in again.problem.message
        and first.import_id in again.problem.message
    )


def test_a_file_with_a_rejected_row_runs_again(desk: CreditsDesk, lin: Somebody) -> None:
    late = desk.somebody(approved=False)
    data = table([lin.row("准则"), late.row("准则")]).encode()
    assert desk.imported(data).counts.reasons == {"not_registered": 1}
    desk.somebody(late.id_number)  # approved meanwhile
    again = desk.imported(data)
    assert (again.counts.accepted, again.counts.unchanged) == (1, 1)


def test_a_file_whose_rows_were_corrected_since_runs_again(desk: CreditsDesk, lin: Somebody) -> None:
    data = table([lin.row("准则", "20")]).encode()
    desk.imported(data)
    desk.imported(table([lin.row("准则", "12.5")]).encode())
    again = desk.imported(data)
    assert (again.status, again.counts.accepted) == (ImportStatus.SUCCEEDED, 1)
    assert earned(desk, lin) == 20


def test_a_chunk_loaded_again_comes_to_the_same(desk: CreditsDesk, lin: Somebody) -> None:
    desk.imported(table([lin.row("旧", "3"), lin.row("改", "3")]).encode())
    import_id = desk.send(
        table(
            [lin.row("新", "4"), lin.row("旧", "3"), lin.row("改", "6"), lin.row("新", "4"), lin.row("错", "0")]
        ).encode()
    )
    (chunk,) = desk.prepare(import_id)
    desk.load(import_id, chunk)
    result, year = desk.files.get("records", result_key(import_id, 1)), desk.year(lin)
    desk.load(import_id, chunk)
    assert desk.files.get("records", result_key(import_id, 1)) == result
    assert desk.year(lin) == year
    desk.report(import_id)
    counts = desk.batch(import_id).counts
    assert (counts.accepted, counts.unchanged, counts.rejected, counts.corrected) == (2, 2, 1, 1)


def test_progress_is_the_sum_of_the_chunks_done_so_far(desk: CreditsDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("credits.chunks.ROWS_A_CHUNK", 2)
    people = [desk.somebody() for _ in range(6)]
    import_id = desk.send(table([one.row(f"课{n}") for n in range(4) for one in people]).encode())
    chunks = desk.prepare(import_id)
    assert len(chunks) > 2
    seen = []
    for chunk in chunks:
        desk.load(import_id, chunk)
        progress = desk.imports.progress(import_id)
        assert progress is not None and progress.total == 24
        seen.append(progress.counts.done)
    assert seen == sorted(seen) and seen[-1] == 24
    desk.report(import_id)
    assert [int(line) for line in desk.report_rows(desk.batch(import_id))] == list(range(2, 26))


def test_nothing_of_the_senders_file_stays_in_the_uploads_bucket(desk: CreditsDesk, lin: Somebody) -> None:
    batch = desk.imported(table([lin.row("准则")]).encode())
    assert desk.stored("uploads") == []
    assert desk.stored("records") == [result_key(batch.import_id, 1), batch.report_key]


def test_what_is_put_under_the_key_later_is_not_what_is_reported_on(desk: CreditsDesk, lin: Somebody) -> None:
    import_id = desk.send(table([lin.row("准则")]).encode())
    (chunk,) = desk.prepare(import_id)
    desk.arrive(desk.batch(import_id).key, table([lin.row("换掉")]).encode(), sequencer="2")
    desk.load(import_id, chunk)
    desk.report(import_id)
    assert [row["课程名称"] for row in desk.report_rows(desk.batch(import_id)).values()] == ["准则"]


def test_a_thousand_rows_cost_at_most_sixty_calls(desk: CreditsDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [desk.somebody() for _ in range(100)]
    import_id = desk.send(table([one.row(f"课{n}") for n in range(10) for one in people]).encode())
    monkeypatch.setattr("credits.chunks.MOST_CHUNKS", 1)
    (chunk,) = desk.prepare(import_id)
    with desk.costing(
        1 + 1 + 1 + 1 + 10 + 1 + 40 + 1 + 1
    ):  # batch, chunk, lease, claims of 100 people, entries, lease, writes, result twice
        load_chunk(
            import_id,
            chunk,
            imports=desk.imports,
            ledger=desk.ledger,
            places=desk.places,
            rules=RULES,
            lookup=lookup_key(),
            clock=desk.clock,
        )


def test_the_institution_hears_of_the_end(desk: CreditsDesk, lin: Somebody) -> None:
    batch = desk.imported(table([lin.row("准则"), lin.row("错", "0")]).encode())
    (message,) = [one["detail"] for one in desk.outbox("SendMessage")]
    assert message["account_id"] == desk.trainer.account_id
    assert "共2行：记入1行，未变0行，退回1行" in message["body"] and batch.import_id in message["link"]
