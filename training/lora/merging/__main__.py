"""`python -m training.lora.merging A.safetensors@0.7 B.safetensors@0.5 --out AB.safetensors`: LoRAs put together, one
resized (`--method svd --rank 8`), or one taken out of a model that was tuned whole (`--extract FOLDER --rank 32`).

What comes of it is tried as `python -m deployments.loras check` tries a file. With `--id` it is taken into
configs/loras; otherwise the command that adds it to a running studio is printed.

A strength may differ between layers: `A.safetensors@0.8,single_transformer_blocks.*=0.5` halves it in those.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from configs.catalog import Catalog
from configs.errors import AtelierError, ConfigError
from configs.load import ROOT, load_catalog
from configs.schema import LicencePart, LoraConfig, ModelConfig
from configs.semver import FIRST, following
from configs.weights import Weights
from deployments.loras import files, intake
from deployments.loras.inspection import choose_models
from deployments.terminal import plain_console, run
from training.lora.merging.factors import Limit
from training.lora.merging.inputs import Source, parse, read, union
from training.lora.merging.methods import METHODS, Merge
from training.lora.merging.report import next_step, tabulate
from training.lora.merging.workbench import Result, Workbench
from training.lora.merging.writing import DTYPES, describe


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Exit code 0 when the file is written, 1 when it is refused, 2 for arguments that are not known."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if bool(options.loras) == bool(options.extract):
        parser.error("name LoRAs to put together, or a model to --extract one from")
    try:
        _make(options, load_catalog(root), root)
    except AtelierError as error:
        plain_console(stderr=True).print(f"refused: {error}", soft_wrap=True)
        return 1
    return 0


def _make(options: argparse.Namespace, catalog: Catalog, root: Path) -> None:
    """All that can be refused is, before the model is loaded."""
    how = Merge(options.method, Limit(options.rank, options.energy), options.density, options.seed)
    _check(options)
    sources = [read(parse(text), catalog) for text in options.loras]
    model = _model(options, sources, catalog)
    licences = union({one.name: one.licences for one in sources}, dict(map(_licence, options.licence)))
    words = tuple(dict.fromkeys(word for source in sources for word in source.trigger_words))
    words = words if options.trigger is None else tuple(filter(None, options.trigger))
    config = _config(options, model, words, licences, catalog) if options.id else None
    result = _run(options, sources, how, model, words, licences)
    out = plain_console()
    out.print(tabulate(result, options.out, words, licences))
    if config is None:
        out.print(f"to draw with it: {next_step(options.out, words, licences)}", soft_wrap=True)
    else:
        taken = intake.take_in(config, options.out, files.read(options.out, options.out.name), root)
        out.print(f"taken in as configs/loras/{taken.id}.yaml", soft_wrap=True)


def _run(
    options: argparse.Namespace,
    sources: Sequence[Source],
    how: Merge,
    model: ModelConfig,
    words: Sequence[str],
    licences: Sequence[LicencePart],
) -> Result:
    if options.extract:
        header = describe("extract", [{"base": model.id, "rank": options.rank}], words, licences)
        return Workbench(model).extract(options.extract, how.limit, options.out, header, options.dtype)
    told = [
        {"sha256": one.sha256, "strength": one.wanted.strength, "blocks": dict(one.wanted.blocks)} for one in sources
    ]
    header = describe(how.method, told, words, licences)
    return Workbench(model).merge(sources, how, options.out, header, options.dtype)


def _check(options: argparse.Namespace) -> None:
    if options.extract and options.rank is None:
        raise ConfigError("--extract needs --rank: 32 to 64 keep most of what a tuned model learned", "rank")
    if options.rank is not None and not 1 <= options.rank <= 512:
        raise ConfigError(f"--rank {options.rank}: a rank lies between 1 and 512", "rank")
    if options.energy is not None and not 0 < options.energy <= 1:
        raise ConfigError(f"--energy {options.energy:g}: a share lies between 0 and 1", "energy")
    if not 0 < options.density <= 1:
        raise ConfigError(f"--density {options.density:g}: a share lies between 0 and 1; .2 to .5 is usual", "density")
    if options.out.suffix != ".safetensors" or not options.out.parent.is_dir():
        raise ConfigError(f"--out {options.out}: name a .safetensors file in a folder that is there", "out")


def _model(options: argparse.Namespace, sources: Sequence[Source], catalog: Catalog) -> ModelConfig:
    """The one that is named, or the first that the first LoRA fits and whose weights are here."""
    ids = [options.model] if options.model else []
    if not sources and not ids:
        raise ConfigError("--extract needs --model: the model that was tuned", "model")
    contents = sources[0].contents if sources else files.Contents({}, {})
    family = sources[0].config.family if sources and sources[0].config and not ids else None
    return choose_models(contents, catalog, family, ids)[0]


def _config(
    options: argparse.Namespace,
    model: ModelConfig,
    words: tuple[str, ...],
    licences: Sequence[LicencePart],
    catalog: Catalog,
) -> LoraConfig:
    fields: dict[str, object] = {
        "id": options.id,
        "version": following(catalog.loras[options.id].version) if options.id in catalog.loras else FIRST,
        "name": options.name or options.id,
        "family": model.family,
        "models": (model.id,),
        "weights": Weights(path=str(options.out)),
        "trigger_words": words,
    }
    return intake.describe(fields, {one.part: one.licence for one in licences}, catalog, options.replace)


def _licence(given: str) -> tuple[str, str]:
    part, _, licence = given.rpartition("=")
    if not part:
        raise ConfigError(f"--licence {given}: write PART=ID, for example adapter=apache-2.0", "licence_parts")
    return part.strip(), licence.strip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.lora.merging",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("loras", nargs="*", metavar="LORA[@STRENGTH]", help="a file, or the id of one in configs/loras")
    parser.add_argument("--extract", type=Path, metavar="FOLDER", help="of a tuned model, or its .safetensors file")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--method",
        choices=tuple(METHODS),
        default="concatenate",
        help="concatenate: their sum, exact, ranks add up; svd: the same at --rank or --energy; ties, dare: thinned "
        "out to --density first, at --rank (default %(default)s)",
    )
    parser.add_argument("--rank", type=int, help="of each layer of the result, at most")
    parser.add_argument("--energy", type=float, help="svd: as much rank as holds this share of each layer's change")
    parser.add_argument(
        "--density", type=float, default=0.3, help="ties, dare: the share of numbers kept (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="dare: which numbers are kept (%(default)s)")
    parser.add_argument("--dtype", choices=tuple(DTYPES), help="as the LoRAs' own if absent, float32 if they differ")
    parser.add_argument("--model", metavar="ID", help="to read and try them with; the first that fits if absent")
    parser.add_argument("--licence", action="append", default=[], metavar="PART=ID", help="of the adapter, …")
    parser.add_argument("--trigger", action="append", metavar="WORD", help="'' for none; those of all LoRAs if absent")
    parser.add_argument("--id", help="take the result into configs/loras under it")
    parser.add_argument("--name")
    parser.add_argument("--replace", action="store_true", help="a LoRA of that id")
    return parser


if __name__ == "__main__":
    sys.exit(run(main))
