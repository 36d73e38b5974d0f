"""Refusals: what a caller is told when something cannot be done. `web/` alone knows which HTTP status a kind has.

Problem(Exception)          an answer to the whole request, with a stable code and a Chinese text
  BadRequest Unauthenticated Forbidden NotFound Conflict TooLarge Unsupported Invalid Locked TooManyRequests
InvalidValue(ValueError)    one value that is not what its type promises; each value type has its own subclass
FieldProblem                where in a payload something is wrong: not raised, collected
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar


class Kind(Enum):
    """Families of refusals. A domain module picks one; it never thinks in HTTP statuses."""

    BAD_REQUEST = "bad_request"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    INVALID = "invalid"
    LOCKED = "locked"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong in a payload: `field` is a dotted path ("education.0.school"), `message` says what to do."""

    field: str
    code: str
    message: str

    def below(self, prefix: str) -> FieldProblem:
        """The same problem seen from the payload that holds this part under `prefix`."""
        return FieldProblem(f"{prefix}.{self.field}" if self.field else prefix, self.code, self.message)


class Problem(Exception):
    """A refusal with a name. Subclasses set the four class attributes beside the rule they speak for.
    `extra` are further members of the answer's body, `retry_after` the seconds after which trying again makes sense.
    """

    kind: ClassVar[Kind] = Kind.BAD_REQUEST
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "请求无法处理"
    detail: str = "请求的内容无法处理。请核对后重新提交。"

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldProblem] = (),
        extra: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.detail = detail or type(self).detail
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        self.retry_after = retry_after
        super().__init__(self.code)

    def __str__(self) -> str:
        """Codes only, safe in a log: a field may be a key that the caller made up."""
        codes = ", ".join(error.code for error in self.errors)
        return f"{self.code} ({codes})" if codes else self.code


class BadRequest(Problem):
    """The request cannot be read: no JSON, or a value of the wrong JSON type."""

    title = "请求格式不正确"
    detail = "请求不是有效的 JSON，或者某个值的类型不对。请对照接口说明修改后重新提交。"


class UnreadableQuery(BadRequest):
    """The same of a request that only reads."""

    title = "查询条件格式不正确"
    detail = "某个查询条件的值类型不对。请对照接口说明修改后再试。"


class Unauthenticated(Problem):
    """Nobody is signed in, or the token has ended."""

    kind = Kind.UNAUTHENTICATED
    code = "unauthenticated"
    title = "请先登录"
    detail = "您还没有登录，或者登录已经过期。请重新登录后再试，已保存的内容不会丢失。"


class Forbidden(Problem):
    """This account's role or scope does not allow the act."""

    kind = Kind.FORBIDDEN
    code = "forbidden"
    title = "没有权限"
    detail = "您的账号不能进行这项操作。如确需办理，请联系所在单位或财政局的管理员开通权限。"


class NotFound(Problem):
    """The thing does not exist, or the caller may not know that it does."""

    kind = Kind.NOT_FOUND
    code = "not_found"
    title = "没有找到"
    detail = "没有找到您要的内容，或者它不在您的管理范围内。请返回列表重新选择。"


class Conflict(Problem):
    """What is asked for does not fit what is stored; nothing was saved."""

    kind = Kind.CONFLICT
    code = "conflict"
    title = "与现有内容冲突"
    detail = "内容已被更新，您这次提交的没有保存。请刷新后核对最新内容，再重新提交。"


class TooLarge(Problem):
    """More than the registry takes at once."""

    kind = Kind.TOO_LARGE
    code = "too_large"
    title = "内容过大"
    detail = "提交的内容超过了允许的大小，没有保存。请压缩或拆分后重新提交。"


class Unsupported(Problem):
    """A content type the registry does not take."""

    kind = Kind.UNSUPPORTED
    code = "unsupported_type"
    title = "不支持的内容类型"
    detail = "不支持这种内容类型。请按说明换用支持的格式后重新提交。"


class Invalid(Problem):
    """Fields are wrong; `errors` lists every one of them, so that one round of corrections is enough."""

    kind = Kind.INVALID
    code = "invalid"
    title = "填写的内容有误"
    detail = "有内容不符合要求，没有提交。请按各项提示修改后重新提交。"


class InvalidQuery(Invalid):
    """The same of a request that only reads."""

    title = "查询条件有误"
    detail = "有查询条件不符合要求。请按各项提示修改后再试。"


class Locked(Problem):
    """The account is locked for a while after too many failures."""

    kind = Kind.LOCKED
    code = "account_locked"
    title = "账号已暂时锁定"
    detail = "连续输错次数过多，账号已暂时锁定。请稍后再试，或者通过短信验证码重设密码。"


class TooManyRequests(Problem):
    """More requests than the limit allows."""

    kind = Kind.TOO_MANY
    code = "too_many_requests"
    title = "操作过于频繁"
    detail = "操作过于频繁。请稍等片刻再试。"


class InvalidValue(ValueError):
    """A text that is not what its type promises. `message` is Chinese, says what to do and never repeats the value.
    A `ValueError`, so that pydantic collects it with the others; subclasses list their codes in `messages`.
    """

    messages: ClassVar[Mapping[str, str]] = {}

    def __init__(self, code: str, message: str | None = None) -> None:
        self.code = code
        self.message = message or self.messages[code]
        super().__init__(code, self.message)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def at(self, field: str) -> FieldProblem:
        """This refusal as the problem of a field."""
        return FieldProblem(field, self.code, self.message)
