"""What is data about units (用人单位规则): `infra/policies/employer_rules.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class EmployerRules:
    """The rule set `employer_rules`."""

    invitations_a_day: int
    invited_for: timedelta
    members_in_a_sheet: int

    @classmethod
    def from_policy(cls, policy: Mapping[str, Any]) -> Self:
        """The rules of an `employer_rules` rule set. Raises KeyError, TypeError or ValueError where it is not one."""
        rules = cls(
            int(policy["invitations_a_day"]),
            timedelta(days=int(policy["invitation_days"])),
            int(policy["members_in_a_sheet"]),
        )
        if rules.invitations_a_day < 1 or rules.invited_for < timedelta(days=1) or rules.members_in_a_sheet < 1:
            raise ValueError("no invitation, no time, or an empty sheet")
        return rules
