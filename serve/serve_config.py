"""The Serve config file of a profile, for `serve deploy` and a RayService: the same application, declared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from configs.catalog import Installation


def serve_config(profile: str | Mapping[str, Any], installation: Installation) -> str:
    """A config in JSON, which YAML readers accept; Serve's own schema checks it. `profile` is how the application finds
    its own: an id or a path in its image, or all of it."""
    from ray.serve.schema import ServeDeploySchema

    http, served = installation.profile.http, installation.profile.role != "worker"
    config = {
        "proxy_location": "EveryNode" if served else "Disabled",
        "http_options": {"host": http.host, "port": http.port},
        "applications": [
            {
                "name": "atelier",
                "route_prefix": "/" if served else None,
                "import_path": "serve.app:build",
                "args": {"profile": profile},
            }
        ],
    }
    ServeDeploySchema.model_validate(config)
    return json.dumps(config, indent=2) + "\n"
