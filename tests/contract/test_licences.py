"""What lifts a verdict, on both engines: bought, acknowledged, said, and cleared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.conftest import ENGINES
from tests.router.licences.samples import REFERENCE_ONLY, draw, licensed_studio, upload
from tests.router.licences.test_recognition import resaved


@pytest.mark.parametrize("engine", ENGINES)
def test_verdicts_are_lifted_and_fall_back(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = None if engine == "sqlite" else request.getfixturevalue("postgres").create_database()
    product = {"use": "product"}
    with licensed_studio(tmp_path, REFERENCE_ONLY, default_use="reference", database_url=url) as api:
        drawn = f"/pictures/{draw(api, seed=1, formats=['png'])['images'][0]['asset_id']}"
        grant = api.post("/licences/grants", json={"licence": REFERENCE_ONLY, "reference": "PO 1"}).json()
        assert api.get(drawn, params=product).status_code == 200
        assert api.delete(f"/licences/grants/{grant['grant_id']}").json()["state"] == "revoked"
        assert api.get(drawn, params=product).status_code == 403
        copy = upload(api, resaved(api.get(drawn).content, share=0.8), right="own")["picture_id"]
        assert api.get(f"/pictures/{copy}", params=product).status_code == 403
        assert api.post(f"/pictures/{copy}/clear", json={"reason": "another"}).status_code == 204
        assert api.get(f"/pictures/{copy}", params=product).status_code == 200
        assert api.patch(f"/pictures/{copy}", json={"right": "bought"}).json()["right"] == "bought"
        assert api.get(f"/pictures/{copy}", params=product).status_code == 403
        assert api.post(f"/images/{copy}/acknowledge", json={"purpose": "product"}).status_code == 201
        assert api.get(f"/pictures/{copy}", params=product).status_code == 200
