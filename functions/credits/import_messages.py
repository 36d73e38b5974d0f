"""What the institution is told of its imports (站内消息): how each ended, in words that say what is left to do."""

from credits.batches import ImportBatch
from jingkuai.aws.outbox import SendMessage


def end_message(batch: ImportBatch, account_id: str) -> SendMessage:
    """What the institution reads of an import that has ended."""
    link, counts = f"/institution/imports/{batch.import_id}", batch.counts
    if batch.problem:
        return SendMessage(account_id, "学分文件没有导入", batch.problem.message, link)
    kind = "（试运行，未记入）" if batch.dry_run else ""
    body = f"共{batch.total}行：记入{counts.accepted}行，未变{counts.unchanged}行，退回{counts.rejected}行。"
    if counts.rejected:
        body += "退回的原因请下载结果报告查看，更正后只需再报一次。"
    return SendMessage(account_id, f"学分文件已处理{kind}", body, link)
