"""From what a request says of choosing (`best_of`, `keep`, `retry_below`, `max_tries`) to the choice of its plan."""

from __future__ import annotations

from collections.abc import Iterable

from configs.errors import InvalidRequest
from configs.service import Limits
from deployments.stages.kind import Stage
from deployments.stages.score import SCORED, ScoreSettings
from router.choosing import Choice
from router.job_request import JobRequest
from router.notes import Note, NoteCode

_TRIES = 3  # with `retry_below`, unless a request says otherwise


def find_choice(request: JobRequest, limits: Limits) -> Choice | None:
    """None where every drawing becomes a picture. Raises `InvalidRequest`, naming the field at fault."""
    _check_fields(request)
    if request.best_of is None and not request.retry_below:
        return None
    keep = request.num_variations if request.best_of is None else request.keep or 1
    best_of = keep if request.best_of is None else request.best_of
    _check_numbers(best_of, keep, limits)
    tries = (request.max_tries or _TRIES) if request.retry_below else 1
    return Choice(best_of=best_of, keep=keep, retry_below=dict(request.retry_below), tries=tries)


def score_drawings(request: JobRequest) -> JobRequest:
    """The request with its drawings scored, which a choice needs. Raises `InvalidRequest` where it refuses that."""
    scored = request.stages.score  # type: ignore[attr-defined] # made from the table of stages
    if scored is False:
        raise InvalidRequest("what is chosen by its score has to be scored: leave stages.score out", "stages.score")
    scored = scored or ScoreSettings()
    return request.model_copy(update={"stages": request.stages.model_copy(update={"score": scored})})


def estimate(stages: tuple[Stage, ...], choice: Choice | None, pictures: int) -> float:
    """Seconds for all pictures. Chosen ones go on when all candidates are scored; that none is drawn again is hoped."""
    if choice is None:
        return _pipeline_seconds(stages, pictures)
    scored = 1 + [stage.kind for stage in stages].index(choice.after)
    return _pipeline_seconds(stages[:scored], choice.best_of) + _pipeline_seconds(stages[scored:], choice.keep)


def _pipeline_seconds(stages: tuple[Stage, ...], pictures: int) -> float:
    """Pictures follow one another through the stages: all stages once, then the slowest once for each further one."""
    seconds = [stage.estimated_seconds for stage in stages]
    return sum(seconds) + (pictures - 1) * max(seconds)


def note_choice(choice: Choice | None, stages: Iterable[Stage]) -> tuple[Note, ...]:
    """What a person should know of it. Raises `InvalidRequest` where a stage takes drawings over half-way, before there
    is anything to score."""
    if choice is None:
        return ()
    if any(stage.takes_over_at is not None for stage in stages):
        message = "what is chosen among is finished drawings: leave denoising_start out, and refine at a strength"
        raise InvalidRequest(message, "stages.refine.denoising_start")
    said = f"{choice.best_of} drawings are scored, and the {choice.keep} with the highest {choice.by} go on"
    if choice.retry_below:
        least = ", ".join(f"{name} {value:g}" for name, value in choice.retry_below.items())
        said = f"{said}; what is below {least} is drawn again, in at most {choice.tries} rounds of drawing"
    return (Note(code=NoteCode.CHOSEN, message=said),)


def _check_fields(request: JobRequest) -> None:
    """Fields that mean nothing, or contradict each other."""
    if request.keep is not None and request.best_of is None:
        raise InvalidRequest("keep says how many of best_of are kept: give best_of, too", "keep")
    if request.max_tries is not None and not request.retry_below:
        raise InvalidRequest("max_tries counts only with retry_below: say what is drawn again", "max_tries")
    if request.best_of is not None and request.num_variations not in (1, request.keep or 1):
        message = (
            f"num_variations ({request.num_variations}) contradicts keep ({request.keep or 1}), which says how many"
            " pictures best_of leaves: leave num_variations out"
        )
        raise InvalidRequest(message, "num_variations")
    for name in request.retry_below:
        if name not in SCORED:
            raise InvalidRequest(
                f"'{name}' is not measured of a drawing; {', '.join(SCORED)} are", "retry_below", SCORED
            )


def _check_numbers(best_of: int, keep: int, limits: Limits) -> None:
    if best_of < keep:
        raise InvalidRequest(f"best_of ({best_of}) must be at least keep ({keep}), which is chosen from it", "best_of")
    if best_of > limits.max_best_of:
        raise InvalidRequest(f"best_of may be 1 to {limits.max_best_of}", "best_of")
    if keep > limits.max_variations:
        raise InvalidRequest(f"keep may be 1 to {limits.max_variations}", "keep")
