"""Reasons for a return as they are shown and entered."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from review.return_reasons import ReasonList, ReturnReason


class ReturnReasonView(BaseModel):
    """A reason for a return, as the applicant will read it; those of the bureau itself have no code."""

    code: str | None
    text: str

    @classmethod
    def of(cls, reason: ReturnReason) -> ReturnReasonView:
        return cls(code=reason.code, text=reason.text)


class ReturnReasonsRequest(BaseModel):
    """A bureau's own reasons, made from this version of the list."""

    model_config = ConfigDict(extra="ignore")

    reasons: Annotated[list[Annotated[str, Field(max_length=1000)]], Field(max_length=200)]
    version: Annotated[int, Field(ge=0, le=10**9)]


class ReturnReasonsView(BaseModel):
    """All there is to pick from; `version` is that of the bureau's own part."""

    reasons: list[ReturnReasonView]
    version: int

    @classmethod
    def of(cls, kept: ReasonList) -> ReturnReasonsView:
        return cls(reasons=[ReturnReasonView.of(one) for one in kept.reasons], version=kept.version)
