"""The page of a certificate (合格证明): one A4 sheet with everything a reader needs and the address that verifies it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from jingkuai.aws.printed_page import PrintedPage
from jingkuai.domain.certificate import Certificate
from jingkuai.domain.credit_rules import YearCredits, as_number
from jingkuai.domain.regions import bureau_in_full
from jingkuai.domain.workdays import in_words

_NOTES: Final = (
    "学分发生变化后本证明可能被替换或失效，请以核验结果为准。",
    "本证明反映本系统的记录，不作为从业许可。",
)


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """What the page says. The ID number is masked here as well: the page is shown to others."""

    certificate: Certificate
    name: str
    id_masked: str
    region_code: str
    credits: YearCredits
    issued_on: date
    verify_url: str
    signature: bytes


def drawn(page: CertificatePage) -> bytes:
    """The page as a PDF."""
    year = page.credits.rules.year
    sheet = PrintedPage("湖北省会计人员继续教育合格证明")
    sheet.write(50, f"（{year}年度）", 16, align="C")
    sheet.number(62, page.certificate.certificate_no)
    sheet.facts(
        82,
        (
            ("姓名", page.name),
            ("身份证件号码", page.id_masked),
            ("管理机构", bureau_in_full(page.region_code)),
            ("出具日期", in_words(page.issued_on)),
        ),
    )
    sheet.write(134, f"上述人员{year}年度继续教育学分已达到规定要求，特此证明。", 13)
    sheet.table(150, _credits(page.credits), widths=(60.0, 50.0, 50.0))
    sheet.verification(208, page.verify_url, _NOTES, page.signature)
    return sheet.as_pdf()


def _credits(credits: YearCredits) -> Sequence[Sequence[str]]:
    rules, earned = credits.rules, credits.earned
    return (
        ("科目类别", "要求学分", "取得学分"),
        ("专业科目", _shown(rules.required_professional), _shown(earned.professional)),
        ("公需科目", "—", _shown(earned.public)),
        ("合计", _shown(rules.required_total), _shown(earned.total)),
    )


def _shown(credits: Decimal) -> str:
    return str(as_number(credits))
