"""`python -m clients.generator.synchronous`: write the synchronous client from the asynchronous one, or check that it
is fresh. What awaits is written once, by hand; here the same is said without."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from clients.generator.written import Written, keep

PACKAGE = Path(__file__).parent.parent / "python" / "atelier"
_ROOM = "synchronous"
_CLIENT, _SYNC_CLIENT = "async_client", "client"
_BY_HAND = {"AsyncTransport": "atelier.transports"}
"""What is no room of the client: connections have two kinds, each written by hand."""
_WORDS: Mapping[str, str] = {
    r"\basync (def|for|with)\b": r"\1",
    r"\bawait ": "",
    r"\basyncio\.to_thread\((\w[\w.]*), ": r"\1(",
    r"\basyncio\.to_thread\((\w[\w.]*)\)": r"\1()",
    r"\basyncio\.sleep\b": "time.sleep",
    r"\baclosing\b": "closing",
    r"\bAsyncIterator\b": "Iterator",
    r"\bAsyncGenerator\b": "Generator",
    r"\bCoroutine\[Any, Any, (\w+)\]": r"\1",
    r"\bAwaitable\[(\w+)\]": r"\1",
    r"\b__aenter__\b": "__enter__",
    r"\b__aexit__\b": "__exit__",
    r"\baiter_(\w+)\b": r"iter_\1",
    r"\baclose\b": "close",
    r"\baread\b": "read",
    r"\bAsync(?=[A-Z])": "",
    r" for asyncio\b": "",
    r"\ban async context\b": "a context",
    r"\bevent loops\b": "threads",
}
"""In this order; the words of asyncio, and those that the client says in their place."""
_HEADER = '"""Written by `python -m clients.generator.synchronous` from `{source}.py`, where it is changed."""\n'


def written_files() -> Iterator[Written]:
    """The files, as they should be."""
    for source in sorted(PACKAGE.glob("*.py")):
        tree = ast.parse(text := source.read_text(encoding="utf-8"))
        if source.stem == _CLIENT:
            yield Written(PACKAGE / f"{_SYNC_CLIENT}.py", _Module(source.stem, text, tree).write())
        elif rooms := [one for one in _classes(tree) if one.name.startswith("Async") and one.name not in _BY_HAND]:
            module = _Module(source.stem, text, tree, {one.name for one in rooms})
            yield Written(PACKAGE / _ROOM / source.name, module.write())


def _classes(tree: ast.Module) -> list[ast.ClassDef]:
    return [node for node in tree.body if isinstance(node, ast.ClassDef)]


def _without_awaiting(text: str) -> str:
    for found, said in _WORDS.items():
        text = re.sub(found, said, text)
    return text


class _Module:
    """One module of the asynchronous client; of it, the classes that are `wanted`, or everything."""

    def __init__(self, name: str, text: str, tree: ast.Module, wanted: set[str] | None = None) -> None:
        self._name, self._text, self._tree, self._wanted = name, text, tree, wanted

    def write(self) -> str:
        kept = [node for node in self._tree.body if self._is_kept(node)]
        body = "\n\n\n".join(_without_awaiting(self._source(node)) for node in kept)
        used = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
        imports = sorted({line for name in used for line in self._imports(name)})
        lines = [_HEADER.format(source=self._name), "from __future__ import annotations", *imports]
        return "\n".join(lines) + "\n\n\n" + body + "\n"

    def _is_kept(self, node: ast.stmt) -> bool:
        if self._wanted is not None:
            return isinstance(node, ast.ClassDef) and node.name in self._wanted
        is_docstring = isinstance(node, ast.Expr) and node is self._tree.body[0]
        return not is_docstring and not isinstance(node, ast.Import | ast.ImportFrom)

    def _source(self, node: ast.stmt) -> str:
        return ast.get_source_segment(self._text, node) or ""

    def _imports(self, name: str) -> Iterator[str]:
        """What brings a name, as the module has it or in its synchronous form."""
        if name in ("time", "closing", "Iterator", "Generator"):
            yield {"time": "import time", "closing": "from contextlib import closing"}.get(
                name, f"from collections.abc import {name}"
            )
            return
        for node in self._tree.body:
            if isinstance(node, ast.ImportFrom):
                for one in node.names:
                    yield from _import_of(name, node.module or "", one)
            elif isinstance(node, ast.Import):
                yield from (f"import {one.name}" for one in node.names if one.name == name)
            elif self._wanted is not None and name in _defined(node):
                yield f"from atelier.{self._name} import {name}"


def _import_of(name: str, module: str, imported: ast.alias) -> Iterator[str]:
    if (imported.asname or imported.name) == name:
        yield f"from {module} import {ast.unparse(imported)}"
    elif imported.name == f"Async{name}":
        yield f"from {_BY_HAND.get(imported.name, module.replace('atelier.', f'atelier.{_ROOM}.'))} import {name}"


def _defined(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()


def main(arguments: list[str]) -> int:
    """Write the files; with `--check`, exit 1 where one is stale."""
    return keep(list(written_files()), "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
