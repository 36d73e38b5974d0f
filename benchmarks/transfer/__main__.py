"""`python -m benchmarks.transfer`: a transfer's states against the definition and a real execution, its calls counted in memory."""

import tempfile
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from benchmarks.credit_rows.__main__ import machine
from benchmarks.executions import in_history
from benchmarks.transfer import calls, transitions
from tests import people
from tests.api.registry import opened
from tests.house import House
from tools.local import aws
from tools.local.applicant import approve
from tools.local.stack import Stack
from tools.local.waiting import eventually

PORT = 4698
ROUTES = {
    "same_city": ["acceptance"],
    "between_cities": ["release", "acceptance"],
    "out_of_province": ["release"],
    "into_province": ["acceptance"],
}
AWAY = "out_of_province"


def really_entered(house: House) -> list[str]:
    """The states of a transfer out of the province that has just been held on the stack."""
    somebody = house.accountant(people.person())
    bureau = house.staff(f"reviewer_{somebody.person['region_code']}")
    form = {"employment_status": "seeking", "reason": "家庭原因", "start_date": "2026-12-01"}
    proofs = somebody.scanned("transfer_proof")
    filed = somebody.me.post("/me/transfers", {**form, "to_region": calls.CHANGSHA, "attachment_ids": proofs})
    path = f"/me/transfers/{filed['transfer_id']}"
    approve(bureau, filed["transfer_id"])
    review_arn = str(house.described["state_machines"]["review"])
    execution = review_arn.replace(":stateMachine:", ":execution:").removesuffix("review") + (
        f"transfer:{filed['transfer_id']}.1"
    )
    client = aws.client("stepfunctions", house.aws)

    def written() -> bool:
        return (
            "letter" in somebody.me.get(path)
            and client.describe_execution(executionArn=execution)["status"] == "SUCCEEDED"
        )

    eventually(written, what="the end of a transfer", within_s=90, every_s=0.5)
    return in_history(client, execution)


def show_states() -> None:
    print("\n| a transfer | states entered | least | times the least |")
    print("| --- | ---: | ---: | ---: |")
    for route, steps in ROUTES.items():
        leaves = route == AWAY
        for title, of_steps in ((route, steps), (f"{route}, of somebody with a unit", ["employer", *steps])):
            if route == "into_province" and of_steps is not steps:
                continue  # nobody is left there
            states, least = (
                transitions.completed(of_steps, leaves=leaves),
                transitions.least(of_steps, leaves=leaves),
            )
            print(f"| {title} | {len(states)} | {least} | {len(states) / least:.1f} |")
    steps = ROUTES["between_cities"]
    states, least = transitions.papers_once(steps), transitions.least(steps) + 2
    print(f"| between_cities, papers asked for once | {len(states)} | {least} | {len(states) / least:.1f} |")


def show_calls() -> None:
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()), opened() as registry:  # the handlers' logs
        found = {route: move() for route, move in calls.cases(registry).items()}
    print("\n| the steps of a transfer | steps run | AWS calls | least | times the least |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for route, steps in found.items():
        assert steps.times("open_task") == len(ROUTES[route]), route
        least = calls.least(ROUTES[route], leaves=route == AWAY)
        print(f"| {route} | {len(steps.made)} | {steps.calls} | {least} | {steps.calls / least:.1f} |")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="jingkuai-bench-") as home, Stack.start(PORT, Path(home)) as described:
        entered = really_entered(House(described))
    assert entered == transitions.completed(ROUTES[AWAY], leaves=True), entered
    show_states()
    print(f"\nA real execution of {AWAY} entered the same {len(entered)} states.")
    show_calls()
    print(f"\n{machine()}.")


if __name__ == "__main__":
    main()
