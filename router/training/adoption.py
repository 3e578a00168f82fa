"""What a training has learned, as a version of a LoRA in the library: licensed, tried, and a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from configs.entries import LORAS
from configs.errors import NotFound
from configs.schema import LoraConfig, ModelConfig, TrainedFrom
from deployments.messages import LoraFile
from router.jobs.model import Job
from router.jobs.payloads import AdapterAdopted
from router.library import kinds
from router.library.drafts import read_draft
from router.library.model import CANDIDATE, Entry, MarkName
from router.people.audit.model import Signature
from router.storage.documents import UnreadableDocument
from router.studio import Studio
from router.training.hearing import Choice
from router.training.versions import next_version


class Adoption:
    """Of one training's adapters."""

    def __init__(self, studio: Studio, job: Job, author: str | None = None, signature: Signature | None = None) -> None:
        """`author` and `signature` are its owner's unless somebody else chooses."""
        self._studio, self._job, self._plan = studio, job, job.training
        self._author = author or job.owner
        self._signature = signature or Signature(job.owner, "training", request_id=job.id)

    async def take(self, choice: Choice, mark: MarkName | None = CANDIDATE, why: str = "") -> AdapterAdopted:
        """The version that it is, added unless it is there already, as the log tells it. `why` says of the mark.

        Raises `BadLora` for what is not to be taken in, and what stores and replicas raise.
        """
        known = await self._versions()
        entry = next((entry for entry, lora in known if self._is_it(lora, choice)), None)
        if entry is None:
            entry = await self._add([lora for _, lora in known], choice, mark)
        return AdapterAdopted(
            lora=entry.id,
            version=entry.version,
            step=choice.step,
            strength=choice.strength,
            sha256=choice.adapter,
            mark=mark,
            why=why,
        )

    async def _versions(self) -> list[tuple[Entry, LoraConfig]]:
        """Of this LoRA, those that can be read."""
        try:
            found = await self._studio.library.store.versions(LORAS, self._plan.lora)
        except NotFound:
            return []
        read = []
        for entry in found.entries:
            try:
                read.append((entry, kinds.LORAS.read(entry)))
            except UnreadableDocument:  # what nobody can read says nothing
                continue
        return read

    def _is_it(self, lora: LoraConfig, choice: Choice) -> bool:
        return lora.trained is not None and (lora.trained.job, lora.trained.step) == (self._job.id, choice.step)

    async def _add(self, known: list[LoraConfig], choice: Choice, mark: MarkName | None) -> Entry:
        version = next_version(known, self._plan)
        owner = f"LoRA '{self._plan.lora}' {version}"
        # What changes nothing, or cannot be loaded, is no LoRA.
        await self._studio.replicas.examine(LoraFile(choice.adapter, owner, self._base.family, (self._plan.model,)))
        body = self._body(choice, await self._studio.blobs.size(choice.adapter))
        new = read_draft(kinds.LORAS, self._plan.lora, version, body, self._author, self._notes(choice))
        entry, _ = await self._studio.library.add(new, mark, self._signature)
        return entry

    @property
    def _base(self) -> ModelConfig:
        return self._studio.installation.catalog.models[self._plan.model]

    def _models(self) -> list[str]:
        """That it is for: its base, and those whose LoRAs are trained on that."""
        catalog, base = self._studio.installation.catalog, self._plan.model
        return sorted(one.id for one in catalog.models.values() if base in (one.id, one.train_on))

    def _body(self, choice: Choice, size: int) -> Mapping[str, Any]:
        """As a YAML would have it."""
        plan = self._plan
        trained = TrainedFrom(
            job=self._job.id,
            dataset=plan.dataset.id,
            dataset_version=plan.dataset.version,
            dataset_sha256=plan.dataset.sha256,
            base=plan.model,
            rank=plan.settings.rank,
            step=choice.step,
            seed=plan.settings.seed,
        )
        return {
            "name": plan.name or plan.lora,
            "description": f"Trained here from {len(plan.pictures)} pictures of {plan.dataset.id}.",
            "family": self._base.family,
            "models": self._models(),
            "weights": {"sha256": choice.adapter, "size_bytes": size},
            "trigger_words": [plan.trigger] if plan.trigger else [],
            "default_strength": round(choice.strength, 3),
            "licence_parts": [part.model_dump() for part in plan.licence_parts],
            "trained": trained.model_dump(),
        }

    def _notes(self, choice: Choice) -> str:
        pin = self._plan.dataset
        return f"training {self._job.id}: {pin.id} {pin.version}, after {choice.step} steps"
