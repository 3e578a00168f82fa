"""`python -m deployments.families`: print what every family can do; with `--write`, bring the README up to date."""

from __future__ import annotations

import sys

from deployments.families.matrix import README, insert, matrix
from deployments.families.registry import FAMILIES
from deployments.terminal import plain_console, run


def main(arguments: list[str]) -> int:
    """Exit code 0; 2 for arguments that are not known."""
    if arguments == ["--write"]:
        README.write_text(insert(README.read_text(encoding="utf-8"), FAMILIES.table()), encoding="utf-8")
        return 0
    if arguments:
        sys.stderr.write("usage: python -m deployments.families [--write]\n")
        return 2
    plain_console().out(matrix(FAMILIES.table()), end="")
    return 0


if __name__ == "__main__":
    sys.exit(run(lambda: main(sys.argv[1:])))
