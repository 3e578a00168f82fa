"""A picture and a sentence as two vectors whose angle says how well they fit: CLIP's idea, at a laptop's size."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PAD = 0


class TwoTowers(nn.Module):
    """`forward` takes pictures (n x 3 x 128 x 128, -1..1) and token ids (n x length, 0 is padding) and gives the logit
    of every pair, n x n: that this picture shows what this sentence says, against a sentence that is nearly it."""

    def __init__(
        self,
        words: int,
        length: int = 48,
        width: int = 24,
        text_width: int = 128,
        layers: int = 2,
        dimensions: int = 256,
    ) -> None:
        super().__init__()
        self.picture = PictureTower(width, dimensions)
        self.text = TextTower(words, length, text_width, layers, dimensions)
        self.log_scale = nn.Parameter(torch.tensor(2.3))
        self.bias = nn.Parameter(torch.tensor(-4.0))

    def forward(self, pictures: Tensor, ids: Tensor) -> Tensor:
        return self.compare(self.picture(pictures), self.text(ids))

    def compare(self, pictures: Tensor, texts: Tensor) -> Tensor:
        """Logits of all pairs of vectors of length one."""
        return pictures @ texts.T * self.log_scale.exp() + self.bias


class PictureTower(nn.Module):
    """Convolutions down to 8 x 8 places, and eight questions asked of them by attention."""

    def __init__(self, width: int, dimensions: int, questions: int = 8) -> None:
        super().__init__()
        a, b, c, d = width, 2 * width, 4 * width, 7 * width
        self.body = nn.Sequential(
            _layer(5, a, 2), _layer(a, b, 2), _layer(b, c, 2), _Again(c), _layer(c, d, 2), _Again(d), _Again(d)
        )
        self.questions = nn.Conv2d(d, questions, 1)
        self.out = nn.Linear(questions * d, dimensions)

    def forward(self, pictures: Tensor) -> Tensor:
        n, _, h, w = pictures.shape
        down = torch.linspace(-1, 1, h, device=pictures.device, dtype=pictures.dtype)[None, None, :, None]
        across = torch.linspace(-1, 1, w, device=pictures.device, dtype=pictures.dtype)[None, None, None, :]
        rows, columns = down.expand(n, 1, h, w), across.expand(n, 1, h, w)
        placed = torch.cat([pictures, rows, columns], 1).contiguous(memory_format=torch.channels_last)
        seen = self.body(placed)
        where = self.questions(seen).flatten(2).softmax(2)
        answers = where @ seen.flatten(2).transpose(1, 2)
        return F.normalize(self.out(answers.flatten(1)).float(), dim=1)


class TextTower(nn.Module):
    """A small transformer over words, read off at its own first token."""

    def __init__(self, words: int, length: int, width: int, layers: int, dimensions: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words, width)
        self.places = nn.Parameter(torch.randn(length + 1, width) * 0.02)
        self.whole = nn.Parameter(torch.zeros(width))
        one = nn.TransformerEncoderLayer(width, 4, 2 * width, 0.0, "gelu", batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(one, layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, dimensions)

    def forward(self, ids: Tensor) -> Tensor:
        n, length = ids.shape
        inputs = torch.cat([self.whole.expand(n, 1, -1), self.words(ids)], 1) + self.places[: length + 1]
        ignored = F.pad(ids == PAD, (1, 0))
        states = self.body(inputs, src_key_padding_mask=ignored)
        return F.normalize(self.out(self.norm(states[:, 0])).float(), dim=1)


class _Again(nn.Module):
    """A layer that adds to what it was given."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layer = _layer(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = x + self.layer(x)
        return added


def _layer(inner: int, outer: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inner, outer, 3, stride, 1, bias=False), nn.BatchNorm2d(outer), nn.ReLU())
