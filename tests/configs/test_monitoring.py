"""A profile tells Ray where Prometheus and Grafana are, by the names that Ray reads, and keeps no password."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from configs.service import Monitoring


def test_what_is_said_is_told_by_ray_s_names_and_nothing_else() -> None:
    said = Monitoring(prometheus_url="http://127.0.0.1:9090", grafana_iframe_url="https://grafana.example/g")
    assert said.environment == {
        "RAY_PROMETHEUS_HOST": "http://127.0.0.1:9090",
        "RAY_GRAFANA_IFRAME_HOST": "https://grafana.example/g",
    }
    assert Monitoring().environment == {}


@pytest.mark.parametrize("url", ["127.0.0.1:9090", "https://somebody:secret@grafana.example", "file:///etc/passwd"])
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="grafana_url"):
        Monitoring.model_validate({"grafana_url": url})
