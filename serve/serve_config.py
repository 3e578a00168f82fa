"""The Serve config file of a profile, for `serve deploy` and a RayService: the same application, declared."""

from __future__ import annotations

import json

from configs.catalog import Installation


def serve_config(profile: str, installation: Installation) -> str:
    """A config in JSON, which YAML readers accept; Serve's own schema checks it."""
    from ray.serve.schema import ServeDeploySchema

    http = installation.profile.http
    config = {
        "proxy_location": "EveryNode",
        "http_options": {"host": http.host, "port": http.port},
        "applications": [
            {
                "name": "atelier",
                "route_prefix": "/",
                "import_path": "serve.app:build",
                "args": {"profile": profile},
            }
        ],
    }
    ServeDeploySchema.model_validate(config)
    return json.dumps(config, indent=2) + "\n"
