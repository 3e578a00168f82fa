"""A panel as we say it, and as Grafana does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog import builder as cog
from grafana_foundation_sdk.models.common import LegendDisplayMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import (
    Dashboard,
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
)
from grafana_foundation_sdk.models.dashboard import (
    Panel as GrafanaPanel,
)

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
HEIGHT, WIDE, NARROW = 8, 12, 6


@dataclass(frozen=True, slots=True)
class Query:
    """`legend` may name labels: `{{model}}`."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart; `now` shows one figure instead. `description` says what to make of it, `unit` is Grafana's word."""

    title: str
    description: str
    unit: str
    queries: tuple[Query, ...]
    now: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard. `uid` never changes: links name it."""

    uid: str
    title: str
    description: str
    panels: tuple[Panel, ...]

    def panel_id(self, title: str) -> int:
        """Of a panel of it, from 1. Raises ValueError."""
        return [one.title for one in self.panels].index(title) + 1

    def document(self) -> Dashboard:
        """As Grafana reads it."""
        made = (
            dashboard.Dashboard(self.title)
            .uid(self.uid)
            .description(self.description)
            .tags(["atelier"])
            .timezone("browser")
            .tooltip(DashboardCursorSync.CROSSHAIR)
            .time("now-6h", "now")
            .refresh("30s")
            .readonly()
            .with_variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
            .link(dashboard.DashboardLink("Atelier").type(DashboardLinkType.DASHBOARDS).tags(["atelier"]))
        )
        for number, panel in enumerate(self.panels, start=1):
            made.with_panel(_panel(panel, number))
        return made.build()


def _panel(panel: Panel, number: int) -> cog.Builder[GrafanaPanel]:
    made: Any = stat.Panel() if panel.now else timeseries.Panel()
    made.id(number).title(panel.title).description(panel.description).unit(panel.unit).datasource(SOURCE)
    made.height(HEIGHT).span(NARROW if panel.now else WIDE)
    if not panel.now:
        made.min(0).fill_opacity(8).line_width(1.5)
        legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
        made.legend(legend.show_legend(True))
    for position, query in enumerate(panel.queries):
        asked = prometheus.Dataquery().expr(query.expr).legend_format(query.legend or "__auto")
        made.with_target(asked.ref_id(chr(ord("A") + position)).datasource(SOURCE))
    ready: cog.Builder[GrafanaPanel] = made
    return ready
