"""Counts for dashboards and alarms (CloudWatch embedded metrics): a name and a number, nothing of a person."""

from aws_lambda_powertools.metrics import MetricUnit, single_metric


def count(name: str, value: int = 1) -> None:
    """Count something once, under this function's service name. Written at once, without a call to AWS."""
    with single_metric(name=name, unit=MetricUnit.Count, value=value):
        """Powertools writes the metric where the block ends; nothing is to be added to it."""
