"""What an older release drew from an upload, on both engines: never looser than that upload is now."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import pytest
from PIL import Image
from sqlalchemy import create_engine, text

from tests.contract.conftest import ENGINES
from tests.router.licences.samples import draw, photo, upload
from tests.studio import running_studio

OLD_VERDICT = '{"reference": "allowed", "internal": "allowed", "product": "allowed", "licences": ["apache-2.0"]}'


def write_as_older_releases_did(url: str) -> None:
    """Neither parts nor uploads are in verdicts."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        for statement in ("UPDATE assets SET licence = :old WHERE kind = 'drawn'", "UPDATE jobs SET licence = :old"):
            assert connection.execute(text(statement), {"old": OLD_VERDICT}).rowcount
    engine.dispose()


def half() -> bytes:
    """A mask: white below."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((128, 128)).point(lambda level: 255 * (level > 127)).save(file, "PNG")
    return file.getvalue()


def product(api: httpx.Client, asset_id: str) -> int:
    return api.get(f"/pictures/{asset_id}", params={"use": "product"}).status_code


@pytest.mark.parametrize("engine", ENGINES)
def test_what_an_older_release_drew_is_as_strict_as_its_uploads(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'old.db'}"
    if engine != "sqlite":
        database = request.getfixturevalue("postgres").create_database()
    with (
        running_studio(tmp_path, database_url=database) as url,
        httpx.Client(base_url=url, timeout=30) as api,
    ):
        begun, mask = upload(api, photo())["picture_id"], upload(api, half())["picture_id"]
        first = draw(api, image=begun, formats=["png"])["images"][0]["asset_id"]
        job = draw(api, image=first, formats=["png"])
        second, free = job["images"][0]["asset_id"], draw(api, formats=["png"])["images"][0]["asset_id"]
        masked = draw(api, image=free, mask=mask, formats=["png"])["images"][0]["asset_id"]
        write_as_older_releases_did(database)
        assert [product(api, one) for one in (first, second, free, masked)] == [403, 403, 200, 200]
        told = api.get(f"/jobs/{job['job_id']}").json()
        for licence in (told["licence"], told["images"][0]["licence"]):
            assert (licence["product"], licence["accepted"]["product"]) == ("refused", "allowed")
        assert draw(api, image=second)["licence"]["product"] == "refused", "what is made of it now is no looser"
        api.patch(f"/pictures/{begun}", json={"right": "own"})
        assert [product(api, one) for one in (first, second)] == [200, 200]
        api.patch(f"/pictures/{begun}", json={"right": "unknown"})
        assert api.delete(f"/pictures/{begun}").status_code == 204
        assert product(api, second) == 403, "its upload is gone, and what was said of it is not"
