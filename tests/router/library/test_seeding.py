"""YAML seeds the library: what goes forward becomes live, nothing else is changed by a file, and all is said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from router.files import open_blobs
from router.jobs.audit import find_unreadable
from router.library.library import Library
from router.library.store import LibraryStore
from router.storage.database import Database
from router.studio import check_stores
from tests.catalogue import add_lora, copy_configs, edit
from tests.contract.job_samples import JobDatabase
from tests.router.library.samples import an_icon
from tests.router.storage.test_migration import connected
from tests.studio import local_installation

pytestmark = pytest.mark.slow

ICON = "configs/asset_types/icon.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = copy_configs(tmp_path)
    add_lora(root, "icons", "default_strength: 0.8")
    return root


async def started(database: JobDatabase, root: Path) -> tuple[Library, tuple[str, ...]]:
    """A library as a studio with the configs under `root` has it once it has started, and what it said."""
    opened = Database(database.url)
    await opened.open()
    installation = local_installation(root, root)
    library = Library(installation, LibraryStore(opened), open_blobs(installation))
    said = await library.open()
    await opened.close()
    return library, said


def versions(library: Library) -> dict[str, str]:
    return {key: pin.version for key, pin in library.installation.catalog.pins.items()}


async def test_every_file_becomes_a_live_entry_and_a_second_start_changes_nothing(
    database: JobDatabase, root: Path
) -> None:
    library, said = await started(database, root)
    assert said == ()
    assert versions(library) == {
        "asset-types/icon": "1.0.0",
        "asset-types/logo_illustration": "1.0.0",
        "asset-types/premium_illustration": "1.0.0",
        "asset-types/product_illustration": "1.0.0",
        "brand-kits/atelier": "1.0.0",
        "brand-kits/harbour": "1.0.0",
        "experiments/fewer-steps": "1.0.0",
        "loras/icons": "1.0.0",
        "prompt-sets/house": "1.0.0",
    }
    configured = local_installation(root, root).catalog
    assert library.installation.catalog.asset_types == configured.asset_types
    assert library.installation.catalog.loras == configured.loras
    assert not any(pin.stored for pin in library.installation.catalog.pins.values())
    again, said = await started(database, root)
    assert (said, versions(again)) == ((), versions(library))


async def test_a_higher_version_is_taken_in_and_live(database: JobDatabase, root: Path) -> None:
    await started(database, root)
    edit(root / ICON, "name: Icon\n", "version: 1.1.0\nname: Sign\n")
    library, said = await started(database, root)
    assert said == ()
    assert library.installation.catalog.asset_types["icon"].name == "Sign"
    assert versions(library)["asset-types/icon"] == "1.1.0"


async def test_other_content_under_the_same_version_is_refused_and_the_studio_goes_on(
    database: JobDatabase, root: Path
) -> None:
    await started(database, root)
    edit(root / ICON, "name: Icon\n", "name: Sign\n")
    edit(root / "configs/loras/icons.yaml", "0.8", "0.6")
    library, said = await started(database, root)
    assert len(said) == 2
    assert f"{ICON}: version 1.0.0 is in the library with other content (name)" in said[0]
    assert "write `version: 1.0.1` in the file" in said[0]
    assert "configs/loras/icons.yaml" in said[1]
    assert "(default_strength)" in said[1]
    catalog = library.installation.catalog
    assert catalog.asset_types["icon"].name == "Icon"
    assert catalog.loras["icons"].default_strength == 0.8
    assert catalog.pins["loras/icons"].stored, "replicas began with the file, and fetch what is live"
    edit(root / ICON, "name: Sign\n", "name: Sign\nversion: 1.0.1\n")
    library, said = await started(database, root)
    assert library.installation.catalog.asset_types["icon"].name == "Sign"
    assert len(said) == 1


async def test_layout_and_comments_of_a_file_are_no_content(database: JobDatabase, root: Path) -> None:
    await started(database, root)
    written = (root / ICON).read_text()
    (root / ICON).write_text(f"# another comment\n{written}version: 1.0.0\n")
    assert (await started(database, root))[1] == ()


async def test_a_version_that_goes_backwards_is_not_taken_in(database: JobDatabase, root: Path) -> None:
    edit(root / ICON, "name: Icon\n", "name: Icon\nversion: 2.0.0\n")
    await started(database, root)
    edit(root / ICON, "2.0.0", "1.5.0")
    library, said = await started(database, root)
    assert "version 1.5.0 goes back behind 2.0.0" in said[0]
    assert "`version: 2.0.1`" in said[0]
    assert versions(library)["asset-types/icon"] == "2.0.0"


async def test_a_library_that_is_ahead_is_used_and_says_so(database: JobDatabase, root: Path) -> None:
    library, _ = await started(database, root)
    opened = Database(database.url)
    await opened.open()
    store = LibraryStore(opened)
    icon = library.installation.catalog.asset_types["icon"]
    fields = dict(icon.model_copy(update={"name": "Ours"}))
    del fields["version"]
    await store.add(an_icon("1.2.0", **fields), "live")
    library, said = await started(database, root)
    assert "the library is ahead of the file: icon 1.2.0 is live (by ana), the file has 1.0.0" in said[0]
    assert library.installation.catalog.asset_types["icon"].name == "Ours"
    await store.move("asset-types", "icon", "live", "1.0.0", "ben", "back")
    assert (await started(database, root))[1] == ()
    edit(root / ICON, "name: Icon\n", "name: Icon\nversion: 1.3.0\n")
    assert versions((await started(database, root))[0])["asset-types/icon"] == "1.3.0"
    await store.move("asset-types", "icon", "live", "1.2.0", "ben", "better")
    library, said = await started(database, root)
    assert "the library was set back: icon 1.2.0 is live (by ben), the file has 1.3.0" in said[0]
    assert versions(library)["asset-types/icon"] == "1.2.0"
    await store.move("asset-types", "icon", "live", None, "ben", "not now")
    library, said = await started(database, root)
    assert "no version of icon is live" in said[0]
    assert "icon" not in library.installation.catalog.asset_types
    await opened.close()


async def test_an_entry_whose_file_is_gone_stays_and_is_said(database: JobDatabase, root: Path) -> None:
    await started(database, root)
    (root / "configs/loras/icons.yaml").unlink()
    library, said = await started(database, root)
    assert "configs/loras/icons.yaml is gone; icons 1.0.0 stays live in the library" in said[0]
    assert library.installation.catalog.loras["icons"].default_strength == 0.8
    assert library.installation.catalog.pins["loras/icons"].stored


async def test_what_refers_to_what_is_gone_is_not_offered_and_the_rest_is(database: JobDatabase, root: Path) -> None:
    add_lora(root, "large", "models: [flux-1-dev]")
    await started(database, root)
    shutil.rmtree(root / "configs/loras")
    (root / "configs/models/flux-1-dev.yaml").unlink()
    (root / "configs/profiles/gpu.yaml").unlink()
    library, _ = await started(database, root)
    assert set(library.installation.catalog.loras) == {"icons"}
    assert "models.0: 'flux-1-dev' is not known" in library.problems["loras/large"]


async def test_what_is_said_is_said_before_the_start(tmp_path: Path) -> None:
    root = copy_configs(tmp_path)
    installation = local_installation(root, root)
    assert await check_stores(installation, 4.0) == ()
    edit(root / ICON, "name: Icon\n", "name: Sign\n")
    (said,) = await check_stores(local_installation(root, root), 4.0)
    assert ICON in said


POISONS = ["{", "7", "[]", '{"id": "icon"}', '{"document_version": "new"}', '{"document_version": 1, "id": 7}']


@pytest.mark.parametrize("poison", POISONS)
async def test_an_entry_that_cannot_be_read_is_not_offered_and_stops_nobody(
    database: JobDatabase, root: Path, poison: str
) -> None:
    await started(database, root)
    with connected(database.url) as connection:
        poisoned = text("UPDATE library_entries SET body = :body, sha256 = 'x' WHERE id = 'icon'")
        connection.execute(poisoned, {"body": poison})
        assert len([line for line in find_unreadable(connection) if line.startswith("library_entries")]) == 1
    library, said = await started(database, root)
    assert set(library.problems) == {"asset-types/icon"}
    assert "icon" not in library.installation.catalog.asset_types
    assert "logo_illustration" in library.installation.catalog.asset_types
    assert "other content (of a form that this release cannot read)" in said[0]
    edit(root / ICON, "name: Icon\n", "name: Icon\nversion: 1.0.1\n")
    library, said = await started(database, root)
    assert (library.problems, said) == ({}, ())
    assert versions(library)["asset-types/icon"] == "1.0.1"


async def test_kinds_of_a_newer_release_stop_nobody(database: JobDatabase, root: Path) -> None:
    """While others are replaced, and after a step back: its entries are live, and seeded by its own files."""
    library, _ = await started(database, root)
    known = library.installation.catalog
    with connected(database.url) as connection:
        for table in ("library_entries", "library_marks"):
            rows = connection.execute(text(f"SELECT * FROM {table} WHERE id = 'icon'")).mappings().all()
            for row in rows:
                newer = dict(row) | {"kind": "brushes", "id": "round"}
                names = ", ".join(newer)
                values = ", ".join(f":{name}" for name in newer)
                connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), newer)
        connection.execute(text("UPDATE library_revision SET revision = revision + 1"))
    library, said = await started(database, root)
    assert (library.problems, said) == ({}, ())
    assert library.installation.catalog == known


async def test_what_a_newer_release_has_added_to_a_body_is_passed_over(database: JobDatabase, root: Path) -> None:
    await started(database, root)
    with connected(database.url) as connection:
        added = text("UPDATE library_entries SET body = :added || substr(body, 2) WHERE id = 'icon'")
        connection.execute(added, {"added": '{"sharpening":1,'})
    library, said = await started(database, root)
    assert (library.problems, said) == ({}, ())
    assert library.installation.catalog.asset_types["icon"].name == "Icon"
