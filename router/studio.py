"""Everything a running front desk holds, assembled once from an installation and a way to reach the replicas."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field

from configs.catalog import Installation
from configs.errors import ConfigError, StoreUnavailable
from configs.metrics import SILENT, Metrics
from deployments.blobs.direct_links import LinkMaker
from deployments.blobs.keeper import FileKeeper
from deployments.blobs.outage import Outage
from deployments.blobs.store import BlobStore
from router.assets.collections.store import CollectionStore
from router.assets.keeping.store import KeepingStore
from router.assets.search.store import ImageStore
from router.assets.sharing.store import ShareStore
from router.assets.usage.store import UsageStore
from router.batches.store import BatchStore
from router.capacity.feeds.jobs import JobFeed
from router.capacity.feeds.past_days import PastDays
from router.capacity.feeds.prometheus import PrometheusFeed
from router.capacity.planner import OnlySeat, Planner, Seat
from router.cold_starts import ColdStarts
from router.datasets.examination import Examiner
from router.datasets.intake import DatasetStore
from router.datasets.writers import CaptionWriters
from router.experiments.ballots.pictures import BallotPictures
from router.experiments.ballots.store import BallotStore
from router.experiments.comparisons.picks import PickStore
from router.experiments.judges.stored_pictures import PictureStatistics
from router.experiments.runs.store import RunStore
from router.experiments.standing import Standing
from router.experiments.store import ExperimentStore
from router.files import connect_jobs, open_blobs, open_direct_links
from router.jobs.store import JobStore
from router.library.library import Library
from router.library.lora_intake import LoraIntake
from router.library.store import LibraryStore
from router.licences.recognition import Recogniser
from router.licences.store import LicenceStore
from router.live import Live
from router.metrics import DAMAGED_FILES
from router.operations.workload import Workload
from router.people.audit.store import AuditStore
from router.people.quotas.store import QuotaStore
from router.people.signing_in.sign_in import SignIn
from router.people.spaces.store import SpaceStore
from router.pictures.thumbnails import Thumbnails
from router.pictures.uploads import UploadStore
from router.rates import Rates
from router.replicas import Replicas
from router.stage_settings import check_qualities
from router.storage.database import Database
from router.streams.store import StreamStore
from router.streams.streams import Streams
from router.webhooks.addresses import resolve
from router.webhooks.posting import Courier
from router.webhooks.store import WebhookStore

VERIFIED_AT_ONCE = 2
"""Files: each is in memory, and in a process of its own."""
CAPACITY_SEAT = 1
"""Of a database's seats, that of who decides what capacity is needed."""


@dataclass(frozen=True)
class Studio:
    """The parts that routes and the conductor share."""

    library: Library
    store: JobStore
    images: ImageStore
    keeping: KeepingStore
    collections: CollectionStore
    shares: ShareStore
    usage: UsageStore
    batches: BatchStore
    experiments: Standing
    metrics: Metrics
    ballots: BallotStore
    ballot_pictures: BallotPictures
    picture_statistics: PictureStatistics
    runs: RunStore
    picks: PickStore
    blobs: BlobStore
    direct_links: LinkMaker | None
    uploads: UploadStore
    thumbnails: Thumbnails
    recogniser: Recogniser
    replicas: Replicas
    cold_starts: ColdStarts
    rates: Rates
    live: Live
    streams: Streams
    workload: Workload
    planner: Planner
    loras: LoraIntake
    datasets: DatasetStore
    examiner: Examiner
    caption_writers: CaptionWriters
    audit: AuditStore
    spaces: SpaceStore
    sign_in: SignIn
    quotas: QuotaStore
    licences: LicenceStore
    webhooks: WebhookStore
    courier: Courier
    verifying: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(VERIFIED_AT_ONCE))

    @property
    def outage(self) -> Outage | None:
        """Why files or jobs cannot be stored now; None while both can."""
        return self.blobs.availability.outage or self.store.availability.outage

    @property
    def installation(self) -> Installation:
        """What runs here, with what is live in the library now: hold on to one for as long as one answer takes."""
        return self.library.installation

    @classmethod
    def assemble(cls, installation: Installation, replicas: Replicas, metrics: Metrics = SILENT) -> Studio:
        """Connect the stores that the profile names. Raises `ConfigError`."""
        profile = installation.profile
        store, blobs = connect_jobs(installation), open_blobs(installation)
        blobs.hear_damage = lambda: metrics.count(DAMAGED_FILES)
        library = Library(installation, LibraryStore(store.database), blobs)
        experiments = ExperimentStore(store.database)
        live = Live()
        recogniser = Recogniser(store.database, blobs, lambda: library.installation.catalog)
        uploads = UploadStore(store, FileKeeper(blobs, store.expect_files), profile.limits, recogniser)
        licences = LicenceStore(store.database)
        return cls(
            library=library,
            store=store,
            images=ImageStore(store.database),
            keeping=KeepingStore(store.database),
            collections=CollectionStore(store.database),
            shares=ShareStore(store.database),
            usage=UsageStore(store.database),
            batches=BatchStore(store.database),
            experiments=Standing(experiments, library, metrics),
            metrics=metrics,
            ballots=BallotStore(experiments),
            ballot_pictures=BallotPictures(blobs),
            picture_statistics=PictureStatistics(blobs),
            runs=RunStore(store.database),
            picks=PickStore(store.database),
            blobs=blobs,
            direct_links=open_direct_links(installation),
            uploads=uploads,
            thumbnails=Thumbnails(blobs),
            recogniser=recogniser,
            replicas=replicas,
            cold_starts=ColdStarts(replicas),
            rates=Rates(),
            live=live,
            workload=Workload(store.database),
            planner=_planner(library, store.database, replicas, metrics),
            streams=Streams(StreamStore(store.database), live),
            spaces=SpaceStore(store.database),
            sign_in=SignIn.assemble(profile, store.database),
            licences=licences,
            datasets=DatasetStore(library, store, uploads, licences, profile.limits),
            examiner=Examiner(blobs),
            caption_writers=CaptionWriters(installation, replicas),
            loras=LoraIntake(library, store, blobs, replicas, profile.limits.max_lora_bytes),
            audit=AuditStore(store.database),
            quotas=QuotaStore(store.database),
            webhooks=WebhookStore(store.database, profile.webhooks.most_per_owner),
            courier=Courier(profile.webhooks, resolve),
        )


def _planner(library: Library, database: Database, replicas: Replicas, metrics: Metrics) -> Planner:
    """One of several may decide: whoever has the seat. Each worker decides for its own cluster."""
    profile = library.installation.profile
    source = profile.capacity.prometheus
    feed = None
    if source is not None:
        feed = PrometheusFeed(source, os.environ.get(source.token_env or "", ""))
    seat: Seat = OnlySeat() if profile.role == "worker" else database.seat(CAPACITY_SEAT)
    demands, prospects = JobFeed(database), PastDays(database)
    return Planner(lambda: library.installation, demands, replicas, seat, metrics, feed, prospects)


async def check_stores(installation: Installation, patience_seconds: float) -> tuple[str, ...]:
    """Open what `Studio.assemble` connects, and let it go. Returns what a person should know of YAML files that the
    library does not take in.

    Raises `ConfigError` when it cannot be used, or the database does not answer in time; a blob store that is away for
    now is waited for while the studio runs.
    """
    check_qualities(installation.catalog)
    blobs = open_blobs(installation)
    store = connect_jobs(installation, patience_seconds)
    try:
        await store.open()
        return await Library(installation, LibraryStore(store.database), blobs).open()
    except StoreUnavailable as error:
        raise ConfigError(str(error)) from None
    finally:
        await store.close()
