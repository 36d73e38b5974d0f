"""Workbooks made to do harm, and odd ones that are harmless.

`python -m tests.unit.credits.hostile_workbooks FOLDER` reads every file of a folder in one process, and tells how many were
refused and read and how much memory that took.
"""

import io
import json
import resource
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import quoteattr

from credits.refusals import FileRefused
from credits.tables_as_sent import data_rows, open_table
from jingkuai.domain.credit_row import Column

MB = 1 << 20
TWO_TEXTS = "<sst><si><t>某人</t></si><si><r><t>准</t></r><r><t>则</t></r><rPh><t>zhun</t></rPh></si></sst>"
ROW = ("420106199202290011", "某人", "2026", "专业科目", "准则", "5", "2026-05-01")


def book(
    rows: str | bytes = "",
    *,
    around: tuple[str, str] = ("", ""),
    sheets: int = 1,
    method: int = zipfile.ZIP_DEFLATED,
    **parts: bytes,
) -> bytes:
    """A workbook of these rows below a heading; `parts` stand beside its own ones or in their place."""
    heading = "".join(f'<c t="inlineStr"><is><t>{one}</t></is></c>' for one in Column)
    body = rows if isinstance(rows, bytes) else rows.encode()
    sheet = f'{around[0]}<worksheet><sheetData><row r="1">{heading}</row>'.encode() + body + b"</sheetData></worksheet>"
    named = "".join(f'<sheet name="S{n}" r:id="sheet"/>' for n in range(sheets))
    relations = "".join(
        f'<Relationship Id={quoteattr(kind)} Type="x/{kind}" Target="{target}"/>'
        for kind, target in (("worksheet", "sheet.xml"), ("sharedStrings", "strings.xml"), ("styles", "/xl/styles.xml"))
    ).replace('"worksheet" Type', '"sheet" Type')
    own = {
        "xl/workbook.xml": f"<workbook><workbookPr/><sheets>{named}</sheets></workbook>".encode(),
        "xl/_rels/workbook.xml.rels": f"<Relationships>{relations}</Relationships>".encode(),
        "xl/sheet.xml": sheet + around[1].encode(),
        "xl/strings.xml": TWO_TEXTS.encode(),
        "xl/styles.xml": b'<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    }
    named_parts = {f"xl/{name.replace('_', '.').replace('..', '/')}": data for name, data in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in {**own, **named_parts}.items():
            archive.writestr(name, data)
    return out.getvalue()


def row(number: int, *more: str) -> str:
    cells = "".join(f"<c t='str'><v>{one}</v></c>" for one in ROW)
    return f'<row r="{number}">{cells}{"".join(more)}</row>'


def crowd(count: int) -> bytes:
    """A zip file of so many empty parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(count):
            archive.writestr(f"xl/media/a-long-name-of-a-picture-{'x' * 220}-{number}", b"")
    return out.getvalue()


def filled(piece: bytes, size: int) -> bytes:
    return piece * (size // len(piece))


DOCTYPE = '<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "styles of 100 MB": (lambda: book(styles_xml=filled(b"<xf/>", 100 * MB)), "too_large"),
    "styles of 20 MB": (
        lambda: book(styles_xml=b"<s><cellXfs>" + filled(b"<xf/>", 20 * MB) + b"</cellXfs></s>"),
        "too_large",
    ),
    "more styles than a program holds": (
        lambda: book(styles_xml=b"<s><cellXfs>" + filled(b"<xf/>", MB) + b"</cellXfs></s>"),
        "not_a_table",
    ),
    "shared texts of 32 MB": (
        lambda: book(strings_xml=b"<sst>" + filled(b"<si/>", 32 * MB) + b"</sst>"),
        "too_large",
    ),
    "one shared text of 10 MB": (
        lambda: book(strings_xml=b"<sst><si><t>" + filled(b"x", 10 * MB) + b"</t></si></sst>"),
        "too_large",
    ),
    "a shared text of many runs": (
        lambda: book(strings_xml=b"<sst><si>" + filled(b"<r><t>x</t></r>", MB) + b"</si></sst>"),
        "too_large",
    ),
    "a list of sheets of 20 MB": (lambda: book(workbook_xml=filled(b"<sheet/>", 20 * MB)), "too_large"),
    "more sheets than anybody fills in": (lambda: book(sheets=300), "too_large"),
    "a sheet of 32 MB": (lambda: book(filled(b"<row/>", 32 * MB)), "too_large"),
    "a cell of 10 MB": (lambda: book(row(2, "<c t='str'><v>", "x" * 10 * MB, "</v></c>")), "too_large"),
    "a row past the last": (lambda: book(row(1_048_577)), "too_large"),
    "a list of parts of 5 MB": (lambda: crowd(20_000), "too_large"),
    "a row of a million cells": (lambda: book(row(2, "<c/>" * MB)), "not_a_table"),
    "a column past the last": (lambda: book(row(2, '<c r="XFE2"><v>1</v></c>')), "not_a_table"),
    "a row that takes another one's place": (lambda: book(row(3) + row(2)), "not_a_table"),
    "two rows of one number": (lambda: book(row(2) + row(2)), "not_a_table"),
    "a document type": (lambda: book(row(2, "<c t='str'><v>&b;</v></c>"), around=(DOCTYPE, "")), "not_a_table"),
    "elements in elements": (lambda: book("<x>" * MB), "not_a_table"),
    "a name of its own for each element": (
        lambda: book("".join(f"<x{number}/>" for number in range(200_000))),
        "not_a_table",
    ),
    "a tag of 10 MB": (lambda: book(f"<x y='{'x' * 10 * MB}'/>"), "not_a_table"),
    "a remark of 10 MB": (lambda: book(f"<!--{'x' * 10 * MB}-->"), "not_a_table"),
    "an unbounded compression": (lambda: book(row(2), method=zipfile.ZIP_BZIP2), "not_a_table"),
    "a shared text that is not there": (lambda: book(row(2, '<c t="s"><v>2</v></c>')), "not_a_table"),
    "a shared text before the first": (lambda: book(row(2, '<c t="s"><v>-1</v></c>')), "not_a_table"),
    "no XML": (lambda: book("<row"), "not_a_table"),
    "no sheets": (lambda: book(sheets=0), "not_a_table"),
}
READ: dict[str, tuple[Callable[[], bytes], list[int]]] = {
    "pictures of 32 MB": (lambda: book(row(2), media__picture=bytes(32 * MB)), [2]),
    "one row at the very end": (lambda: book(row(2) + row(1_048_576)), [2, 1_048_576]),
    "a cell in the last column": (lambda: book(row(2, '<c r="XFD2"><v>1</v></c>')), [2]),
    "elements nobody knows": (lambda: book("<x/>" * 200_000 + row(2)), [2]),
    "decoration of 10 MB behind the table": (lambda: book(row(2), around=("", "<!--" + "x" * 10 * MB)), [2]),
    "rows without a number": (lambda: book(row(2).replace(' r="2"', "") * 3), [2, 3, 4]),
    "forty sheets": (lambda: book(row(2), sheets=40), [2]),
}


def honest(rows: int) -> bytes:
    """A workbook with a text of its own in every row."""
    return book("".join(row(number, f"<c/><c t='str'><v>备注{number}</v></c>") for number in range(2, rows + 2)))


def tell(folder: Path) -> dict[str, int]:
    """Read every file of a folder; how many were refused and read, and the most memory this process has ever had."""
    told = {"refused": 0, "read": 0}
    for file in sorted(folder.iterdir()):
        with file.open("rb") as sent:
            try:
                told["read"] += any(data_rows(open_table(sent, file.name)))
            except FileRefused:
                told["refused"] += 1
    return {**told, "memory": most_memory()}


def most_memory() -> int:
    """Bytes. What getrusage says includes, on Linux, what the process was before it became this program."""
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(status.read_text().partition("VmHWM:")[2].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    print(json.dumps(tell(Path(sys.argv[1]))))
