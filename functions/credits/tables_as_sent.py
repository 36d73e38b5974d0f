"""A credit file as it was sent, whatever its form: its heading, its rows of text, numbered as a spreadsheet shows them."""

from collections.abc import Iterator
from typing import IO, TypeAlias

from credits.refusals import MOST_ROWS, EmptyFile, FileTooLarge, NotATable
from credits.sent_rows import SentRow
from credits.text_tables import TextTable, open_text
from credits.workbooks import Workbook, open_workbook

SentTable: TypeAlias = TextTable | Workbook

_ZIP = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"  # .xls, also .xlsx with a password
_WORKBOOK_NAME = ".xlsx"


def open_table(file: IO[bytes], filename: str) -> SentTable:
    """The table in a file. Raises FileRefused: not_a_table, missing_column, empty_file, too_large.

    The name and the bytes have to agree: a workbook under the name of a CSV was renamed, not saved as one.
    """
    file.seek(0)
    start = file.read(4)
    named_workbook = filename.lower().endswith(_WORKBOOK_NAME)
    if start == _OLD_WORKBOOK:
        raise NotATable("这是旧版 .xls 或加了密码的工作簿，无法读取。请取消密码并另存为 .xlsx 后重新上传。")
    if start == _ZIP and not named_workbook:
        raise NotATable(
            "这是 Excel 工作簿（或压缩包），文件名却不是 .xlsx：只改文件名不会改变内容。"
            "请把文件名改回 .xlsx，或用表格软件另存为“CSV（逗号分隔）”后重新上传。"
        )
    if named_workbook and start and start != _ZIP:
        raise NotATable("文件名是 .xlsx，内容却不是 Excel 工作簿。请用表格软件打开后另存为 .xlsx，再重新上传。")
    return open_workbook(file) if start == _ZIP else open_text(file)


def data_rows(table: SentTable) -> Iterator[SentRow]:
    """The rows of data, cells in the order of `Column`: no title, heading or blank rows.

    Raises EmptyFile where there is none, FileTooLarge beyond the limit, NotATable at a broken row.
    """
    count, pick = 0, table.heading.picker()
    for row in table.rows():
        if row.number <= table.heading.row or not any(cell.strip() for cell in row.cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise FileTooLarge()
        yield SentRow(row.number, pick(row.cells), row.is_broken)
    if count == 0:
        raise EmptyFile()
