"""Blur and compression, as they show in pixels: pure."""

from __future__ import annotations

import numpy as np

from router.datasets.preflight.hashing import Array

_REACH = 4
_EVERY = 4  # line of pixels that is looked at for edges
_FEWEST = 20  # edges that say something
_CLEAR = 24.0  # levels that something which counts as an edge differs by across its whole width
_BLOCK = 8
_SLIGHT = 8.0  # levels: what a block differs by from the next one where nothing is drawn
_FEWEST_BLOCKS = 8
_LEAST_STEP = 0.05


def edge_share(grey: Array) -> float:
    """How much of an edge's whole step happens within one pixel: 0.6 where edges are sharp, 0.3 where the picture was
    enlarged or blurred; 1 where there is none. What is shown hardly counts, as it does for a Laplacian's variance."""
    lines = (grey[::_EVERY], grey[:, ::_EVERY].T)
    shares = [share for levels in lines if (share := _along_rows(np.ascontiguousarray(levels))) is not None]
    return float(np.mean(shares)) if shares else 1.0


def _along_rows(grey: Array) -> float | None:
    """The upper quartile over clear edges, each counted where it is steepest."""
    wide = grey.shape[1] - 2 * _REACH
    if wide < 1:
        return None
    steps = np.abs(np.diff(grey, axis=1))
    whole = np.abs(grey[:, 2 * _REACH :] - grey[:, :wide])
    near = np.maximum(steps[:, _REACH - 1 :][:, :wide], steps[:, _REACH:][:, :wide])
    around = np.maximum(steps[:, _REACH - 2 :][:, :wide], steps[:, _REACH + 1 :][:, :wide])
    peak = (whole > _CLEAR) & (near >= around)
    if np.count_nonzero(peak) < _FEWEST:
        return None
    return float(np.clip(np.percentile(near[peak] / whole[peak], 75), 0, 1))


def blockiness(grey: Array) -> float:
    """How much larger slight steps between pixels are where blocks of 8 × 8 meet than elsewhere, in the direction where
    that is less: 1 where nothing was compressed that way, more the harder it was. Edges do not count."""
    ratios = [ratio for levels in (grey, grey.T) if (ratio := _at_seams(levels)) is not None]
    return min(ratios) if len(ratios) == 2 else 1.0


def _at_seams(grey: Array) -> float | None:
    """The middle one over all seams, each against the block before it: edges of the drawing that lie on the grid are at
    a few of them only. Steps count that are less than an edge."""
    blocks = grey.shape[1] // _BLOCK - 1
    if blocks < _FEWEST_BLOCKS:
        return None
    steps = np.abs(np.diff(grey[::2], axis=1))
    steps[steps > _SLIGHT] = 0
    means = steps.mean(axis=0)[: blocks * _BLOCK].reshape(blocks, _BLOCK)
    seams, within = means[:, -1], np.median(means[:, :-1], axis=1)
    busy = np.maximum(seams, within) > _LEAST_STEP
    if np.count_nonzero(busy) < _FEWEST_BLOCKS:
        return None
    return float(np.median(seams[busy] / np.maximum(within[busy], _LEAST_STEP)))
