"""The first admin of a new deployment (首位管理员), opened by command: there is nobody yet who could open the account."""

from dataclasses import replace

from identity.account_forms import FormReader
from identity.invitations import new_invitation
from identity.opening import Desk, Opened, Together, open_by_invitation
from identity.staff import StaffForm, read_staff
from jingkuai.aws.tables import Cancelled
from jingkuai.domain.principal import Role, scope_of
from jingkuai.domain.problem import Conflict
from jingkuai.domain.regions import PROVINCE
from jingkuai.domain.workdays import today_in_shanghai


class AdminExists(Conflict):
    """The deployment has had an admin; accounts are opened by admins from then on."""

    code = "admin_exists"
    title = "已经有管理员"
    detail = "该系统已经开通过管理员，没有新建。请由现有管理员开通其他账号。"


def open_first_admin(username: str, name: str, phone: str, desk: Desk) -> Opened:
    """Open the one account that nobody opens, whatever the race.

    Raises Invalid with every problem at once, AdminExists. AWS calls: 1.
    """
    form = StaffForm(username, name, phone, Role.ADMIN, scope_of(PROVINCE))
    new = read_staff(form, desk.lookup, FormReader(today_in_shanghai(desk.clock())))
    account_id = desk.new_id(desk.clock())
    first = Together(desk.store.accounts.admins.first(account_id), AdminExists())
    return open_by_invitation(replace(new, account_id=account_id), desk, together=[first])


def renew_first_invitation(desk: Desk) -> Opened:
    """Another link for the first admin, whose own was lost or too late; only until an admin has taken up the account.

    Raises AdminExists. AWS calls: 3.
    """
    accounts, now = desk.store.accounts, desk.clock()
    account_id = accounts.admins.first_id()
    listed = accounts.listed(account_id) if account_id else None
    if listed is None:
        raise AdminExists()
    invitation = new_invitation(desk.lookup, desk.random, now)
    after = replace(listed.account, password_hash=None, password_set_at=None, invitation_hash=invitation.hash)
    writes = [
        accounts.admins.nobody_acts(),
        accounts.invite(invitation.hash, after.account_id, after.role, after.scope, invitation.expires_at),
    ]
    try:
        renewed = accounts.change(
            listed,
            after,
            listed.card,
            by=None,
            at=now,
            new_id=desk.new_id,
            actions=["invited_again"],
            writes=writes,
        )
    except Cancelled as cancelled:
        raise AdminExists() from cancelled
    if not renewed:
        raise AdminExists()
    return Opened(listed.account.account_id, str(listed.account.username), invitation.token)
