"""Why opening a file ends at once: it is no scan, or opening it further would take too much."""

from jingkuai.domain.attachment import ScanProblem


class BadScan(Exception):
    """The bytes are no readable scan (扫描件) of the form announced; `problem` says why."""

    def __init__(self, problem: ScanProblem) -> None:
        self.problem = problem
        super().__init__(problem.value)
