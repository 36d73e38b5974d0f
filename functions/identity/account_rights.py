"""Who administers whose account (账号管理权限): the province's admins all of them, a city's reviewers those of their region."""

from identity.account_store import ListedAccount
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.problem import Forbidden, NotFound

_CITY = 4  # leading digits
_OPENED_BY_A_CITY = (Role.REVIEWER, Role.INSTITUTION, Role.EMPLOYER)


class OwnAccount(Forbidden):
    """Nobody resets or re-scopes the account they act with: a stolen session would be enough to take it over."""

    code = "own_account"
    title = "不能调整自己的账号"
    detail = (
        "不能重置或调整自己正在使用的账号，没有改动。请由另一位管理员办理；自己修改密码的，在登录时填写新密码即可。"
    )


def require_administrator(by: Principal) -> None:
    """Raises Forbidden for anybody but an admin and a city's reviewer; a county opens no accounts."""
    if by.role is Role.ADMIN or (by.role is Role.REVIEWER and len(by.scope) == _CITY):
        return
    raise Forbidden()


def require_may_open(by: Principal, role: Role, region_code: str) -> None:
    """Raises Forbidden where this account would stand above or beside what the caller administers."""
    require_administrator(by)
    if by.role is not Role.ADMIN and (role not in _OPENED_BY_A_CITY or not by.covers(region_code)):
        raise Forbidden()


def require_may_change(by: Principal, listed: ListedAccount) -> None:
    """Raises NotFound outside the caller's region, Forbidden for an account that only the province changes."""
    require_administrator(by)
    if not by.covers(listed.region_code):
        raise NotFound()
    if by.role is not Role.ADMIN and listed.account.role not in _OPENED_BY_A_CITY:
        raise Forbidden()
