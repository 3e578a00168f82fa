"""Which files of the store rows name, and what people know them by."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlalchemy import RowMapping

_SHA256 = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_MAY_NAME = ("stage_outputs", "library_entries")


@dataclass
class NamedFiles:
    """`needed`: by their SHA-256, the files of pictures and of the library. `perhaps`: what is kept of unfinished jobs
    and of trainings, and what datasets name; some of it may be gone, or never have been a file."""

    needed: dict[str, str] = field(default_factory=dict)
    perhaps: dict[str, str] = field(default_factory=dict)

    def hear(self, table: str, row: RowMapping) -> None:
        """One row of a table."""
        if table == "files":
            self.needed.setdefault(row["sha256"], f"picture {row['asset_id']}, {row['rendition']}")
        elif table in _MAY_NAME:
            if table == "library_entries" and row["file"] is not None:
                self.needed.setdefault(row["file"], f"{row['kind']}/{row['id']} {row['version']}")
            name = f"job {row['job_id']}" if table == "stage_outputs" else f"{row['kind']}/{row['id']} {row['version']}"
            for value in row.values():
                for found in _SHA256.findall(value) if isinstance(value, str) else ():
                    self.perhaps.setdefault(found, name)

    def all(self) -> dict[str, tuple[str, bool]]:
        """Name, and whether it is needed, by SHA-256."""
        some = {key: (name, False) for key, name in self.perhaps.items()}
        return some | {key: (name, True) for key, name in self.needed.items()}
