"""What became of the rows of a chunk, as stored beside the report: read by the report, and by a revocation later."""

from collections.abc import Iterator

from credits.batches import RowOutcome
from credits.packed_lines import Packed, unpacked
from jingkuai.domain.credit_row import RowCode, RowProblem, RowResult


class PackedOutcomes:
    """Outcomes in the order of the file, packed as they come."""

    def __init__(self) -> None:
        self._packed = Packed()

    def add(self, outcome: RowOutcome) -> None:
        problems = [[problem.code.value, problem.message] for problem in outcome.problems]
        self._packed.add([outcome.number, outcome.result.value, problems, outcome.person_id, outcome.entry])

    def body(self) -> bytes:
        return self._packed.body()


def outcomes_of(body: bytes) -> Iterator[RowOutcome]:
    """The outcomes in a stored object."""
    for number, result, problems, person_id, entry in unpacked(body):
        told = tuple(RowProblem(RowCode(code), message) for code, message in problems)
        yield RowOutcome(number, RowResult(result), told, person_id, entry)
