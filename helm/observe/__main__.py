"""Write the chart's dashboards and rules; with `--check`, say whether those that are there are fresh."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from helm.observe.alerts import ALERTS, Alert
from helm.observe.boards import BOARDS
from helm.observe.recording import RECORDINGS

CHART = Path(__file__).parents[1] / "atelier"
_HEADER = "# Written by `python -m helm.observe`.\n"


def files() -> dict[Path, str]:
    """What is to lie in the chart, by path."""
    boards = {CHART / "dashboards" / f"{one.uid}.json": _json(one.document()) for one in BOARDS}
    groups = {"recording": [one.document() for one in RECORDINGS], "alerts": [_alert(one) for one in ALERTS]}
    rules = {CHART / "rules" / f"{name}.yaml": _yaml(name, group) for name, group in groups.items()}
    return boards | rules


def _alert(alert: Alert) -> dict[str, Any]:
    uid, title = alert.panel
    board = next(one for one in BOARDS if one.uid == uid)
    return alert.document(board.panel_id(title))


def _json(document: object) -> str:
    return JSONEncoder(sort_keys=True, indent=2).encode(document) + "\n"


def _yaml(name: str, rules: list[dict[str, Any]]) -> str:
    document = {"groups": [{"name": f"atelier-{name}", "interval": "30s", "rules": rules}]}
    return _HEADER + yaml.safe_dump(document, sort_keys=False, width=1000, allow_unicode=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m helm.observe", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is not as it would be")
    check = parser.parse_args().check
    wanted = files()
    there = {path for folder in ("dashboards", "rules") for path in (CHART / folder).glob("*.*")}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    stale += sorted(there - wanted.keys())
    if check and stale:
        sys.exit(f"{', '.join(path.name for path in stale)}: not as helm/observe says; run python -m helm.observe")
    if not check:
        for path in there - wanted.keys():
            path.unlink()
        for path, text in wanted.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)


if __name__ == "__main__":
    main()
