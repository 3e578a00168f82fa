"""`atelier generate`: submit, watch, write the files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from atelier.cli import files, options
from atelier.cli.answers import answering, describe, exit_code, show
from atelier.cli.layout import Fact
from atelier.cli.options import DEFAULT_URL
from atelier.cli.pictures import read_control, read_image_prompt, upload_pictures
from atelier.cli.printing import print_facts, print_json, print_path, say, stderr
from atelier.cli.progress import Display, estimate
from atelier.cli.signals import interrupted
from atelier.client import Atelier
from atelier.errors import AtelierError, JobFailed
from atelier.models import Accepted, AppliedLora, BaseStage, Job, Plan, PlannedInput
from atelier.pictures import GenerateOptions, LoraWish, Use
from atelier.retry import Retry
from atelier.session import new_key

# A person waits at the prompt: a studio that is not there should be named soon.
PATIENCE = Retry(attempts=2)


def generate(
    prompt: Annotated[
        str,
        typer.Argument(
            metavar="prompt", parser=options.a_text, help="What the picture shows, in plain words.", show_default=False
        ),
    ],
    asset_type: options.AssetType = None,
    style: options.Style = None,
    slots: options.Slots = None,
    brand_kit: options.BrandKit = None,
    count: options.Count = 1,
    best_of: options.BestOf = None,
    keep: options.Keep = None,
    retry_below: options.RetryBelow = None,
    max_tries: options.MaxTries = None,
    out: options.Out = Path(),
    quality: options.Quality = None,
    seed: options.Seed = None,
    size: options.Size = None,
    sizes: options.Sizes = None,
    formats: options.Formats = None,
    model: options.Model = None,
    negative_prompt: options.Avoid = None,
    steps: options.Steps = None,
    guidance_scale: options.Guidance = None,
    sampler: options.Sampler = None,
    schedule: options.Schedule = None,
    loras: options.Loras = None,
    image: options.StartImage = None,
    right: options.Right = None,
    mask: options.Mask = None,
    strength: options.Redrawn = None,
    references: options.References = None,
    controls: options.Controls = None,
    image_prompts: options.ImagePrompts = None,
    stages: options.Stages = None,
    deadline: options.Deadline = None,
    private: options.Private = False,
    use: options.Use = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and draw nothing.")] = False,
    open_page: options.Open = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Draw pictures, write their files, and print the paths. Ctrl-C cancels the job."""
    wish = GenerateOptions(
        asset_type=asset_type,
        style=style,
        slots=dict(read_slot(text) for text in slots or []) or None,
        brand_kit=brand_kit,
        model=model,
        quality=quality,
        num_variations=count,
        best_of=best_of,
        keep=keep,
        retry_below=dict(read_score(text) for text in retry_below or []) or None,
        max_tries=max_tries,
        seed=seed,
        size=size,
        sizes=sizes or None,
        formats=formats or None,
        negative_prompt=negative_prompt,
        num_inference_steps=steps,
        guidance_scale=guidance_scale,
        sampler=sampler,
        schedule=schedule,
        loras=[read_lora(text) for text in loras or []] or None,
        deadline_seconds=deadline,
        image=image,
        mask=mask,
        strength=strength,
        references=[*references] if references else None,
        controls=[read_control(text) for text in controls or []] or None,
        image_prompts=[read_image_prompt(text) for text in image_prompts or []] or None,
        stages=dict(read_stage(text) for text in stages or []) or None,
    )
    if private:
        wish["private"] = True
    silent = quiet or as_json and not stderr.is_terminal
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        if not dry_run:
            files.check_folder(out, prompt)
        wish = upload_pictures(studio, wish, silent or not stderr.is_terminal, right)
        if dry_run:
            _print_plan(studio.plan(prompt, **wish), as_json)
            return

        if use is not None:
            _check_use(studio.plan(prompt, **wish), use)

        def order(key: str) -> Accepted:
            return studio.submit(prompt, idempotency_key=key, **wish)

        job, failure = Drawing(studio, order, _pictures(wish), silent).run()
        if open_page:
            show(page_of(url, job.job_id))
        deliver(studio, job, out, failure, as_json, use)


def deliver(
    studio: Atelier, job: Job, out: Path, failure: AtelierError | None, as_json: bool, use: Use | None = None
) -> None:
    """Write the files of an ended job, print their paths, and end as the job and the writing did."""
    try:
        paths, unwritten = files.write(studio, job, out, use)
    except KeyboardInterrupt:
        say(files.again(job.job_id))
        raise
    problems = [problem for problem in (failure, unwritten) if problem is not None]
    if as_json:
        print_json(result(job, paths) | ({"error": describe(problems[0])} if problems else {}))
    else:
        _print_paths(job, paths)
    for problem in problems:
        say(str(problem))
    if problems:
        raise typer.Exit(exit_code(problems[0]))


class UseRefused(AtelierError):
    """What would be drawn may not be used so: nothing was drawn."""


def _check_use(planned: Plan, use: Use) -> None:
    """Raises `UseRefused` where the licences of a plan say no; a condition is for whoever takes the pictures."""
    if getattr(planned.licence, use) == "refused":
        why = "; ".join(planned.licence.reasons)
        raise UseRefused(f"Nothing was drawn: it could not be used for {use}. {why}")


def read_lora(text: str) -> LoraWish:
    """`icons@0.8`, or `icons` at its usual strength; of a version, `icons@1.2.0` or `icons@1.2.0@0.8`."""
    id, at, rest = text.partition("@")
    version, _, strength = rest.partition("@")
    if version.count(".") == 2:  # noqa: PLR2004 - as versions have
        id, at, rest = f"{id}@{version}", "@" if strength else "", strength
    try:
        return {"id": id, "strength": options.finite(rest)} if at else {"id": id}
    except ValueError:
        hint = f"'{text}' is not ID, ID@STRENGTH or ID@VERSION, for example icons@0.8"
        raise typer.BadParameter(hint, param_hint="--lora") from None


def read_score(text: str) -> tuple[str, float]:
    """`fidelity=0.5`: a score and what is asked of it."""
    name, _, value = text.partition("=")
    try:
        return name, options.finite(value)
    except ValueError:
        hint = f"'{text}' is not SCORE=VALUE, for example fidelity=0.5"
        raise typer.BadParameter(hint, param_hint="--retry-below") from None


def read_slot(text: str) -> tuple[str, str]:
    """`setting=a forest`: a slot of the asset type's template and its words."""
    name, equals, words = text.partition("=")
    if not name or not equals:
        raise typer.BadParameter(f"'{text}' is not NAME=WORDS, for example 'setting=a forest'", param_hint="--slot")
    return name, words


def read_stage(text: str) -> tuple[str, dict[str, Any] | bool]:
    """`palette={"colours": ["#d13438"]}`: a kind of stage and its settings; `refine=false` leaves one out."""
    kind, _, settings = text.partition("=")
    try:
        said = json.loads(settings)
    except (ValueError, RecursionError):
        said = None
    if not kind or not (isinstance(said, dict) or said is False):
        hint = f"'{text}' is not KIND=JSON, for example palette='{{\"colours\": [\"#d13438\"]}}' or refine=false"
        raise typer.BadParameter(hint, param_hint="--stage")
    return kind, said


class Drawing:
    """One job from submission to its end. An interrupt cancels it, even one that comes before its id is known."""

    def __init__(self, studio: Atelier, order: Callable[[str], Accepted], pictures: int, silent: bool) -> None:
        """`order` submits the job under a key, and again under the same one."""
        self._studio = studio
        self._order = order
        self._pictures = pictures
        self._key = new_key()
        self._silent = silent
        self._accepted: Accepted | None = None

    def run(self) -> tuple[Job, AtelierError | None]:
        """The ended job, and why it failed if it did; what was finished by then is in the job."""
        try:
            self._accepted = self._submit()
            if not self._silent:
                _say_notes(self._accepted)
            return self._follow(self._accepted), None
        except JobFailed as failure:
            return failure.job, failure
        except AtelierError:
            if self._accepted is not None:
                say(f"Job {self._accepted.job_id} was accepted. {files.again(self._accepted.job_id)}")
            raise
        except KeyboardInterrupt as stop:
            self._cancel()
            raise typer.Exit(interrupted(stop)) from None

    def _submit(self) -> Accepted:
        return self._order(self._key)

    def _follow(self, accepted: Accepted) -> Job:
        if self._silent:
            return self._studio.wait(accepted)
        with Display(stderr, accepted, self._pictures) as display:
            return self._studio.wait(accepted, display)

    def _cancel(self) -> None:
        # The same key finds the job whose id the interrupt kept from us.
        accepted = self._accepted or self._submit()
        try:
            job = self._studio.cancel(accepted)
        except AtelierError:
            again = files.command("cancel", accepted.job_id)
            say(f"Job {accepted.job_id} is not canceled yet; this cancels it: {again}")
            raise
        kept = f"; {len(job.images)} finished, see: {files.command('job', job.job_id)}" if job.images else ""
        say(f"Canceled job {job.job_id}{kept}")


def _pictures(wish: GenerateOptions) -> int:
    """How many are finished."""
    if wish.get("best_of"):
        return wish.get("keep") or 1
    return wish.get("num_variations") or 1


def _say_notes(accepted: Accepted) -> None:
    """What a person may want to cancel for; that pictures are enlarged is usual."""
    for note in accepted.notes:
        if note.code != "enlarged":
            say(f"Note: {note.message}")


def _print_paths(job: Job, paths: list[Path]) -> None:
    for path in paths:
        print_path(path)
    for note in dict.fromkeys(note for image in job.images for note in image.notes):
        say(f"Note: {note}")


def page_of(url: str, job_id: str) -> str:
    """The address of a job on the studio's page."""
    return f"{url.rstrip('/')}/?job={quote(job_id, safe='')}"


def result(job: Job, paths: list[Path]) -> dict[str, Any]:
    """What scripts get of an ended job."""
    return {
        "job_id": job.job_id,
        "status": job.status,
        "seeds": list(job.seeds),
        "files": [str(path) for path in paths],
        "prompt": job.prompt,
        "asset_type": job.asset_type,
        "model": job.model,
        "quality": job.quality,
        "loras": [lora.model_dump() for lora in job.loras],
        "inputs": [one.model_dump(exclude_none=True) for one in job.inputs],
        "strength": job.strength,
        "images": [image.model_dump(mode="json") for image in job.images],
        "candidates": [one.model_dump(mode="json") for one in job.candidates],
    }


def _print_plan(answer: Plan, as_json: bool) -> None:
    if as_json:
        print_json(answer.model_dump(mode="json"))
        return
    plan = answer.plan
    seeds = ", ".join(str(seed) for seed in plan.seeds)
    facts = [
        Fact("pictures", f"{len(plan.seeds)}, seed {seeds}"),
        *(fact for stage in plan.stages if isinstance(stage, BaseStage) for fact in _drawn(stage)),
    ]
    facts += [Fact(stage.label, stage.text) for stage in answer.pipeline]
    facts += [
        Fact("licence", f"product use: {answer.licence.product} ({', '.join(answer.licence.licences)})"),
        Fact("time", estimate(answer.estimated_time_seconds)),
        *(Fact("note", note.message, prose=True) for note in plan.notes),
    ]
    print_facts(facts)


def _drawn(base: BaseStage) -> list[Fact]:
    """What is drawn, and from what."""
    facts = [Fact("prompt", base.full_prompt, prose=True)]
    if base.reading is not None:
        about = "" if base.reading.exact else "about "
        read = f"{about}{base.reading.tokens} of the {base.reading.limit} that {base.model} reads"
        facts.append(Fact("tokens", read))
    if base.fused or base.loras:
        facts.append(Fact("loras", ", ".join(map(_worn, base.fused + base.loras))))
    facts += [Fact("with", _taken(one, base.strength)) for one in base.inputs]
    return facts


def _worn(one: AppliedLora) -> str:
    """As `--lora` takes it."""
    return "@".join(filter(None, (one.lora, one.version, f"{one.strength:g}")))


def _taken(one: PlannedInput, strength: float | None) -> str:
    image = one.image
    much = f", {strength:.0%} redrawn" if one.role == "image" and strength is not None else ""
    return f"{one.kind or one.role.replace('_', ' ')} {image.picture} ({image.width}x{image.height}{much})"
