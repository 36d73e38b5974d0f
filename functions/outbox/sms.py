"""Short messages (短信) to a person: the phone is opened here, at the last moment, and goes nowhere else."""

from jingkuai.aws.outbox import SendSms
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.sms import SmsSender
from outbox.store import OutboxStore


def deliver(entry: SendSms, *, store: OutboxStore, sealer: Sealer, sender: SmsSender) -> None:
    """Send the text to the person's present phone, or the one the entry points to; somebody without a phone gets none.

    At least once: a crash between the provider's answer and the entry's end sends the text again. Raises SmsFailed.
    AWS calls: 3.
    """
    cipher = store.phone_cipher_of(entry)
    if cipher is not None:
        sender.send(sealer.open_member(cipher, "phone", entry.person_id), entry.text)
