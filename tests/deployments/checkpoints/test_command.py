"""The command that mirrors weights in advance: all that a model needs, or a sentence and exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs.load import load_catalog
from configs.schema import ControlConfig, LicencePart
from configs.weights import Weights
from deployments.checkpoints import __main__ as command
from tests.deployments.checkpoints.servers import Served, serving, sha256

MIT = (LicencePart(part="all", licence="mit"),)


def test_everything_that_a_model_needs_is_fetched(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {f"{folder}/{name}": f"{folder} {name}".encode() for folder in ("own", "net") for name in ("config.json",)}
    with serving(Served(files)) as served:

        def weights(folder: str) -> Weights:
            content = files[f"{folder}/config.json"]
            return Weights(url=f"{served.url}/{folder}", layout="model", files={"config.json": sha256(content)})

        catalog = load_catalog()
        canny = ControlConfig(weights=weights("net"), licence_parts=MIT)
        model = catalog.models["mini"].model_copy(update={"weights": weights("own"), "controls": {"canny": canny}})
        changed = catalog.model_copy(update={"models": {"mini": model}})
        monkeypatch.setattr(command, "load_catalog", lambda _: changed)
        assert command.main(["fetch", "mini"]) == 0
    assert sorted(file.read_bytes() for file in cache.glob("blobs/*")) == sorted(files.values())
    assert "model 'mini', canny control: http" in capsys.readouterr().out


def test_what_the_project_ships_is_here_already(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["fetch", "mini", "mini-x4"]) == 0
    assert "deployments/weights/mini-x4 is in deployments/weights/mini-x4" in capsys.readouterr().out
    assert not cache.exists()


def test_an_unknown_id_lists_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["fetch", "minni"]) == 2
    assert "not fetched: 'minni' is not known; known: flux-1-dev" in capsys.readouterr().out


def test_a_failure_is_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ATELIER_OFFLINE", "1")
    assert command.main(["fetch", "flux-1-schnell"]) == 2
    assert "'black-forest-labs/FLUX.1-schnell' at 741f7c3ce8b383c54771c7003378a50191e9efe9" in capsys.readouterr().out
