"""A rule of the review changed while the registry runs, and second looks under it, with every function's own rights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.test_main_job import submission_of
from tests.e2e.test_review import decided, refused
from tests.house import House
from tools.local import aws
from tools.local.applicant import Applicant, approve
from tools.local.place import ROOT, STACK_NAME
from tools.local.waiting import eventually

COUNTY, CITY = "reviewer_420106", "reviewer_420100"
SHIPPED = json.loads((ROOT / "infra" / "policies" / "review_routes.json").read_text())
DRAWN_ALWAYS = {**SHIPPED, "version": "e2e-1", "second_look": {**SHIPPED["second_look"], "share": 1}}


@pytest.fixture(scope="module")
def drawing(house: House) -> Iterator[House]:
    """Every approval of one bureau is drawn, as soon as the functions have read the new rules: within a minute."""
    deploy(house, DRAWN_ALWAYS)
    yield house
    deploy(house, SHIPPED)


def deploy(house: House, rules: dict[str, Any]) -> None:
    """What an administrator does in the console."""
    stack, config = aws.client("cloudformation", house.aws), aws.client("appconfig", house.aws)

    def named(logical_id: str) -> str:
        found = stack.describe_stack_resource(StackName=STACK_NAME, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    profile = {"ApplicationId": named("Rules"), "ConfigurationProfileId": named("ReviewRoutes")}
    content = json.dumps(rules).encode()
    made = config.create_hosted_configuration_version(**profile, Content=content, ContentType="application/json")
    config.start_deployment(
        **profile,
        EnvironmentId=named("RulesInForce"),
        DeploymentStrategyId=named("AtOnce"),
        ConfigurationVersion=str(made["VersionNumber"]),
    )


class Drawn:
    """Somebody's approved registration and the city's task to look at it again."""

    def __init__(self, house: House) -> None:
        self.somebody, self.submission, self.look = eventually(
            lambda: self._approved(house), what="an approval that is drawn", within_s=150, every_s=1
        )

    @staticmethod
    def _approved(house: House) -> tuple[Applicant, str, str] | None:
        """One more approval; None where a function still drew by the rules before."""
        somebody = house.applicant()
        submission = somebody.submit()
        approve(house.staff(COUNTY), submission)
        assert somebody.outcome(submission) == "approved"
        listed = house.staff(CITY).get("/review/tasks?kind=second_look&limit=100")["items"]
        look = next((one["task_id"] for one in listed if one["subject_id"] == submission), None)
        return (somebody, submission, look) if look else None


def test_the_city_contradicts_and_the_county_reads_why(drawing: House) -> None:
    county, city = drawing.staff(COUNTY), drawing.staff(CITY)
    drawn = Drawn(drawing)
    page = city.get(f"/review/tasks/{drawn.look}")
    assert (page["judged"]["region_code"], page["judged"]["by_role"]) == ("420106", "reviewer")
    assert page["judged"]["account_id"] == county.get("/me")["account"]["account_id"]
    assert page["payload"]["basic"]["name"] == drawn.somebody.person["name"] and page["findings"]
    for wrong in ({"decision": "return"}, {"decision": "forward", "to_region": "420506"}):
        assert refused(lambda wrong=wrong: decided(city, drawn.look, **wrong)) == (422, "not_for_second_looks")
    assert refused(lambda: decided(county, drawn.look, "approve")) == (404, "not_found")

    city.post(f"/review/tasks/{drawn.look}/claim")
    for _ in range(2):
        assert decided(city, drawn.look, "reject")["decision"] == "reject"  # pressed twice, judged once
    assert refused(lambda: decided(city, drawn.look, "approve")) == (409, "already_decided")

    def told() -> str | None:
        links = [one["link"] for one in county.get("/me/messages?limit=100")["items"] if "抽查" in one["title"]]
        mine = [link for link in links if county.get(link)["subject_id"] == drawn.submission]
        return mine[0] if mine else None

    approval = county.get(eventually(told, what="the county's message", within_s=30))
    assert (approval["second_look"]["decision"], approval["second_look"]["reason"]) == ("reject", "请核对")
    seen = submission_of(drawn.somebody, drawn.submission)
    assert (seen["status"], seen["timeline"][-1]["event"]) == ("approved", "applied")
    assert drawn.somebody.me.get("/me/profile")["version"] == 1


def test_a_confirmation_is_counted_for_the_reviewer(drawing: House) -> None:
    county, city = drawing.staff(COUNTY), drawing.staff(CITY)
    reviewer = county.get("/me")["account"]["account_id"]

    def confirmed() -> int:
        looks = city.get("/review/statistics")["second_looks_by_reviewer"]
        return sum(one["confirmed"] for one in looks if one["account_id"] == reviewer)

    before = confirmed()
    assert decided(city, Drawn(drawing).look, "approve")["decision"] == "approve"
    eventually(lambda: confirmed() == before + 1, what="the count of second looks", within_s=60, every_s=0.3)
