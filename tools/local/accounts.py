"""The demo accounts of a local stack: who they are, and their secrets, made once for each set of data.

`open_all` runs in a process of its own (`python -m tools.local.accounts`), because it opens accounts by the identity
context's own forms and use case, with that function's own settings. Of the people of `people.json` it registers nobody.
"""

import base64
import json
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from tools.local import aws, inside, stack_file
from tools.local.place import Place
from tools.local.samples import employer_of, employers, regions

if TYPE_CHECKING:
    from identity.accounts import NewAccount
    from identity.opening import Desk
    from identity.organisations import EmployerForm, InstitutionForm
    from jingkuai.aws.tables import Item, TransactWrite

INSTITUTION_ID = "hubei-demo-training"
INSTITUTION_USCC = "52420000MJH0DEM01Q"
EMPLOYER_REGION = "420106"
SAMPLE_YEAR = 2026  # of the credit files in tests/samples, which stay importable when that year is long gone
BUREAUS = ("420000", "420100", "420106", "420500", "420502")


class AccountsLost(Exception):
    """The data holds demo accounts whose passwords are no longer known."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account to be opened; `role` and `scope` as the identity context knows them, `region` of a bureau."""

    role: str
    scope: str
    username: str
    name: str

    @property
    def is_staff(self) -> bool:
        return self.role in ("admin", "reviewer")


def demo_accounts() -> dict[str, DemoAccount]:
    """Every demo account by the name that `stack.json` gives it: a bureau for each region that somebody registers in."""
    bureaus = sorted({*BUREAUS, *regions()})
    unit = employer_of(EMPLOYER_REGION)
    return {
        "admin": DemoAccount("admin", "42", "admin", "演示管理员"),
        **{f"reviewer_{one}": DemoAccount("reviewer", _scope(one), f"reviewer.{one}", "演示审核员") for one in bureaus},
        "institution": DemoAccount("institution", INSTITUTION_ID, INSTITUTION_ID, "湖北示例会计培训中心"),
        "employer": DemoAccount("employer", unit["uscc"], "employer.chutian", "演示经办人"),
    }


def phone_of(name: str) -> str:
    """A phone number of the range that nobody is given, one for each demo account."""
    return f"1990271{list(demo_accounts()).index(name):04d}"


def _scope(region: str) -> str:
    """A bureau's scope: its region without trailing pairs of zeros."""
    while region.endswith("00"):
        region = region[:-2]
    return region


def ensure(place: Place) -> stack_file.Accounts:
    """The accounts with their secrets, opened in this stack where they are not yet. Raises AccountsLost."""
    known = stack_file.read_private(place.accounts_file) or {}
    accounts: stack_file.Accounts = {
        name: known.get(name) or _with_secrets(one) for name, one in demo_accounts().items()
    }
    stack_file.write_private(place.accounts_file, accounts)
    function = aws.client("lambda", place.endpoint)
    settings = function.get_function_configuration(FunctionName=aws.physical_id(place, "IdentityApi"))["Environment"]
    told = json.dumps({"accounts": accounts, "known": sorted(known)})
    try:
        inside.run("tools.local.accounts", told, **settings["Variables"], AWS_ENDPOINT_URL=place.endpoint)
    except inside.FailedInside as failed:
        raise AccountsLost(str(failed)) from failed
    return accounts


def _with_secrets(account: DemoAccount) -> dict[str, str]:
    made = {"username": account.username, "password": f"Jk-{secrets.token_urlsafe(12)}-7q", "scope": account.scope}
    if account.is_staff:
        made["totp_secret"] = base64.b32encode(secrets.token_bytes(20)).decode()
    return made


def open_all(accounts: Mapping[str, Mapping[str, str]], known: list[str]) -> int:
    """Open every account that is not there yet; says how many. Raises AccountsLost."""
    from identity import wiring
    from identity.accounts import UsernameTaken
    from identity.opening import open_account

    desk = wiring.desk(None, None)
    opened = 0
    for name, described in demo_accounts().items():
        secret = accounts[name]
        new, beside, writes = _described(described, phone_of(name), desk)
        new = replace(new, password=secret["password"], totp_secret=secret.get("totp_secret"))
        try:
            open_account(
                new,
                by=None,
                store=desk.store,
                sealer=desk.sealer,
                clock=desk.clock,
                new_id=desk.new_id,
                beside=beside,
                writes=writes,
            )
            opened += 1
        except UsernameTaken:
            if name not in known:
                raise AccountsLost(
                    f"{name} is in the data, its password is not in accounts.json: `make reset` begins anew"
                ) from None
    return opened


def _described(account: DemoAccount, phone: str, desk: "Desk") -> "tuple[NewAccount, list[Item], list[TransactWrite]]":
    """What the forms of the identity context make of a demo account, and what begins with it."""
    from identity.account_forms import FormReader
    from identity.organisations import read_employer, read_institution
    from identity.staff import StaffForm, read_staff
    from jingkuai.domain.regions import PROVINCE
    from jingkuai.domain.workdays import today_in_shanghai

    today = today_in_shanghai(desk.clock())
    if account.role == "institution":
        new, institution = read_institution(_institution(account, today), PROVINCE, FormReader(today))
        return new, [institution], []
    if account.role == "employer":
        begin = desk.store.accounts.organisations.begin_employer
        units = [
            begin(unit["uscc"], unit["name"], unit["region_code"], attended=unit["uscc"] == account.scope)
            for unit in employers()
        ]
        return read_employer(_employer(account, phone), desk.lookup, today), [], units
    form = StaffForm(account.username, account.name, phone, account.role, account.scope)
    return read_staff(form, desk.lookup, FormReader(today)), [], []


def _institution(account: DemoAccount, today: date) -> "InstitutionForm":
    from identity.organisations import InstitutionForm

    years_open = {today.year, today.year - 1, SAMPLE_YEAR}
    return InstitutionForm(account.scope, account.name, INSTITUTION_USCC, "19902700001", tuple(sorted(years_open)))


def _employer(account: DemoAccount, phone: str) -> "EmployerForm":
    """All of `people.json`'s units begin with the one administrator's account."""
    from identity.organisations import EmployerForm

    unit = employer_of(EMPLOYER_REGION)
    return EmployerForm(unit["uscc"], unit["name"], unit["region_code"], account.username, account.name, phone)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    try:
        print(open_all(asked["accounts"], asked["known"]))
    except AccountsLost as lost:
        sys.exit(str(lost))
