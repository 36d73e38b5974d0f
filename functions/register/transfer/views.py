"""Requests and answers of the transfer routes, as the person who moves sees them."""

from typing import Annotated, Self

from pydantic import Field

from jingkuai.aws.transfer_letters import LetterLinks
from jingkuai.domain.transfer import Route, Transfer
from jingkuai.web.transfer_views import TransferCaseView, members_of
from register.transfer.planning import Plan
from register.transfer.transfers import Wanted
from register.views import Answer, AttachmentIds, Form, Request, TimelineView

_FILE_A_CHANGE = "目标地区与登记您信息的财政局相同，不需要办理调转。请提交工作单位变更申请（employment_change）。"


class TransferRequest(Request):
    """A transfer to file. What is wrong with it is said at once, field by field."""

    to_region: Annotated[str, Field(max_length=20)]
    to_employer: Form | None = None
    employment_status: Annotated[str, Field(max_length=40)]
    position: Annotated[str | None, Field(max_length=40)] = None
    reason: Annotated[str, Field(max_length=2000)]
    start_date: Annotated[str, Field(max_length=20)]
    letter: Form | None = None
    earlier_credits: Annotated[list[Form] | None, Field(max_length=30)] = None
    attachment_ids: AttachmentIds = Field(default_factory=list)

    def wanted(self) -> Wanted:
        form = self.model_dump(exclude={"attachment_ids"}, exclude_none=True)
        return Wanted(form, self.attachment_ids)


class PapersRequest(Request):
    """The papers a bureau has asked for."""

    attachment_ids: AttachmentIds


class PlannedStepView(Answer):
    """A step that a transfer would take."""

    step: str
    who: str
    workdays: int


class PreviewView(Answer):
    """Which way a transfer would go; `message` says what to do where it is none."""

    route: str
    steps: list[PlannedStepView]
    required_attachments: list[str]
    usual_workdays: int
    message: str | None = None

    @classmethod
    def of(cls, plan: Plan) -> Self:
        return cls(
            route=plan.route.value,
            steps=[
                PlannedStepView(step=one.step.value, who=plan.who(one), workdays=one.workdays) for one in plan.steps
            ],
            required_attachments=[one.value for one in plan.papers],
            usual_workdays=plan.usual_workdays,
            message=_FILE_A_CHANGE if plan.route is Route.SAME_COUNTY else None,
        )


class LetterView(Answer):
    """The transfer letter: its number, where anybody verifies it, and its page (five minutes), once that is printed."""

    number: str
    issued_on: str
    verify_url: str
    download_url: str | None = None

    @classmethod
    def of(cls, letter: LetterLinks) -> Self:
        return cls(
            number=letter.number,
            issued_on=letter.issued_on.isoformat(),
            verify_url=letter.verify_url,
            download_url=letter.download_url,
        )


class TransferView(TransferCaseView):
    """One of my transfers, with every party, date and reason."""

    attachment_ids: list[str]
    returned_for: str | None = None
    timeline: list[TimelineView]
    letter: LetterView | None = None

    @classmethod
    def of(cls, transfer: Transfer, letter: LetterLinks | None = None) -> Self:
        return cls(
            **members_of(transfer),
            attachment_ids=list(transfer.attachment_ids),
            returned_for=transfer.returned_for,
            timeline=[TimelineView.model_validate(one) for one in transfer.timeline],
            letter=LetterView.of(letter) if letter else None,
        )
