"""What somebody is told of an integrity record about them (诚信记录通知). Texts repeat nothing of what was recorded."""

from __future__ import annotations

from jingkuai.aws.outbox import Entry, SendMessage, SendSms
from review.case import Filing

_LINK = "/me/integrity-records"


def confirmed(filing: Filing) -> list[Entry]:
    """A record stands from now on."""
    text = (
        "财政局确认了一条关于您的诚信记录。请登录系统查看内容；有异议的，请在10个工作日内向登记您信息的财政局提出，"
        "并提供证明材料。"
    )
    return [SendMessage(filing.person_id, "有一条关于您的诚信记录", text, _LINK), SendSms(filing.person_id, text)]


def not_confirmed(filing: Filing) -> list[Entry]:
    """What was looked into has ended without a record."""
    text = (
        "有关您诚信情况的核查已经结束，没有形成记录。请查看您的登记信息：原单位报告您从未任职的，登记的就业状态已改为求职，"
        "您仍在该单位工作的，请提交工作单位变更。"
    )
    return [SendMessage(filing.person_id, "诚信核查已结束", text, "/me/profile")]


def revoked(person_id: str) -> list[Entry]:
    """A record stands no longer."""
    text = "一条关于您的诚信记录已被撤销。请登录系统查看撤销的原因；登记的工作单位因此变更过的，请提交工作单位变更。"
    return [SendMessage(person_id, "一条诚信记录已撤销", text, _LINK), SendSms(person_id, text)]


def upheld(person_id: str) -> list[Entry]:
    """An objection was looked into, and the record stands."""
    text = "财政局已核实您对诚信记录提出的异议，记录予以维持。请登录系统查看答复；不服的，请携带证明材料到登记您信息的财政局办理。"
    return [SendMessage(person_id, "对诚信记录异议的答复", text, _LINK), SendSms(person_id, text)]
