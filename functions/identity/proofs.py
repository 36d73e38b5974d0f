"""What somebody proved to sign in, and what of it is used up or renewed in the transaction that opens the session."""

from dataclasses import dataclass

from jingkuai.aws.tables import TransactWrite


@dataclass(frozen=True, slots=True)
class Proof:
    """How an account was opened: by password with or without a second factor, or by a code on the phone.

    `rehashed` is the same password at today's cost, `renewed_hash` a new one, which ends every other session. `after_lock`
    says that this is the first that came in after a lock.
    """

    totp_step: int | None = None
    recovery_hash: str | None = None
    rehashed: str | None = None
    renewed_hash: str | None = None
    code: TransactWrite | None = None
    after_lock: bool = False

    @property
    def told(self) -> dict[str, str | bool]:
        """What the audit keeps of it."""
        told: dict[str, str | bool] = {"way": "code" if self.code else "password"}
        if self.totp_step is not None or self.recovery_hash is not None:
            told["second_factor"] = "totp" if self.recovery_hash is None else "recovery_code"
        if self.renewed_hash:
            told["password_renewed"] = True
        if self.after_lock:
            told["unlocked"] = True
        return told
