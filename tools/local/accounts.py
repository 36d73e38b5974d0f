"""The demo accounts of a local stack: who they are, and their secrets, made once for each set of data.

`open_all` runs in a process of its own (`python -m tools.local.accounts`), because it opens accounts by the identity
context's own use case and with that function's own settings. Of the people of `people.json` it registers nobody.
"""

import base64
import json
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.local import aws, inside, stack_file
from tools.local.place import Place
from tools.local.samples import employer_of, employers, regions

INSTITUTION_ID = "hubei-demo-training"
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
        "employer": DemoAccount("employer", unit["uscc"], "employer.chutian", unit["name"]),
    }


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
    from identity.accounts import NewAccount, UsernameTaken, open_account
    from identity.store import IdentityStore
    from jingkuai.aws import clients
    from jingkuai.aws.clock import utc_now
    from jingkuai.aws.ids import uuid7
    from jingkuai.aws.sealing import Sealer
    from jingkuai.aws.settings import settings
    from jingkuai.aws.tables import Table
    from jingkuai.domain.principal import Role

    mine = settings()
    store = IdentityStore(
        Table(clients.dynamodb(), mine.identity_table), Table(clients.dynamodb(), mine.registry_table)
    )
    sealer = Sealer(clients.kms(), mine.data_key_id)
    opened = 0
    for name, described in demo_accounts().items():
        secret = accounts[name]
        new = NewAccount(Role(described.role), described.scope, described.username, described.name,
                         password=secret["password"], totp_secret=secret.get("totp_secret"))  # fmt: skip
        try:
            open_account(
                new, by=None, store=store, sealer=sealer, clock=utc_now, new_id=uuid7, beside=_beside(described)
            )
            opened += 1
        except UsernameTaken:
            if name not in known:
                raise AccountsLost(
                    f"{name} is in the data, its password is not in accounts.json: `make reset` begins anew"
                ) from None
    return opened


def _beside(account: DemoAccount) -> list[dict[str, Any]]:
    """The institution or unit that begins with its account; all of `people.json`'s units begin with the employer's."""
    if account.role == "institution":
        return [_institution(account)]
    return [_employer(unit) for unit in employers()] if account.role == "employer" else []


def _institution(account: DemoAccount) -> dict[str, Any]:
    from jingkuai.aws import keys
    from jingkuai.aws.clock import utc_now
    from jingkuai.domain.workdays import shanghai_year

    this_year = shanghai_year(utc_now())
    shown = {"institution_id": account.scope, "name": account.name, "contact_phone": "19902700001",
             "years_open": sorted({this_year, this_year - 1, SAMPLE_YEAR}, reverse=True)}  # fmt: skip
    return {
        **keys.institution_key(account.scope), "v": 1, **shown, "uscc": "52420000MJH0DEM01Q", "queue": [],
        **keys.index(1, keys.INSTITUTIONS, account.scope), **keys.card(**shown),
    }  # fmt: skip


def _employer(unit: Mapping[str, str]) -> dict[str, Any]:
    from jingkuai.aws import keys

    shown = {"uscc": unit["uscc"], "name": unit["name"], "region_code": unit["region_code"]}
    place = f"{unit['region_code']}#{unit['uscc']}"
    return {
        **keys.employer_key(unit["uscc"]),
        "v": 1,
        **shown,
        **keys.index(1, keys.EMPLOYERS, place),
        **keys.card(**shown),
    }


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    try:
        print(open_all(asked["accounts"], asked["known"]))
    except AccountsLost as lost:
        sys.exit(str(lost))
