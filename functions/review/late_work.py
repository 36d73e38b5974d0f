"""A word to the bureaus in the morning (超期提醒): how much of theirs is late, and how much of those they stand above."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from jingkuai.aws.mailboxes import bureau_mailbox
from jingkuai.aws.outbox import SendMessage
from jingkuai.domain.regions import Divisions, bureau_name

NAMED: Final = 5  # bureaus below that a message names; their inboxes show the rest
_LINK: Final = "/review/tasks?state=overdue"


def reminders(late: Mapping[str, int], divisions: Divisions) -> Iterator[tuple[str, SendMessage]]:
    """One message for each bureau that has late tasks, or stands directly above one that has; `late` says how many."""
    below: dict[str, dict[str, int]] = defaultdict(dict)
    for owner, count in late.items():
        if count and (above := divisions.bureau_above(owner)):
            below[above][owner] = count
    for region in sorted({*(one for one, count in late.items() if count), *below}):
        yield region, _reminder(region, late.get(region, 0), below.get(region, {}))


def _reminder(region: str, own: int, below: Mapping[str, int]) -> SendMessage:
    told, link = [], _LINK
    if own:
        told.append(f"贵局有{own}件审核任务已超过办理期限，请尽快办理。")
    if below:
        most = sorted(below, key=lambda one: (-below[one], one))
        named = "、".join(f"{bureau_name(one)}{below[one]}件" for one in most[:NAMED])
        rest = "等" if len(most) > NAMED else ""
        told.append(f"所辖财政局有{sum(below.values())}件已超期：{named}{rest}。请督促办理。")
        link = _LINK if own else f"{_LINK}&region={most[0]}"
    return SendMessage(bureau_mailbox(region), "审核任务超期提醒", "".join(told), link)
