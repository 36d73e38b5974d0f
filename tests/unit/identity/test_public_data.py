"""What anybody may read."""

import re

import pytest

from identity.public_data import Dictionaries, PrivacyNotice, Regions, RegionsCache, all_dictionaries, privacy_notice
from jingkuai.aws.keys import office_key

from .conftest import House


def test_the_notice_says_what_the_law_asks_for() -> None:
    notice = PrivacyNotice.model_validate_json(privacy_notice().body)
    assert notice.version == "1"
    for told in ("第十三条第一款第三项", "告知", "敏感个人信息", "保存多久", "申诉", "扫描件", "注销", "财政局"):
        assert told in notice.body_html
    assert not re.search(r"<script|on\w+=|https?:", notice.body_html)


def test_regions_show_offices_a_minute_after_they_are_entered(house: House) -> None:
    cache = RegionsCache()
    house.calls.clear()
    regions = Regions.model_validate_json(cache.get(house.store, house.clock).body)
    assert len(regions.divisions) == 117
    assert all(one.office is None for one in regions.divisions)
    house.registry.put(
        {**office_key("420106"), "v": 1, "name": "武昌区财政局会计科", "phone": "027-88936000", "address": "示例路1号"}
    )
    house.clock.pass_by(seconds=59)
    cache.get(house.store, house.clock)
    assert house.calls == ["Query", "PutItem"]
    house.clock.pass_by(seconds=1)
    regions = Regions.model_validate_json(cache.get(house.store, house.clock).body)
    wuchang = next(one for one in regions.divisions if one.code == "420106")
    assert wuchang.office is not None
    assert wuchang.office.phone == "027-88936000"
    assert wuchang.parent == "420100"


def test_places_elsewhere_name_their_province(house: House) -> None:
    regions = Regions.model_validate_json(RegionsCache().get(house.store, house.clock).body)
    places = {one.code: one for one in regions.elsewhere}
    assert places["430100"].province == "430000"
    assert places["430000"].province is None
    assert not any(code.startswith("42") for code in places)


def test_dictionaries_hold_every_coded_field() -> None:
    read = Dictionaries.model_validate_json(all_dictionaries().body).root
    assert {"id_type", "gender", "ethnicity", "political_status"} <= set(read)
    assert read["ethnicity"][0].model_dump() == {"code": "01", "name": "汉族"}


def test_a_tag_changes_with_the_content_only() -> None:
    notice = privacy_notice()
    assert notice.is_same(notice.etag)
    assert notice.is_same(f'"other", W/{notice.etag}')
    assert notice.is_same("*")
    assert not notice.is_same('"other"')
    assert not notice.is_same(None)


@pytest.mark.parametrize(
    "told",
    [
        "本单位人员的姓名和证件号码（均部分隐藏）",  # what a list of members and its workbook hold
        "写明查阅事由后，也可以打开您的档案",  # GET /review/people/{id}
        "调转证明的验证页面",  # GET /verify/{certificate_no}
    ],
)
def test_the_notice_says_who_else_sees_something(told: str) -> None:
    assert told in PrivacyNotice.model_validate_json(privacy_notice().body).body_html
