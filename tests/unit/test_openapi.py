"""`docs/openapi.json` is what the handlers say, and it is OpenAPI 3.1."""

import json
from pathlib import Path

import pytest
from aws_lambda_powertools.event_handler.openapi import swagger_ui

from tests.cloud import Cloud
from tools import openapi


def test_the_description_is_current(cloud: Cloud) -> None:
    assert openapi.TARGET.read_text() == openapi.text(), "run `make openapi`"


def test_every_reference_leads_somewhere_and_every_name_is_used_once() -> None:
    text = openapi.TARGET.read_text()
    described = json.loads(text)
    named = {part.partition('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert named == set(described["components"]["schemas"])
    operations = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert len(operations) == len(set(operations))


def test_what_is_created_is_documented_as_created() -> None:
    paths = json.loads(openapi.TARGET.read_text())["paths"]
    assert "201" in paths["/me/submissions"]["post"]["responses"]
    assert "202" in paths["/auth/otp"]["post"]["responses"]
    assert "204" in paths["/auth/logout"]["post"]["responses"]


@pytest.mark.parametrize("path", sorted(json.loads(openapi.TARGET.read_text())["paths"]))
def test_every_operation_says_what_it_does_and_for_whom(path: str) -> None:
    for operation in json.loads(openapi.TARGET.read_text())["paths"][path].values():
        assert operation["summary"]
        assert "Who: " in operation["description"]
        assert "4XX" in operation["responses"]


def test_the_page_holds_its_viewer_and_the_description() -> None:
    viewer = Path(str(swagger_ui.__file__)).parent
    page = openapi.page(json.loads(openapi.TARGET.read_text()), viewer)
    assert "SwaggerUIBundle" in page
    assert "/me/credits/{year}/certificate" in page
    assert "//cdn" not in page
