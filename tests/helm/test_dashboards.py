"""Dashboards and rules ask for nothing that a studio does not report, and say what they show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest

from configs.metrics import Kind
from helm.observe.__main__ import files
from helm.observe.alerts import ALERTS
from helm.observe.boards import BOARDS
from helm.observe.recording import RECORDINGS
from serve.metrics import TABLE

RECORDED = {one.record for one in RECORDINGS}
ADDED = {"__name__", "le"}
EXPRESSIONS = {
    **{one.record: one.expr for one in RECORDINGS},
    **{one.name: one.expr for one in ALERTS},
    **{
        f"{board.uid}: {panel.title} {number}": query.expr
        for board in BOARDS
        for panel in board.panels
        for number, query in enumerate(panel.queries)
    },
}
PANELS = [
    (document["uid"], panel)
    for path, text in files().items()
    if path.suffix == ".json"
    for document in [json.loads(text)]
    for panel in document["panels"]
]


def parsed(expression: str) -> Any:
    """As Prometheus would, with the words that Grafana puts in."""
    return promql_parser.parse(expression.replace("$__rate_interval", "5m"))


def series_names(row: str) -> set[str]:
    """What is scraped of a row of the table."""
    return {f"{row}_{part}" for part in ("bucket", "sum", "count")} if TABLE[row].kind is Kind.HISTOGRAM else {row}


REPORTED = {series: TABLE[row] for row in TABLE for series in series_names(row)}


def selectors(expression: str) -> Iterator[Any]:
    found: list[Any] = []

    def visit(node: Any) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        return True

    promql_parser.walk(parsed(expression), visit)
    return iter(found)


def grouped(expression: str) -> set[str]:
    """Labels that are summed by."""
    found: set[str] = set()

    def visit(node: Any) -> bool:
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier is not None:
            found.update(node.modifier.labels)
        return True

    promql_parser.walk(parsed(expression), visit)
    return found


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_it_asks_for_what_is_reported_by_labels_that_it_has(name: str) -> None:
    expression, known = EXPRESSIONS[name], set[str]()
    for selector in selectors(expression):
        assert selector.name in REPORTED or selector.name in RECORDED, selector.name
        asked = {matcher.name for matcher in selector.matchers.matchers}
        if selector.name in REPORTED:
            labels = {*REPORTED[selector.name].tags, *ADDED}
            assert asked <= labels, (selector.name, asked - labels)
            known |= labels
        else:
            source = next(one for one in RECORDINGS if one.record == selector.name)
            assert asked <= grouped(source.expr), (selector.name, asked)
            known |= grouped(source.expr)
    assert grouped(expression) <= known


def test_a_promised_wait_is_the_bound_of_a_bucket() -> None:
    assert 30.0 in TABLE["atelier_job_wait_seconds"].buckets


def test_every_recorded_series_is_asked_for() -> None:
    asked = {selector.name for expression in EXPRESSIONS.values() for selector in selectors(expression)}
    kept = {"atelier:backlog_seconds:sum", "atelier:start_seconds:p90"}  # for people and other autoscalers
    assert {
        name for name in RECORDED - asked if not name.startswith(("atelier:wait_good", "atelier:jobs_failed"))
    } == kept


@pytest.mark.parametrize(("uid", "panel"), PANELS, ids=[f"{uid}: {panel['title']}" for uid, panel in PANELS])
def test_a_panel_says_what_it_shows_in_which_unit_and_from_where(uid: str, panel: dict[str, Any]) -> None:
    assert panel["description"]
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"]["uid"] == "${datasource}"
    assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}


def test_dashboards_have_uids_of_their_own_that_never_change() -> None:
    assert [board.uid for board in BOARDS] == ["atelier-studio", "atelier-capacity", "atelier-engine", "atelier-cost"]
    for path, text in files().items():
        if path.suffix == ".json":
            ids = [panel["id"] for panel in json.loads(text)["panels"]]
            assert ids == list(range(1, len(ids) + 1))


def test_what_lies_in_the_chart_is_what_this_makes() -> None:
    for path, text in files().items():
        assert path.read_text() == text, f"{path.name}: run python -m helm.observe"
