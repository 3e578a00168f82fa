"""Whether requests can be drawn in another way, remembered: most are alike but for their words."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from configs.catalog import Installation
from configs.errors import InvalidRequest
from router.job_request import JobRequest
from router.library.pinning import NO_VERSIONS, NamedVersions, pin
from router.pictures.names import FoundPicture
from router.planning.making import make_plan
from router.rates import Rates

_REMEMBERED = 2048


class Eligibility:
    """What it was asked before, it answers without planning. Used from one thread at a time."""

    def __init__(self) -> None:
        self._installation: Installation | None = None
        self._errors: OrderedDict[str, InvalidRequest | None] = OrderedDict()

    def check(
        self,
        request: JobRequest,
        installation: Installation,
        rates: Rates,
        found: Mapping[str, FoundPicture],
        versions: NamedVersions = NO_VERSIONS,
    ) -> None:
        """Raises `InvalidRequest` for what cannot be drawn. `versions` are those that it may name, looked up."""
        request = request.model_copy(update={"seed": 0})
        if request.inputs or request.brand_kit is not None or "<" in request.prompt or "--" in request.prompt:
            request, pinned = pin(request, installation, versions)
            make_plan(request, pinned, rates, 0, found)
            return
        error = self._look(request.model_copy(update={"prompt": "a"}), installation, rates, versions)
        if error is not None:
            raise error

    def _look(
        self, request: JobRequest, installation: Installation, rates: Rates, versions: NamedVersions
    ) -> InvalidRequest | None:
        if installation is not self._installation:
            self._installation, self._errors = installation, OrderedDict()
        key = request.model_dump_json(exclude_defaults=True)
        if key not in self._errors:
            self._errors[key] = _try(request, installation, rates, versions)
            if len(self._errors) > _REMEMBERED:
                self._errors.popitem(last=False)
        return self._errors[key]


def _try(
    request: JobRequest, installation: Installation, rates: Rates, versions: NamedVersions
) -> InvalidRequest | None:
    try:
        request, pinned = pin(request, installation, versions)
        make_plan(request, pinned, rates, 0)
    except InvalidRequest as error:
        return error
    return None
