"""How people, scrapers and the operator reach the studio, and nobody else."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from configs.chart.fields import ChartValue, Labels, ObjectName

Host = Annotated[str, StringConstraints(pattern=r"^([a-z0-9*]([a-z0-9.-]*[a-z0-9])?)?$")]


class Ingress(ChartValue):
    """An Ingress; the annotations are nginx's, for streams that stay open."""

    enabled: bool = False
    class_name: ObjectName = "nginx"
    host: Host = ""
    tls_secret: ObjectName = Field(default="", description="with the certificate; plain HTTP if empty")
    annotations: Labels = Field(
        default={
            "nginx.ingress.kubernetes.io/proxy-buffering": "off",
            "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
            "nginx.ingress.kubernetes.io/proxy-body-size": "2g",
        }
    )


class Gateway(ChartValue):
    """A route of the Gateway API, on a Gateway that is there."""

    enabled: bool = False
    name: ObjectName = Field(default="", description="of the Gateway")
    namespace: ObjectName = Field(default="", description="of the Gateway; the release's if empty")
    section: ObjectName = Field(default="", description="the listener; any if empty")
    host: Host = ""


class NetworkPolicy(ChartValue):
    """Who may reach the pods, and where they may go."""

    enabled: bool = True
    operator_namespace: ObjectName = Field(default="kuberay-system", description="else updates never end")
    entrance_namespace: ObjectName = Field(default="ingress-nginx", description="of the ingress or the gateway")
    monitoring_namespace: ObjectName = "monitoring"
    egress_ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = Field(
        default=(443, 5432, 6379, 6380, 6443), description="HTTPS, PostgreSQL, Redis, the API server"
    )
    egress_cidr: str = Field(default="0.0.0.0/0", pattern=r"^[0-9a-f.:]+/[0-9]{1,3}$")


class Monitoring(ChartValue):
    """For the Prometheus operator and Grafana's sidecar."""

    pod_monitor: bool = False
    rules: bool = False
    dashboards: bool = False
    labels: Labels = Field(default={"release": "prometheus"}, description="by which your Prometheus selects")
    api_group: Literal["monitoring.coreos.com", "azmonitoring.coreos.com"] = Field(
        default="monitoring.coreos.com", description="azmonitoring: Azure's managed Prometheus"
    )
    interval: str = Field(default="15s", pattern=r"^[0-9]+[smh]$")
    prometheus_url: str = Field(default="", pattern=r"^(https?://[^@\s]+)?$", description="for Ray's own dashboard")
    grafana_url: str = Field(default="", pattern=r"^(https?://[^@\s]+)?$", description="as Ray's head reaches it")
    grafana_iframe_url: str = Field(default="", pattern=r"^(https?://[^@\s]+)?$", description="as browsers reach it")
