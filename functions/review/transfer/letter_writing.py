"""Writing a transfer letter (调转证明): the page is drawn, signed and put down, then shown to its holder.

Run again, it finds the page written and does nothing. A crash in between leaves a page that nobody is shown; the next run
puts its own in the same place.
"""

from collections.abc import Callable, Mapping

from jingkuai.aws.clock import Clock
from jingkuai.aws.files import Files
from jingkuai.aws.signing import Signer
from jingkuai.aws.transfer_letters import letter_file_key
from jingkuai.domain.paper_number import verify_path
from review.transfer.letter_page import LetterPage, drawn
from review.transfer.letter_store import TransferLetterStore


def write_letter(
    transfer: Mapping[str, str],
    *,
    store: TransferLetterStore,
    files: Files,
    bucket: str,
    signer: Signer,
    address_of: Callable[[str], str],
    clock: Clock,
) -> None:
    """Write the page of a completed transfer's letter, once. `address_of` makes a full address of a path of the API.

    Raises NoSuchLetter. AWS calls: 5, where it has been written 1.
    """
    unwritten = store.unwritten(transfer)
    if unwritten is None:
        return
    letter = unwritten.letter
    signature = signer.sign(letter.statement())
    page = LetterPage(
        letter=letter,
        name=unwritten.name,
        id_masked=unwritten.id_masked,
        verify_url=address_of(verify_path(letter.number)),
        signature=signature,
    )
    files.put(bucket, letter_file_key(letter.number), drawn(page), content_type="application/pdf")
    store.save_written(transfer, letter, signature=signature, key_id=signer.key_id, at=clock())
