"""A disputed account (争议账号): while a bureau looks into an appeal about it, nobody signs in to it or changes anything."""

from jingkuai.domain.problem import Locked
from jingkuai.domain.regions import bureau_name


class AccountFrozen(Locked):
    """A bureau has taken up an appeal about this account's ID number; it opens again, or closes, with the decision."""

    code = "account_frozen"
    title = "账号处于申诉核实期间"
    detail = (
        "该账号的证件号码有人提出申诉，财政局正在核实，办结之前不能登录，也不能变更信息。如有疑问，请联系办理的财政局。"
    )

    @classmethod
    def by(cls, bureau: str) -> "AccountFrozen":
        """The refusal that names the bureau (a region code) to be asked."""
        name = bureau_name(bureau)
        return AccountFrozen(
            f"该账号的证件号码有人提出申诉，{name}正在核实，办结之前不能登录，也不能变更信息。"
            f"如果您是本人，请携带身份证件联系{name}。"
        )
