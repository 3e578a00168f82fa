"""The trained captioner as the weights that ship, with the words of its sentences and how sure it has to be."""

from __future__ import annotations

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from deployments.captioners.attribute_captioner import Vocabulary
from deployments.captioners.attributes import AttributeClassifier
from deployments.captioners.sentences import Grammar
from training.captioner.learning import CaptionerPlan, load_classifier, render_looks, render_world
from training.captioner.questions import ASKED
from training.mini.judges import IGNORED, to_input
from training.mini.wordings import GROUND_PHRASES, SCENE_PHRASES
from training.mini.workspace import Workspace
from training.mini.world.palette import PLAIN
from training.mini.world.subjects import PEOPLE

WEIGHTS = Path("deployments/weights/mini-captioner")
GRAMMAR = Grammar(
    people=tuple(PEOPLE),
    plural=("headphones", "glasses", "trousers", "shoes"),
    grounds={name: GROUND_PHRASES[0].format(g=name) for name in PLAIN}
    | {name: phrases[0] for name, phrases in SCENE_PHRASES.items()},
    styles={"icon": "an icon", "product": "a product illustration", "logo": "a logo", "premium": "an illustration"},
    anything="a picture",
    sure={"subject": 0.6, "colour": 0.6, "background": 0.6, "style": 0.6, "garment": 0.6},
)
_TEMPERATURES = [0.5 + 0.05 * step for step in range(51)]


def export_captioner(space: Workspace, plan: CaptionerPlan, target: Path = WEIGHTS) -> None:
    """Write `model.safetensors` (float16) and `config.json`."""
    network = load_classifier(space, plan)
    target.mkdir(parents=True, exist_ok=True)
    state = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    save_file(state, target / "model.safetensors")
    (target / "model.safetensors").chmod(0o644)
    vocabulary = Vocabulary(
        width=24, dimensions=256, questions=ASKED, temperature=find_temperature(network, space), grammar=GRAMMAR
    )
    (target / "config.json").write_text(json.dumps(vocabulary.model_dump(mode="json")) + "\n", encoding="utf-8")


@torch.inference_mode()
def find_temperature(network: AttributeClassifier, space: Workspace, count: int = 150) -> float:
    """By what logits are divided so that likelihoods are true of pictures that training did not see (Guo et al. 2017,
    arXiv:1706.04599): the subject's, of the world and of made-up looks."""
    subject, logits, answers = list(ASKED).index("subject"), [], []
    for album in (render_world("calibration", space.seed, count), render_looks("calibration", space.seed, count)):
        for start in range(0, count, 50):
            logits.append(network(to_input(album.pictures[start : start + 50]))[subject])
        answers += [truth.answers[subject] for truth in album.truths]
    told, right = torch.cat(logits), torch.tensor(answers)
    losses = [float(F.cross_entropy(told / one, right, ignore_index=IGNORED)) for one in _TEMPERATURES]
    return round(_TEMPERATURES[losses.index(min(losses))], 2)
