"""Mailboxes (收件箱) of those who are no single account: a bureau, a unit. Whoever acts for them reads them beside their own."""

from jingkuai.domain.principal import Principal, Role, region_of


def bureau_mailbox(region_code: str) -> str:
    """Where a bureau is told something, as an account's id would stand."""
    return f"B:{region_code}"


def unit_mailbox(uscc: str) -> str:
    """Where a unit is told something."""
    return f"E:{uscc}"


def shared_mailbox(reader: Principal) -> str | None:
    """The mailbox that an account reads beside its own: a reviewer their bureau's, a unit's administrator the unit's."""
    match reader.role:
        case Role.REVIEWER:
            return bureau_mailbox(region_of(reader.scope))
        case Role.EMPLOYER:
            return unit_mailbox(reader.scope)
        case _:
            return None
