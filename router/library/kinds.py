"""The kinds of entries, a row each: a schema in `configs/`, its place in the catalogue, and what it may refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from configs import entries
from configs.brand import BrandKitConfig
from configs.catalog import Catalog
from configs.contracts import AssetTypeConfig
from configs.datasets import DatasetConfig
from configs.errors import NotFound
from configs.experiments import ExperimentConfig
from configs.fitness import Misfit, find_contract_misfits, find_experiment_misfits, find_lora_misfits
from configs.frozen import Frozen
from configs.prompt_sets import PromptSetConfig
from configs.schema import LoraConfig
from router.library.model import Entry
from router.stage_settings import find_stage_misfits
from router.storage.documents import Document

C = TypeVar("C", bound=Frozen)


def _nothing_wrong(_config: Any, _catalog: Catalog) -> Iterator[Misfit]:
    return iter(())


def _contract_faults(config: AssetTypeConfig, catalog: Catalog) -> Iterator[Misfit]:
    """Of what it names in the catalogue, and of the settings of its stages."""
    yield from find_contract_misfits(config, catalog)
    yield from find_stage_misfits(config.stages)


def _experiment_faults(config: ExperimentConfig, catalog: Catalog) -> Iterator[Misfit]:
    """Of what it names in the catalogue, and of the settings of its arms' stages."""
    yield from find_experiment_misfits(config, catalog)
    for i, arm in enumerate(config.arms):
        for misfit in find_stage_misfits(arm.overlay.stages):
            yield Misfit(("arms", i, "overlay", *misfit.place), misfit.message)


def _dataset_faults(config: DatasetConfig, catalog: Catalog) -> Iterator[Misfit]:
    """An asset type that is not there. A licence that is gone counts as one that nobody has judged."""
    if config.asset_type is not None and config.asset_type not in catalog.asset_types:
        known = ", ".join(catalog.asset_types)
        yield Misfit(("asset_type",), f"'{config.asset_type}' is not known; known: {known}")


def _no_file(_config: Any) -> str | None:
    return None


@dataclass(frozen=True, kw_only=True)
class EntryKind(Generic[C]):
    """A row. `name` is in addresses and commands, `one` is what people call an entry of it.

    `section` is its field of the catalogue and its folder under `configs/`. `faults` are fields of a config that refer
    to what is not there, with a sentence each. `file` is what an entry needs in the file store. Entries
    `for_replicas` have their bodies there, too, under their hashes. Fields that are `brought` come with an upload: a
    version that is added without one repeats those of a version before.
    """

    name: str
    one: str
    section: str
    schema: type[C]
    document: Document[C]
    faults: Callable[[C, Catalog], Iterator[Misfit]] = _nothing_wrong
    file: Callable[[C], str | None] = _no_file
    for_replicas: bool = False
    brought: tuple[str, ...] = ()

    def of(self, catalog: Catalog) -> Mapping[str, C]:
        """Those of a catalogue."""
        found: Mapping[str, C] = getattr(catalog, self.section)
        return found

    def yaml(self, id: str) -> str:
        """The file that seeds an entry, as messages name it."""
        return f"configs/{self.section}/{id}.yaml"

    def read(self, entry: Entry) -> C:
        """Raises `UnreadableDocument`."""
        return self.document.read(entry.body).model_copy(update={"version": entry.version})


ASSET_TYPES = EntryKind(
    name=entries.ASSET_TYPES,
    one="asset type",
    section="asset_types",
    schema=AssetTypeConfig,
    document=Document[AssetTypeConfig]("asset type", AssetTypeConfig),
    faults=_contract_faults,
)
BRAND_KITS = EntryKind(
    name=entries.BRAND_KITS,
    one="brand kit",
    section="brand_kits",
    schema=BrandKitConfig,
    document=Document[BrandKitConfig]("brand kit", BrandKitConfig),
)
DATASETS = EntryKind(
    name=entries.DATASETS,
    one="dataset",
    section="datasets",
    schema=DatasetConfig,
    document=Document[DatasetConfig]("dataset", DatasetConfig),
    faults=_dataset_faults,
    brought=("pictures",),
)
EXPERIMENTS = EntryKind(
    name=entries.EXPERIMENTS,
    one="experiment",
    section="experiments",
    schema=ExperimentConfig,
    document=Document[ExperimentConfig]("experiment", ExperimentConfig),
    faults=_experiment_faults,
)
LORAS = EntryKind(
    name=entries.LORAS,
    one="LoRA",
    section="loras",
    schema=LoraConfig,
    document=Document[LoraConfig]("LoRA", LoraConfig),
    faults=find_lora_misfits,
    file=lambda lora: lora.weights.sha256,
    for_replicas=True,
    brought=("weights", "family"),
)
PROMPT_SETS = EntryKind(
    name=entries.PROMPT_SETS,
    one="prompt set",
    section="prompt_sets",
    schema=PromptSetConfig,
    document=Document[PromptSetConfig]("prompt set", PromptSetConfig),
)
KINDS: tuple[EntryKind[Any], ...] = (ASSET_TYPES, BRAND_KITS, DATASETS, LORAS, PROMPT_SETS, EXPERIMENTS)
"""What others refer to comes before those."""
_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_named(name: str) -> EntryKind[Any]:
    """Raises `NotFound`, naming those that there are."""
    if name not in _BY_NAME:
        raise NotFound(f"the library has no kind '{name[:64]}'; it has {', '.join(_BY_NAME)}", "kind", tuple(_BY_NAME))
    return _BY_NAME[name]
