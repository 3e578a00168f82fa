"""Data sets with published strengths, as wins, losses and ties of the first over the second."""

from __future__ import annotations

Counts = dict[tuple[str, str], tuple[int, int, int]]

JOURNALS = ("Biometrika", "CommStat", "JASA", "JRSSB")
CITATIONS: Counts = {
    ("Biometrika", "CommStat"): (730, 33, 0),
    ("Biometrika", "JASA"): (498, 320, 0),
    ("Biometrika", "JRSSB"): (221, 284, 0),
    ("CommStat", "JASA"): (68, 813, 0),
    ("CommStat", "JRSSB"): (17, 276, 0),
    ("JASA", "JRSSB"): (142, 325, 0),
}
"""Citations between journals of statistics, 1987-88: Stigler (1994), as Agresti (Categorical Data Analysis, 2002, p.
448) and R's BradleyTerry2 have them."""

CITATION_STRENGTHS = {"CommStat": (-2.9491, 0.1025), "JASA": (-0.4796, 0.0606), "JRSSB": (0.2690, 0.0708)}
"""And standard errors, beside Biometrika: BradleyTerry2's."""

TEXTURES = tuple("123456789")
_WINS = "2 0 5 2 0 12 13 10 | 6 17 9 8 24 16 15 | 22 14 11 24 22 17 | 3 2 12 10 8 | 5 20 15 13 | 27 19 18 | 2 2 | 6"
_LOSSES = "16 21 10 15 22 3 9 12 | 11 2 6 12 2 3 2 | 2 4 4 1 0 2 | 14 18 6 6 9 | 11 0 2 5 | 1 1 2 | 13 21 | 8"
_TIES = "7 1 10 7 2 9 5 3 | 5 7 8 6 0 5 7 | 4 5 7 3 3 6 | 9 4 5 6 11 | 9 2 5 9 | 0 5 2 | 8 5 | 8"
SPRINGALL: Counts = {
    (TEXTURES[row], TEXTURES[row + 1 + column]): (int(win), int(loss), int(tie))
    for row, rows in enumerate(zip(*(text.split("|") for text in (_WINS, _LOSSES, _TIES)), strict=True))
    for column, (win, loss, tie) in enumerate(zip(*(cells.split() for cells in rows), strict=True))
}
"""Which of two is stronger in flavour: Springall (Applied Statistics 22, 1973, section 7), 885 judgements with ties."""

SPRINGALL_STRENGTHS = (-1.1134, 1.1599, 2.1774, -0.7158, 0.7814, 1.7295, -2.3948, -1.1183, -0.5059)
SPRINGALL_TIES = 0.8655
"""Davidson's (1970) model of it; a Poisson regression gives the same."""

MODELS = ("PlaygroundV2", "PixArtAlpha", "SDXL", "SDXLTurbo", "OpenJourney", "LCM")
_ARENA = "33-19 47-17 58-11 70-8 72-13 | 35-29 47-22 54-15 82-9 | 41-30 53-21 63-17 | 31-23 57-17 | 51-23"
ARENA: Counts = {
    (MODELS[row], MODELS[row + 1 + column]): (int(cell.split("-")[0]), int(cell.split("-")[1]), 0)
    for row, cells in enumerate(_ARENA.split("|"))
    for column, cell in enumerate(cells.split())
}
"""Decisive votes on text to image of GenAI-Arena, February 2024."""
ARENA_RATINGS = (1207.6, 1108.1, 1039.7, 967.7, 892.5, 784.5)
"""Bradley-Terry of these, as Elo points around 1000."""
