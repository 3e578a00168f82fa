"""Reports as lines of a table."""

from __future__ import annotations

from rich.table import Table

from router.capacity.simulation.records import Use
from router.capacity.simulation.report import Report

COLUMNS = ("GPU-h", "{currency}", "in time", "p50 s", "p95 s", "cold", "drawing")
"""Hours and money of a month; jobs that waited no longer than they may; waits; jobs that waited for a start or a load;
the share of the hours in which pictures are drawn."""


def add_columns(table: Table, currency: str) -> None:
    for column in COLUMNS:
        table.add_column(column.format(currency=currency), justify="right")


def cells(report: Report, dollars: float) -> tuple[str, ...]:
    """In the order of `COLUMNS`; spreads are over the seeds."""
    hours = sum(report.use.values()) or 1.0
    attained = report.attained
    spread = f" ({100 * attained.low:.0f}-{100 * attained.high:.0f})" if attained.low != attained.high else ""
    return (
        report.gpu_hours.text(),
        f"{dollars:,.2f}" if dollars < 100 else f"{dollars:,.0f}",
        f"{100 * attained.mean:.1f} %{spread}",
        f"{report.p50.mean:.0f}",
        f"{report.p95.mean:.0f}",
        f"{100 * report.cold.mean:.0f} %",
        f"{100 * report.use.get(Use.DRAW, 0.0) / hours:.0f} %",
    )
