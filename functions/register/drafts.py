"""The registration form while it is filled in (草稿): saved section by section, wherever the person goes on with it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jingkuai.aws.clock import Clock
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, Invalid
from jingkuai.domain.profile_draft import check_shape, missing_in_draft
from register.records import Draft

if TYPE_CHECKING:
    from register.draft_store import DraftStore


class VersionConflict(Conflict):
    """The form was saved elsewhere meanwhile; nothing of this one was. `current` is what stands, `yours` the version that
    this one was made from.
    """

    code = "version_conflict"
    title = "草稿已在别处更新"
    detail = "这份登记表已在另一个页面或设备上保存过，您这次的修改没有保存。请对照最新内容合并后再保存。"


def save(sections: Mapping[str, Any], version: int, *, by: Principal, store: "DraftStore", clock: Clock) -> Draft:
    """Put these sections in the place of the saved ones and keep the others; a section that is null is emptied.

    Raises Invalid for what is no section or field of the form, DraftTooLarge, VersionConflict. Whether values are right
    is told when the form is submitted. AWS calls: 1, where a phone is in the form 2.
    """
    if problems := check_shape(sections):
        raise Invalid(errors=problems)
    saved = store.save(by.account_id, sections, version, at=clock())
    if saved is None:
        current = shown(store.draft(by.account_id, at=clock()))
        raise VersionConflict(extra={"current": current, "yours": version})
    return saved


def shown(draft: Draft) -> dict[str, Any]:
    """The form as its owner sees it, with what is still missing and how far it is."""
    missing, complete = missing_in_draft(draft.payload)
    return {
        "payload": dict(draft.payload),
        "version": draft.version,
        "missing": [one.to_json() for one in missing],
        "complete_percent": complete,
    }
