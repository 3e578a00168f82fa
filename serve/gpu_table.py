"""The ledger as people read it before the start: who has how much of a GPU."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from configs.ledger import Entry


def gpu_table(ledger: Sequence[Entry]) -> Table:
    """One line for each deployment that uses a GPU; gigabytes are 10^9 bytes."""
    table = Table("on a GPU", "predicted", "share", "may take", "replicas", box=None, pad_edge=False)
    for heading in table.columns[1:]:
        heading.justify = "right"
    for entry in (entry for entry in ledger if entry.share):
        count = f"{entry.always} to {entry.most}" if entry.most > entry.always else str(entry.most)
        table.add_row(entry.deployment, _gb(entry.predicted_gb), f"{entry.share:g}", _gb(entry.limit_gb), count)
    return table


def _gb(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f} GB"
