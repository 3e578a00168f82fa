"""A front door in a process of its own, over the state in a folder, that conducts nothing: it is there to be killed.

`python -m tests.router.streams.front_door FOLDER` prints its URL and serves until then.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from router.api.app import create_app
from tests.studio import painted_studio, serving


class Resting:
    """Conducts nothing: others do."""

    ready = found = True

    def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    def wake(self) -> None:
        pass

    def cancel(self, job_id: str) -> None:
        pass


def main() -> None:
    with serving(create_app(painted_studio(Path(sys.argv[1])), Resting())) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
