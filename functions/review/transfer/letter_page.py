"""The page of a transfer letter (调转证明): one A4 sheet for the bureau that somebody moves to."""

from dataclasses import dataclass
from typing import Final

from jingkuai.aws.printed_page import PrintedPage
from jingkuai.domain.regions import bureau_in_full, elsewhere_in_full
from jingkuai.domain.transfer_letter import TransferLetter
from jingkuai.domain.workdays import in_words

_NOTES: Final = (
    "本人再调入湖北省后，本证明即告失效，请以核验结果为准。",
    "本证明反映本系统的记录，不作为从业许可。",
)


@dataclass(frozen=True, slots=True)
class LetterPage:
    """What the page says. The ID number is masked here as well: whoever takes the letter looks at the card itself."""

    letter: TransferLetter
    name: str
    id_masked: str
    verify_url: str
    signature: bytes


def drawn(page: LetterPage) -> bytes:
    """The page as a PDF."""
    letter, bureau = page.letter, bureau_in_full(page.letter.from_region)
    day, place = in_words(letter.issued_on), elsewhere_in_full(letter.to_region)
    sheet = PrintedPage("湖北省会计人员调转证明")
    sheet.number(52, letter.number)
    sheet.facts(
        76,
        (
            ("姓名", page.name),
            ("身份证件号码", page.id_masked),
            ("调出地管理机构", bureau),
            ("调往地区", place),
            ("出具日期", day),
        ),
    )
    sheet.paragraph(
        144,
        f"上述会计人员已由{bureau}同意调出，其在湖北省的会计人员信息自{day}起按调出封存，不再变更。"
        f"请{place}财政部门予以接收，并按当地规定办理信息采集。",
        13,
    )
    sheet.paragraph(174, "本人在湖北省取得的继续教育学分不随本证明转移，凭《继续教育合格证明》核验。", 13)
    sheet.verification(208, page.verify_url, _NOTES, page.signature)
    return sheet.as_pdf()
