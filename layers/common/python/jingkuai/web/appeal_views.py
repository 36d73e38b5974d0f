"""Appeals as they come in: from somebody with a proven phone, or typed by a reviewer at the counter."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from jingkuai.aws.appeal_filing import Filed
from jingkuai.domain.appeal import LONGEST_STATEMENT, AppealForm

# Told as missing together with everything else that is wrong, hence no requirement of pydantic's own.
Typed = Annotated[str, Field(default="", max_length=200)]
_FIELDS: list[JsonValue] = ["id_number", "name", "phone", "kind", "statement", "region_code", "attachment_ids"]


class CounterAppealRequest(BaseModel):
    """An appeal filed at the counter. `kind` is `id_number_taken` or `phone_changed`."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, json_schema_extra={"required": _FIELDS})

    id_number: Typed
    name: Typed
    phone: Typed
    kind: Typed
    statement: Annotated[str, Field(default="", max_length=4 * LONGEST_STATEMENT)]
    region_code: Typed
    attachment_ids: Annotated[list[Annotated[str, Field(max_length=64)]], Field(default_factory=list, max_length=20)]

    def form(self) -> AppealForm:
        return AppealForm(**self.model_dump(include=set(AppealForm.__annotations__)))


class AppealRequest(CounterAppealRequest):
    """An appeal of somebody who cannot sign in, with the code sent to their phone."""

    model_config = ConfigDict(json_schema_extra={"required": [*_FIELDS, "otp"]})

    otp: Typed


class FiledAppealView(BaseModel):
    """What to keep: `query_code` shows how the appeal stands, and is told nowhere else."""

    appeal_id: str
    query_code: str

    @classmethod
    def of(cls, filed: Filed) -> Self:
        return cls(appeal_id=filed.appeal_id, query_code=filed.query_code)
