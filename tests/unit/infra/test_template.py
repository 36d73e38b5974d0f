"""The house rules that only the whole template can break: cycles, rights, what is shipped, keys, buckets, partitions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any

import pytest

from jingkuai.aws import keys
from tests.cloud import ROOT, template
from tests.transformed import as_list, of_type, references, resources, statements, text_of

FUNCTIONS = {name: one for name, one in template()["Resources"].items() if one["Type"] == "AWS::Serverless::Function"}
MACHINES = {
    name: one for name, one in template()["Resources"].items() if one["Type"] == "AWS::Serverless::StateMachine"
}


def role_of(logical_id: str) -> dict[str, Any]:
    """The role the transform made for a function or state machine."""
    found: dict[str, Any] = resources()[f"{logical_id}Role"]["Properties"]
    return found


def allowed(role: Mapping[str, Any], action: str) -> list[Any]:
    """The resources on which a role may do an action."""
    granted = [one for one in statements(dict(role)) if action in as_list(one["Action"])]
    return [resource for one in granted for resource in as_list(one.get("Resource", one.get("NotResource")))]


@pytest.mark.parametrize("region", ["us-east-1", "cn-northwest-1"])
def test_no_resource_waits_for_itself(region: str) -> None:
    known = resources(region)
    graph = {
        name: {
            other
            for other in [*references(one.get("Properties", {})), *as_list(one.get("DependsOn", []))]
            if other in known
        }
        for name, one in known.items()
    }
    list(TopologicalSorter(graph).static_order())  # raises CycleError with the cycle


def test_only_the_outbox_knows_the_state_machines() -> None:
    knowing = {name for name in FUNCTIONS if set(references(resources()[name]["Properties"])) & set(MACHINES)}
    assert knowing == {"Outbox"}
    for name in set(FUNCTIONS) - {"Outbox"}:
        assert not allowed(role_of(name), "states:StartExecution")
        assert not allowed(role_of(name), "states:SendTaskSuccess")


@pytest.mark.parametrize("machine", sorted(MACHINES))
def test_a_machines_role_covers_all_its_definition_calls(machine: str) -> None:
    """The emulator does not enforce a state machine's role, so a forgotten right would show on AWS only."""
    declared = MACHINES[machine]["Properties"]
    substitutions = declared["DefinitionSubstitutions"]
    definition = (ROOT / declared["DefinitionUri"]).read_text()
    callable_ids = {
        as_list(argument["GetAtt"])[0].partition(".")[0] for argument in substitutions.values() if "GetAtt" in argument
    }
    for name in substitutions:
        assert "${" + name + "}" in definition, f"{name} is handed over and never used"
    granted = text_of(allowed(role_of(machine), "lambda:InvokeFunction"))
    for logical_id in callable_ids:
        assert logical_id in granted
    if '"DISTRIBUTED"' in definition:
        own = declared["Name"]["Sub"].removeprefix("${AWS::StackName}")
        assert own in text_of(allowed(role_of(machine), "states:StartExecution"))
        assert own in text_of(allowed(role_of(machine), "states:DescribeExecution"))
        assert own in text_of(allowed(role_of(machine), "states:StopExecution"))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_ships_the_functions_folder_and_nothing_else(name: str) -> None:
    assert FUNCTIONS[name]["Properties"]["CodeUri"] == "functions/"
    assert "CodeUri" not in template()["Globals"]["Function"]


def test_the_functions_folder_holds_packages_and_their_texts_only() -> None:
    shipped = [path for path in (ROOT / "functions").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {path.suffix for path in shipped} <= {".py", ".html", ".txt", ".typed"}, sorted(
        path.name for path in shipped
    )
    contexts = {path.name for path in (ROOT / "functions").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert contexts == {"identity", "register", "review", "credits", "notices", "outbox", "projections"}
    for path in shipped:
        assert path.stat().st_size < 200_000, f"{path} is heavy for every cold start"


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_resource_policy_stays_small(name: str) -> None:
    granted = [one for one in of_type("AWS::Lambda::Permission").values() if name in references(one["FunctionName"])]
    assert len(text_of(granted)) < 15_000
    assert sum("Api" in references(one.get("SourceArn", "")) for one in granted) <= 1


# beside identity and the authorizer: which members of an account each may change, and what for
NAMED_ACTS = {
    "RegisterApi": {"epoch", "suspended"},  # closes an account at its holder's wish
    "ReviewApi": {"frozen_by"},  # freezes a disputed account at a claim, lets it go with a rejection
    # ends sessions in Apply, lets a disputed account go or closes it, shows a new name
    "ReviewTasks": {"frozen_by", "epoch", "suspended", "name_masked", "kept_epoch", "kept_since"},
}


def test_only_identity_and_the_authorizer_reach_credentials_and_others_for_named_acts() -> None:
    reaching = {name for name in FUNCTIONS if "Identity" in references(statements(role_of(name)))}
    assert reaching == {"IdentityApi", "Authorizer", *NAMED_ACTS}
    for name, members in NAMED_ACTS.items():
        acts = [one for one in statements(role_of(name)) if "Identity" in references(one.get("Resource", ""))]
        (act,) = [
            one for one in acts if not _uses_codes(one) and not _reads_colleagues(one) and not _lists_colleagues(one)
        ]
        assert as_list(act["Action"]) == ["dynamodb:UpdateItem"]
        assert act["Condition"]["ForAllValues:StringLike"] == {"dynamodb:LeadingKeys": "A#*"}
        (attributes,) = act["Condition"]["ForAllValues:StringEquals"].values()
        assert set(attributes) == {"pk", "sk", *members}


def test_beside_identity_only_the_register_uses_up_codes() -> None:
    using = {name for name in FUNCTIONS if any(map(_uses_codes, statements(role_of(name))))}
    assert using == {"RegisterApi"}


def test_only_the_bureaus_api_reads_colleagues_and_no_code() -> None:
    reading = {name: one for name in FUNCTIONS for one in statements(role_of(name)) if _reads_colleagues(one)}
    assert set(reading) == {"ReviewApi"}
    allowed = reading["ReviewApi"]["Condition"]["ForAllValues:StringLike"]
    assert allowed == {"dynamodb:LeadingKeys": ["A#*", "U#*"]}


def test_the_bureaus_api_lists_the_staff_and_nobody_else_of_the_accounts() -> None:
    listing = {name: one for name in FUNCTIONS for one in statements(role_of(name)) if _lists_colleagues(one)}
    assert set(listing) == {"ReviewApi"}
    assert listing["ReviewApi"]["Resource"] == {"Fn::Sub": "${Identity.Arn}/index/gsi1"}
    assert listing["ReviewApi"]["Condition"] == {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": keys.STAFF}}


def _lists_colleagues(statement: Mapping[str, Any]) -> bool:
    return statement.get("Sid") == "ListColleagues" and as_list(statement["Action"]) == ["dynamodb:Query"]


def _reads_colleagues(statement: Mapping[str, Any]) -> bool:
    return statement.get("Sid") == "ReadColleagues" and set(as_list(statement["Action"])) <= {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
    }


def _uses_codes(statement: Mapping[str, Any]) -> bool:
    keys_it_may_touch: object = (
        statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
    )
    return keys_it_may_touch == "OTP#*"


def test_exactly_two_consumers_read_the_stream_and_both_filter() -> None:
    mappings = of_type("AWS::Lambda::EventSourceMapping")
    readers = {as_list(list(references(one["FunctionName"])))[0] for one in mappings.values()}
    assert readers == {"Outbox", "Projections"}
    for one in mappings.values():
        for given in one["FilterCriteria"]["Filters"]:
            pattern = json.loads(given["Pattern"])
            assert "REMOVE" not in pattern["eventName"], "what TTL removes is no news"


@pytest.mark.parametrize("name", ["Identity", "Registry"])
def test_a_table_is_encrypted_backed_up_and_kept(name: str) -> None:
    table = resources()[name]
    properties = table["Properties"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert properties["SSESpecification"]["SSEType"] == "KMS"
    assert "DataKey" in references(properties["SSESpecification"])
    assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    for index in properties["GlobalSecondaryIndexes"]:
        assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["card", "v"]}


def test_credentials_have_one_index_and_no_stream_and_the_registry_three() -> None:
    identity, registry = (resources()[name]["Properties"] for name in ("Identity", "Registry"))
    assert [one["IndexName"] for one in identity["GlobalSecondaryIndexes"]] == ["gsi1"]
    assert "StreamSpecification" not in identity
    assert [one["IndexName"] for one in registry["GlobalSecondaryIndexes"]] == ["gsi1", "gsi2", "gsi3"]


@pytest.mark.parametrize("name", sorted(of_type("AWS::S3::Bucket")))
def test_a_bucket_is_private_encrypted_and_tidied(name: str) -> None:
    bucket = resources()[name]
    properties = bucket["Properties"]
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BucketKeyEnabled"] is True
    assert "DataKey" in references(rule)
    assert properties["LifecycleConfiguration"]["Rules"]
    notified = set(properties.get("NotificationConfiguration", {}))
    assert notified <= {"EventBridgeConfiguration"}, "S3 speaks only through EventBridge: anything else is a cycle"


def test_every_stage_but_the_emulators_speaks_tls_only() -> None:
    assert template()["Conditions"]["IsCloud"] == {"Not": [{"Equals": [{"Ref": "Stage"}, "local"]}]}
    for name in of_type("AWS::S3::Bucket"):
        (policy,) = [
            one
            for one in resources().values()
            if one["Type"] == "AWS::S3::BucketPolicy" and name in references(one["Properties"]["Bucket"])
        ]
        (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
        assert policy["Condition"] == "IsCloud"
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert len(statement["Resource"]) == 2


def test_the_versioned_bucket_forgets_scans_nobody_submitted() -> None:
    rules = resources()["RecordsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (unkept,) = [one for one in rules if "TagFilters" in one]
    assert unkept["TagFilters"] == [{"Key": "kept", "Value": "no"}] and unkept["ExpirationInDays"] == 7
    assert unkept["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}, "else the bytes live on for a quarter"
    uploads = resources()["UploadsBucket"]["Properties"]
    assert "VersioningConfiguration" not in uploads, "what is removed there is gone"
    assert [one["ExpirationInDays"] for one in uploads["LifecycleConfiguration"]["Rules"]] == [7]
    assert resources()["RecordsBucket"]["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}


def test_copies_for_people_go_after_a_week_with_all_their_versions() -> None:
    rules = resources()["RecordsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (copies,) = [one for one in rules if one.get("Prefix") == "exports/"]
    assert (copies["ExpirationInDays"], copies["NoncurrentVersionExpiration"]["NoncurrentDays"]) == (7, 1)


def test_letters_are_written_by_their_step_and_read_by_their_holders_links() -> None:
    def reaching(action: str) -> set[str]:
        return {name for name in FUNCTIONS if "/letters/*" in text_of(allowed(role_of(name), action))}

    assert reaching("s3:PutObject") == {"ReviewTasks"}
    assert reaching("s3:GetObject") == {"RegisterApi"}
    assert text_of(allowed(role_of("ReviewTasks"), "s3:PutObject")).count("/*") == 1, "letters, and nothing else"


def test_a_step_knows_where_people_reach_the_api_without_a_request() -> None:
    address = resources()["ReviewTasks"]["Properties"]["Environment"]["Variables"]["PUBLIC_BASE_URL"]
    condition, of_the_gateway, configured = address["Fn::If"]
    assert template()["Conditions"][condition] == {"Equals": [{"Ref": "PublicBaseUrl"}, ""]}
    assert configured == {"Ref": "PublicBaseUrl"}
    assert {"Sub": of_the_gateway["Fn::Sub"]} == template()["Outputs"]["ApiUrl"]["Value"]


def test_the_data_key_admits_the_account_through_tables_and_files_only() -> None:
    key = resources()["DataKey"]
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert key["Properties"]["EnableKeyRotation"] is True
    through = next(
        one for one in key["Properties"]["KeyPolicy"]["Statement"] if one["Sid"] == "AccountThroughDynamoDBAndS3"
    )
    services = through["Condition"]["StringEquals"]["kms:ViaService"]
    assert [one["Fn::Sub"].partition(".")[0] for one in services] == ["dynamodb", "s3"]
    assert through["Condition"]["StringEquals"]["kms:CallerAccount"] == {"Ref": "AWS::AccountId"}
    assert "kms:*" not in as_list(through["Action"])


@pytest.mark.parametrize("name", ["TokenKey", "CertificateKey"])
def test_a_signing_key_signs_and_stays(name: str) -> None:
    key = resources()[name]
    assert key["Properties"]["KeySpec"] == "ECC_NIST_P256"
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")


ALARMED = {
    ("Parked", "outbox"),
    ("Parked", "review-tasks"),
    ("Parked", "credits-import"),
    ("Parked", "register-tasks"),
    ("CountFailed", "projections"),
}


def test_what_a_person_must_look_at_sets_off_an_alarm_under_the_name_it_is_counted_by() -> None:
    alarms = of_type("AWS::CloudWatch::Alarm").values()
    assert {(one["MetricName"], one["Dimensions"][0]["Value"]) for one in alarms} == ALARMED
    services = {
        one["Environment"]["Variables"].get("POWERTOOLS_SERVICE_NAME")
        for one in of_type("AWS::Lambda::Function").values()
    }
    assert {service for _, service in ALARMED} <= services
    assert {one["Namespace"] for one in alarms} == {"Jingkuai"}


def test_nothing_names_a_partition_or_an_endpoint() -> None:
    written = "\n".join((ROOT / "template.yaml").read_text().splitlines())
    for text in ("arn:aws:", "arn:aws-cn:", "amazonaws.com.cn"):
        assert text not in written
    for path in (ROOT / "infra" / "workflows").glob("*.json"):
        assert "arn:aws" not in path.read_text()


def test_no_right_is_given_on_everything_without_a_reason() -> None:
    """`Resource: "*"` stands only where AWS knows no narrower form; the template says why beside it."""
    open_ended = {
        (name, action)
        for name in [*FUNCTIONS, *MACHINES]
        for one in statements(role_of(name))
        if "*" in as_list(one.get("Resource", ""))
        for action in as_list(one["Action"])
    }
    assert {action.partition(":")[0] for _, action in open_ended} <= {"states", "logs"}
    assert {action for _, action in open_ended if action.startswith("states:")} == {
        "states:SendTaskSuccess",
        "states:SendTaskFailure",
    }
