"""How far what was measured may be off when votes are no independent draws: those of one rater share a taste, those on
one prompt share its pictures. Sums of scores over clusters, two ways (Cameron, Gelbach and Miller 2011)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from router.experiments.statistics.votes import Column

Method: TypeAlias = Literal["two-way", "rater", "prompt", "votes"]
"""Over what is clustered: with one rater alone nothing is known of others, with one prompt nothing of other prompts."""

Part: TypeAlias = tuple[Column, Column]
"""Of each vote's score vector one entry: its place and its value. Entries at the same place add up."""


@dataclass(frozen=True)
class Spread:
    """Covariances, k x k each, of a sum of scores over the votes. `of` says how far a combination of them spreads."""

    rater: Column
    prompt: Column
    cell: Column
    method: Method
    df: int

    def of(self, contrasts: Column) -> Column:
        """Variances of combinations (m x k): rater + prompt - both, and at least the larger, since a difference of
        estimates may come out too small."""
        by_rater, by_prompt, by_cell = (quadratic(contrasts, matrix) for matrix in (self.rater, self.prompt, self.cell))
        if self.method != "two-way":
            return {"rater": by_rater, "prompt": by_prompt, "votes": by_cell}[self.method]
        variances: Column = np.maximum(by_rater + by_prompt - by_cell, np.maximum(by_rater, by_prompt))
        return variances

    def through(self, bread: Column) -> Spread:
        """That of `bread` times the sum: what an estimate spreads whose score's derivative is the inverse of it."""
        rater, prompt, cell = (bread @ matrix @ bread.T for matrix in (self.rater, self.prompt, self.cell))
        return Spread(rater, prompt, cell, self.method, self.df)


def quadratic(contrasts: Column, matrix: Column) -> Column:
    """Of each row (m x k) its variance under the covariance `matrix`."""
    variances: Column = np.einsum("ij,jk,ik->i", contrasts, matrix, contrasts)
    return variances


def spread_of(parts: Sequence[Part], width: int, rater: Column, prompt: Column) -> Spread:
    """The spread of the sum of the votes' score vectors of `width` entries, given in parts. Each clustering has its
    factor G / (G - 1); degrees of freedom are those of the way with fewer clusters."""
    raters, prompts = _without_gaps(rater), _without_gaps(prompt)
    g, p = int(raters.max(initial=-1)) + 1, int(prompts.max(initial=-1)) + 1
    method: Method = "two-way" if min(g, p) > 1 else "rater" if g > 1 else "prompt" if p > 1 else "votes"
    df = {"two-way": min(g, p), "rater": g, "prompt": p, "votes": len(rater)}[method] - 1
    votes = np.arange(len(rater)) if method == "votes" else _cells(raters, prompts, p)
    return Spread(
        rater=_outer(parts, width, raters, g),
        prompt=_outer(parts, width, prompts, p),
        cell=_outer(parts, width, votes, len(rater)),
        method=method,
        df=df,
    )


def _cells(raters: Column, prompts: Column, p: int) -> Column:
    """Votes of one rater on one prompt are one cell: where there is one a cell, each vote its own."""
    return _without_gaps(raters * p + prompts)


def _without_gaps(codes: Column) -> Column:
    """The same clusters, numbered from 0 without a gap. Counting is several times quicker than sorting, where there is
    room for it."""
    if not len(codes) or int(codes.max()) > 16 * len(codes) + 1000:
        return np.unique(codes, return_inverse=True)[1]
    numbers: Column = np.cumsum(np.bincount(codes) > 0) - 1
    return numbers[codes]


def _outer(parts: Sequence[Part], width: int, cluster: Column, clusters: int) -> Column:
    """The sum over clusters of the outer product of their sums of scores, times G / (G - 1)."""
    if clusters < 2:
        return np.zeros((width, width))
    places = np.concatenate([cluster * width + place for place, _ in parts])
    values = np.concatenate([value for _, value in parts])
    sums = np.bincount(places, values, clusters * width).reshape(clusters, width)
    count = int(cluster.max()) + 1
    matrix: Column = sums.T @ sums * (count / max(1, count - 1))
    return matrix
