"""Written by `python -m clients.generator.synchronous` from `async_client.py`, where it is changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, Unpack

import httpx

from atelier import calls, signing_in
from atelier.batches import Batch, BatchOptions
from atelier.errors import AtelierError, NoStreams, NotAllowed, NotFound, Unreachable
from atelier.events import Event
from atelier.flow import Fetch, Flow, Outcome, ReadFile, Sleep, Step, request, send_lora, unreachable, upload, wish
from atelier.follow import PATIENCE, STREAM_TIMEOUT, Follow
from atelier.hearing import Hearing
from atelier.library import LoraAdded, LoraFields, add_lora
from atelier.models import Accepted, AssetTypes, BrandKit, Health, Image, Job, Lora, Model, Picture, Plan
from atelier.models.answers import ApiKey, DeviceCode, Me, NewApiKey
from atelier.naming import write_picture
from atelier.pictures import GenerateOptions, LocalPicture, Right, Use
from atelier.rasters import InMemory
from atelier.retry import Retry
from atelier.session import DEFAULT_URL, Session, finished, job_id_of, new_key, write_file
from atelier.synchronous.audit import Audit
from atelier.synchronous.batches import Batches
from atelier.synchronous.champions import Champions
from atelier.synchronous.collecting import Collections
from atelier.synchronous.comparisons import Comparisons
from atelier.synchronous.datasets import Datasets
from atelier.synchronous.experiments import Experiments
from atelier.synchronous.gallery import Gallery
from atelier.synchronous.iterating import Iterating
from atelier.synchronous.library import Library
from atelier.synchronous.licences import Licences
from atelier.synchronous.quotas import Quotas
from atelier.synchronous.spaces import Spaces
from atelier.synchronous.trainings import Trainings
from atelier.synchronous.webhooks import Webhooks
from atelier.transports import Transport, check_way
from atelier.unpacking import written_whole
from atelier.verification import Verification, verify

T = TypeVar("T")


class Atelier:
    """A connection to a studio; close it, or use it as a context manager.
    It may be shared between threads.

    `token` (or ATELIER_TOKEN) is an access token or an API key, as `api_key` is; without one the sign-in counts that
    `sign_in` or `atelier login` has stored.
    `timeout` is seconds for one request. Requests are repeated as `retry` says when the studio is away or busy;
    a job is followed through `patience` seconds without a sign of it.
    Every method raises the errors of `atelier.errors`.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        api_key: str | None = None,
        timeout: float = 30.0,
        retry: Retry = Retry(),  # noqa: B008 - frozen
        transport: httpx.BaseTransport | None = None,
        patience: float = PATIENCE,
        token: str | None = None,
    ) -> None:
        self._patience = patience
        self._session = Session.open(base_url, api_key, retry, token)
        if transport is None:
            check_way(self._session.base)
        self.iterating = Iterating(self._run)
        """What comes after a finished picture: more of it, more like it, other words, a better quality."""
        self.gallery = Gallery(self._run)
        """All pictures that you may see: searched, kept, tagged, deleted."""
        self.collections = Collections(self._run)
        """Pictures put together, and links that show them."""
        self.library = Library(self._run)
        """What people make, in versions."""
        self.datasets = Datasets(self._walk, retry)
        """Pictures to learn from, and what is wrong with them."""
        self.batches = Batches(self._walk, retry, patience)
        """Many pictures in one call."""
        self.comparisons = Comparisons(self._walk, retry, patience)
        """Models or ways of drawing, side by side."""
        self.experiments = Experiments(self._walk, retry)
        """Which is better: ways of drawing that are compared, and how they stand."""
        self.champions = Champions(self._walk, retry)
        """What each asset type and quality is drawn with."""
        self.trainings = Trainings(self._walk, retry, patience)
        """LoRAs that are learned from datasets."""
        self.spaces = Spaces(self._run)
        self.webhooks = Webhooks(self._run)
        """Teams, who is in them, and what is drawn with for them."""
        self.quotas = Quotas(self._run)
        self.licences = Licences(self._run)
        """What you may have drawn; for operators, what others may."""
        self.audit = Audit(self._run, self._walk, retry)
        """Who changed what, for operators and admins."""
        self._http = httpx.Client(
            timeout=timeout,
            transport=transport or Transport(),
            headers=self._session.headers,
            auth=self._session.auth,
            trust_env=False,
        )

    def submit(
        self, prompt: str, *, idempotency_key: str | None = None, **options: Unpack[GenerateOptions]
    ) -> Accepted:
        """Submit a job and return as soon as it is accepted; pictures in it that are local are uploaded first.

        The same key with the same request is the same job: with a key of your own, `upload` its pictures yourself.
        """
        key = idempotency_key or new_key()
        return self._walk(wish(lambda named: calls.submit(prompt, named, key), options, self._session.retry))

    def generate(self, prompt: str, *, idempotency_key: str | None = None, **options: Unpack[GenerateOptions]) -> Job:
        """Submit a job and return it as it stands; `wait` for its pictures."""
        return self.job((self.submit(prompt, idempotency_key=idempotency_key, **options)).job_id)

    def plan(self, prompt: str, **options: Unpack[GenerateOptions]) -> Plan:
        """What `generate` would do, and how long it would take; nothing is drawn."""
        return self._walk(wish(lambda named: calls.plan(prompt, named), options, self._session.retry))

    def batch(self, *, idempotency_key: str | None = None, **options: Unpack[BatchOptions]) -> Batch:
        """Submit many pictures in one call and return the batch as it stands: `prompts`, `rows` or a CSV `file`, times
        what is swept. `batches` follows it, cancels it, and has its files."""
        accepted = self.batches.submit(idempotency_key=idempotency_key, **options)
        return self.batches.get(accepted)

    def upload(self, picture: LocalPicture | InMemory, *, right: Right | None = None, source: str = "") -> Picture:
        """Send a picture to the studio, to be used in as many jobs as you like: PNG, JPEG, WebP, GIF or AVIF as a
        path, bytes or an open file; a PIL image or a numpy array. `right` says whose it is (`licences.state` says so
        later), and `source` where it comes from: what is made of one of unknown right is for no product.

        Raises OSError where the file cannot be read, BadInput where it is none.
        """
        return self._walk(upload(picture, self._session.retry, right, source))

    def pictures(self, page_size: int = 50) -> Iterator[Picture]:
        """The pictures that you have uploaded, newest first; pages are fetched as they are needed."""
        before: str | None = None
        while True:
            page = self._run(calls.pictures(page_size, before))
            yield from page.pictures
            if page.next is None:
                return
            before = page.next

    def delete(self, picture: Picture | str) -> None:
        """Delete a picture that you have uploaded. A job that has yet to begin with it fails; finished ones stay."""
        self._run(calls.delete(picture.picture_id if isinstance(picture, Picture) else picture))

    def verify(self, file: Path | str | bytes) -> Verification:
        """What a file is, of whomever it is: made by a model or not, unchanged since it was signed, of what, under
        which licence. The studio keeps nothing of it. Raises OSError where it cannot be read."""
        return self._walk(verify(file, self._session.retry))

    def job(self, job_id: str) -> Job:
        """A job as it stands."""
        return self._run(calls.job(job_id))

    def jobs(self, page_size: int = 50) -> Iterator[Job]:
        """Your jobs, newest first; pages are fetched as they are needed."""
        before: str | None = None
        while True:
            page = self._run(calls.jobs(page_size, before))
            yield from page.jobs
            if page.next is None:
                return
            before = page.next

    def cancel(self, job: Job | Accepted | str) -> Job:
        """Cancel: a waiting job at once, a running one within two steps. Finished pictures are kept."""
        return self._run(calls.cancel(job_id_of(job)))

    def wait(self, job: Job | Accepted | str, on_event: Callable[[Event], None] | None = None) -> Job:
        """Follow a job to its end and return it; raises JobFailed or JobCanceled, which hold what was finished.

        `on_event` is called with every event, from the first one on; only with progress where streams are refused.
        """
        job_id = job_id_of(job)
        follow = Follow(patience=self._patience, every=on_event is not None)
        with suppress(NoStreams):  # polling has followed it to its end
            for event in self._follow(follow, job_id):
                if on_event is not None:
                    on_event(event)
        return finished(self._ended(follow, job_id))

    def events(self, job: Job | Accepted | str | None = None, last_event_id: int | str = 0) -> Iterator[Event]:
        """Everything that happens in a job after the log event `last_event_id`, until it ends.

        Without a job: what all of your jobs do, without an end, from now on or from behind the event with that
        `cursor`. It begins with `Began`, which comes again where something was missed.

        Survives dropped connections and restarts of the studio, and ends only with the job's own end: raises
        Unreachable when the studio stays away, EventsLost when the last events do not get through.
        """
        if job is None:
            for event in self._hear(Hearing(str(last_event_id or ""), self._patience)):
                yield event
            return
        for event in self._follow(Follow(int(last_event_id), self._patience), job_id_of(job)):
            yield event

    def content(self, image: Image, format: str = "png", use: Use | None = None) -> bytes:
        """One file of a picture; ValueError where the picture has no such file, LicenceRestricted where its licences do
        not allow what it is wanted for (`use`; the studio's default if none is said)."""
        return self._run(calls.content(image.file(format).url, use))

    def grid(
        self, job: Job | Accepted | str, format: str = "png", sort: str | None = None, use: Use | None = None
    ) -> bytes:
        """The finished pictures of a job on one sheet (PNG or WebP), each with its seed, its scores and its model;
        `sort` is a score, the best first."""
        return self._run(calls.grid(job_id_of(job), format, sort, use))

    def download(self, image: Image, format: str, to: str | Path, use: Use | None = None) -> Path:
        """Write one file of a picture to `to`, replacing what was there; a folder (`out/`) gets a name for the seed."""
        return write_file(to, image, format, self.content(image, format, use))

    def save(
        self, job: Job, folder: str | Path, formats: Sequence[str] | None = None, use: Use | None = None
    ) -> list[Path]:
        """Write all pictures of a job into `folder`, named for content and seed; no other picture is overwritten."""
        paths = []
        for image in job.images:
            contents = {format: self.content(image, format, use) for format in formats or image.renditions}
            paths += write_picture(Path(folder), job.prompt, image.seed, contents)
        return paths

    def models(self) -> tuple[Model, ...]:
        """The models that the studio runs."""
        return self._run(calls.models())

    def loras(self, model: str | None = None) -> tuple[Lora, ...]:
        """The LoRAs of the studio, or those that fit one of its models."""
        return self._run(calls.loras(model))

    def add_lora(
        self, file: str | Path, *, id: str, licences: Mapping[str, str], **fields: Unpack[LoraFields]
    ) -> LoraAdded:
        """Bring a LoRA (.safetensors), with the licences of its `adapter` and its `training data`; it can be drawn with
        at once. The same again is the same; `VersionConflict` asks for a higher `version`.

        Waits while the studio tries it with its models. Raises OSError where the file cannot be read, and BadInput,
        before anything is sent, where it is larger than the studio takes.
        """
        return self._walk(send_lora(add_lora(file, id, licences, **fields), self._session.retry))

    def asset_types(self) -> AssetTypes:
        """The asset types and the qualities."""
        return self._run(calls.asset_types())

    def brand_kits(self) -> tuple[BrandKit, ...]:
        """The brand kits that pictures can be kept to."""
        return self._run(calls.brand_kits())

    def me(self) -> Me:
        """Who you are to the studio, and what you may do."""
        return self._run(signing_in.me())

    def names(self, ids: Sequence[str]) -> dict[str, str]:
        """What people are called, by id, of those whom you work with; others are left out. A hundred at a time."""
        return self._run(signing_in.names(ids))

    def sign_in(self, show: Callable[[DeviceCode], None], client: str = "Python") -> Me:
        """Sign in as whoever lets this program in: `show` tells them where to go, and which code to type. What comes of
        it is stored for this studio (`atelier.stored`), refreshed, and used by every program of this user from then on.
        """
        self._session.stored.write(self._walk(signing_in.sign_in(client, show, self._session.retry)))
        return self.me()

    def sign_out(self) -> bool:
        """Shut this device out, and forget what is stored. Whether anything was."""
        if self._session.stored.read() is None:
            return False
        with suppress(NotAllowed, NotFound):  # it counts no more anyway
            me = self.me()
            if me.how == "device" and me.key is not None:
                self._run(signing_in.revoke_device(me.key))
        return self._session.stored.forget()

    def api_keys(self) -> tuple[ApiKey, ...]:
        """Your API keys, those that count no more included."""
        return self._run(signing_in.keys())

    def create_key(self, name: str, scopes: Sequence[str], days: int = 90) -> NewApiKey:
        """A new API key, whose `key` is told now and never again; it may do what its scopes say of what you may."""
        return self._run(signing_in.create_key(name, scopes, days))

    def revoke_key(self, key: ApiKey | str) -> None:
        """Let a key count no more."""
        self._run(signing_in.revoke_key(key))

    def health(self) -> Health:
        """Whether the studio is ready; raises Unavailable while it starts."""
        return self._run(calls.health())

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, call: calls.Call[T]) -> T:
        return self._walk(request(call, self._session.retry))

    def _walk(self, flow: Flow[T]) -> T:
        with closing(flow):
            outcome: Outcome = None
            while True:
                try:
                    step = flow.send(outcome)
                except StopIteration as done:
                    result: T = done.value
                    return result
                outcome = self._carry_out(step)

    def _carry_out(self, step: Step) -> Outcome:
        if isinstance(step, Sleep):
            time.sleep(step.seconds)
            return None
        if isinstance(step, ReadFile):
            return step.path.read_bytes()
        try:
            if isinstance(step, Fetch):
                return self._fetch(step)
            with self._session.built(self._http, step) as built:
                return self._http.send(built)
        except httpx.RequestError as error:
            return error

    def _fetch(self, step: Fetch) -> httpx.Response:
        with self._session.built(self._http, step.call) as built:
            with closing(self._http.send(built, stream=True)) as response:
                if not response.is_success:
                    response.read()
                    return response
                with written_whole(step.to) as file:
                    for chunk in response.iter_bytes():
                        file.write(chunk)
                return response

    def _follow(self, follow: Follow, job_id: str) -> Iterator[Event]:
        while True:
            for event in self._listen(follow, job_id):
                yield event
            if follow.ended:
                return
            follow.check(job_id)
            time.sleep(follow.pause())
            for event in self._poll(follow, job_id):
                yield event
            if follow.ended:
                return

    def _ended(self, follow: Follow, job_id: str) -> Job:
        """The job, which has ended: asked for as patiently as its events were."""
        while True:
            try:
                return self.job(job_id)
            except AtelierError as error:
                follow.missed(error)
            follow.check(job_id)
            time.sleep(follow.pause())

    def _hear(self, hearing: Hearing) -> Iterator[Event]:
        while True:
            error: Unreachable | None = None
            listen = self._session.build_stream(self._http, None, hearing.headers(), STREAM_TIMEOUT)
            try:
                with closing(self._http.send(listen, stream=True)) as response:
                    if not hearing.opened(response):
                        response.read()
                        hearing.refused(response)
                    else:
                        for chunk in response.iter_bytes():
                            for event in hearing.feed(chunk):
                                yield event
                                hearing.resumed()
            except httpx.RequestError as broken:
                error = unreachable(broken)
            hearing.closed(error)
            hearing.check()
            time.sleep(hearing.pause())

    def _listen(self, follow: Follow, job_id: str) -> Iterator[Event]:
        listen = self._session.build_stream(self._http, job_id, follow.headers(), STREAM_TIMEOUT)
        error: Unreachable | None = None
        try:
            with closing(self._http.send(listen, stream=True)) as response:
                if follow.opened(response):
                    for chunk in response.iter_bytes():
                        for event in follow.feed(chunk):
                            yield event
                            follow.resumed()
                        if follow.ended:
                            break
        except httpx.RequestError as broken:
            error = unreachable(broken)
        follow.closed(error)

    def _poll(self, follow: Follow, job_id: str) -> Iterator[Event]:
        try:
            progress = follow.polled(self.job(job_id))
        except AtelierError as error:
            follow.missed(error)
        else:
            if progress is not None:
                yield progress
                follow.resumed()
