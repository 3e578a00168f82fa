"""`atelier mcp` as agents start it: a process that speaks over its stdin and stdout, with the SDK's own client."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

import anyio
import httpx
import pytest
from atelier import cli
from mcp import types
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from router.api.app import create_app
from router.people.principal import Principal, Role
from tests.clients.cli.test_cli import COMMAND, environment
from tests.clients.cli.test_process import heeding
from tests.ports import free_port
from tests.router.calls import wait
from tests.router.mcp.talking import ERAS, Heard, answer, refusal, shown, talk
from tests.router.people.doors import TableDoor
from tests.studio import PaintedGenerator, painted_studio, serving

pytestmark = pytest.mark.slow

T = TypeVar("T")
SLOW = {"prompt": "a lamp", "number": 8}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    studio = painted_studio(tmp_path_factory.mktemp("stdio"), PaintedGenerator(step_seconds=0.05))
    with serving(create_app(studio)) as url:
        yield url


@asynccontextmanager
async def started(url: str, errors: Path, era: str = "auto", **variables: str) -> AsyncIterator[Client]:
    process = StdioServerParameters(
        command=COMMAND[0], args=[*COMMAND[1:], "mcp"], env={**environment(url), **variables}
    )
    with errors.open("w") as file:
        async with Client(stdio_client(process, errlog=file), mode=era) as client:
            yield client


@pytest.fixture
def errors(tmp_path: Path) -> Iterator[Path]:
    """What the process says to people: nothing, in all of these tests."""
    file = tmp_path / "errors.txt"
    yield file
    assert file.read_text() == ""


def run(work: Callable[[Client], Awaitable[T]], url: str, errors: Path, era: str = "auto", **variables: str) -> T:
    async def run() -> T:
        async with started(url, errors, era, **variables) as client:
            return await work(client)

    return anyio.run(run)


@pytest.mark.parametrize("era", ERAS)
def test_an_agent_draws_with_progress_and_sees_what_came(url: str, errors: Path, era: str) -> None:
    heard = Heard()

    async def work(client: Client) -> tuple[str | None, types.ListToolsResult, types.CallToolResult]:
        tools = await client.list_tools()
        asked = {"prompt": "a red fox", "quality": "draft", "number": 2, "seed": 7}
        return client.instructions, tools, await client.call_tool("generate", asked, progress_callback=heard)

    instructions, tools, result = run(work, url, errors, era)
    job = answer(result)
    assert (job["status"], [one["seed"] for one in job["pictures"]], len(shown(result))) == ("complete", [7, 8], 2)
    assert job["job_id"] in heard.sentences[0]
    assert len(heard.shares) > 2
    assert (instructions or "").startswith("Atelier is this team's image studio")

    async def listed(client: Client) -> types.ListToolsResult:
        return await client.list_tools()

    assert tools.tools == talk(url, listed).tools


def test_what_a_tool_refuses_and_a_tool_that_there_is_not(url: str, errors: Path) -> None:
    async def work(client: Client) -> tuple[str, str]:
        refused = await client.call_tool("generate", {"prompt": "a fox", "asset_type": "icn"})
        with pytest.raises(Exception, match="there is no tool 'paint'") as caught:
            await client.call_tool("paint", {})
        return refusal(refused), str(caught.value)

    assert "choose one of icon, " in run(work, url, errors)[0]


@pytest.mark.parametrize("era", ERAS)
def test_an_agent_that_cancels_cancels_the_job(url: str, errors: Path, era: str) -> None:
    heard: list[str] = []

    async def work(client: Client) -> None:
        with anyio.CancelScope() as scope:

            async def hear(progress: float, total: float | None, message: str | None) -> None:
                heard.append(message or "")
                scope.cancel()

            await client.call_tool("generate", SLOW, progress_callback=hear)
        await client.list_tools()  # the bridge goes on

    run(work, url, errors, era)
    with httpx.Client(base_url=url) as api:
        assert wait(api, heard[0].split()[1])["status"] == "canceled"


def test_it_asks_as_whoever_the_token_says(tmp_path: Path, errors: Path) -> None:
    door = TableDoor(Principal("ana", "Ana", frozenset({Role.DESIGNER})))
    asked = {"prompt": "a fox", "quality": "draft"}

    async def draw(client: Client) -> types.CallToolResult:
        return await client.call_tool("generate", asked)

    with serving(create_app(painted_studio(tmp_path / "studio"), door=door)) as url:
        nobody = {"ATELIER_CONFIG": str(tmp_path / "nobody")}
        assert "sign in first" in refusal(run(draw, url, errors, **nobody))
        job = answer(run(draw, url, errors, ATELIER_TOKEN="ana"))
        with httpx.Client(base_url=url, headers={"Authorization": "Bearer ana"}) as api:
            assert api.get(f"/jobs/{job['job_id']}").json()["owner"] == "ana"


def test_a_studio_that_comes_later_is_found_and_one_that_goes_is_told(tmp_path: Path, errors: Path) -> None:
    """An agent starts its servers once, whatever runs then."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"

    async def work(client: Client) -> list[str]:
        said = [refusal(await client.call_tool("list_models", {}))]
        studio = painted_studio(tmp_path, PaintedGenerator(step_seconds=0.2))
        server = await anyio.to_thread.run_sync(_begin, studio, port)
        answer(await client.call_tool("list_models", {}))
        async with anyio.create_task_group() as group:

            async def draw() -> None:
                said.append(refusal(await client.call_tool("generate", SLOW)))

            group.start_soon(draw)
            await anyio.sleep(1)
            await anyio.to_thread.run_sync(server)
        said.append(refusal(await client.call_tool("list_models", {})))
        return said

    first, gone, last = run(work, url, errors)
    assert first == last == f"{url} does not answer"
    assert "the studio went away before it had answered" in gone


def _begin(studio: object, port: int) -> Callable[[], None]:
    """A server at a port, and what ends it."""
    import threading

    import uvicorn

    config = uvicorn.Config(
        create_app(studio),  # type: ignore[arg-type]
        host="127.0.0.1",
        port=port,
        log_level="error",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()

    def end() -> None:
        server.should_exit = True
        thread.join(20)

    return end


@contextmanager
def _speaking(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process, once it answers, though garbage comes first."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*COMMAND, "mcp"], env=environment(url), stdin=pipe, stdout=pipe, stderr=pipe, preexec_fn=heeding
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(
            b'garbage\n{"jsonrpc": "1.0"}\n\xff\xfe\n[]\n{"jsonrpc": "2.0", "id": 5, "method": "ping"}\n'
        )
        process.stdin.flush()
        assert b'"id":5' in process.stdout.readline()
        yield process
        assert process.stderr
        assert process.stderr.read() == b""


def test_the_end_of_stdin_is_its_end(url: str) -> None:
    with _speaking(url) as process:
        assert process.stdin
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once(url: str, number: signal.Signals) -> None:
    with _speaking(url) as process:
        process.send_signal(number)
        assert process.wait(30) == -number


def test_without_its_library_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SystemExit) as ended:
        cli.run(["mcp"])
    assert ended.value.code == 2
    assert "pip install 'atelier[mcp]'" in capsys.readouterr().err
