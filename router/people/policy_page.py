"""The policy as people read it: `python -m router.people.policy_page` writes the table of `README.md` anew."""

from __future__ import annotations

from pathlib import Path

from router.people.policy import POLICY, Rule, Whose

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- policy -->\n", "<!-- /policy -->\n"
_WHOSE = {
    Whose.PUBLIC: "",
    Whose.ANY: "",
    Whose.OWN: "theirs",
    Whose.SELF: "theirs alone",
    Whose.SPACE: "theirs, or their space's",
    Whose.LED: "a space that they lead",
}


def table() -> str:
    """A line for each rule, with the first of the routes that have it."""
    first: dict[Rule, str] = {}
    for route, rule in POLICY.items():
        first.setdefault(rule, route)
    lines = ["| who | scope | on what | as |", "|---|---|---|---|"]
    return "\n".join([*lines, *(_line(rule, route) for rule, route in first.items())]) + "\n"


def _line(rule: Rule, route: str) -> str:
    who = "anybody" if rule.whose is Whose.PUBLIC else "whoever has signed in"
    if rule.roles:
        who = ", ".join(sorted(rule.roles - {"admin"})) or "admin"
    scope = "" if rule.scope is None else f"`{rule.scope}`"
    return f"| {who} | {scope} | {_WHOSE[rule.whose]} | `{route}` |"


def fill(page: str) -> str:
    """`page` with the table as it is now."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + table() + END + rest.partition(END)[2]


if __name__ == "__main__":
    README.write_text(fill(README.read_text(encoding="utf-8")), encoding="utf-8")
