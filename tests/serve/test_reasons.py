"""Serve's report of a replica that failed to start becomes the sentence that the replica said."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs import errors
from configs.errors import AtelierError
from serve.reasons import find_reason

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AtelierError)]
SENTENCES = st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="\x85\u2028\u2029"), min_size=1)


def report_of(error: Exception, wraps: int = 1, deployment: str = "generator-mini") -> str:
    """As Serve words it: the traceback of the replica in that of the actor, in the message of the application."""
    text = "".join(traceback.format_exception(error))
    for _ in range(wraps):
        text = "".join(traceback.format_exception(RuntimeError(text)))
    return (
        f"RuntimeError: Deploying application atelier failed: Failed to update the deployments ['{deployment}'].\n"
        f"A replica failed to start with exception. Retrying 0 more time(s). Error:\n{text}"
    )


@given(st.sampled_from(KINDS), SENTENCES, st.integers(0, 3))
def test_our_own_sentence_comes_out_as_it_went_in(kind: type[AtelierError], sentence: str, wraps: int) -> None:
    assert find_reason(report_of(kind(sentence), wraps), "a.log", "the application") == sentence


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied", "/w"), MemoryError("full"), ImportError("No module named 'x'")]
)
def test_what_is_not_ours_is_told_with_its_deployment_and_the_log(error: Exception) -> None:
    sentence = find_reason(report_of(error), "a.log", "the application")
    assert sentence == f"generator-mini did not start ({type(error).__name__}: {error}); a.log has the whole report"


@pytest.mark.parametrize("report", ["", "RuntimeError: Deploying application atelier failed: x", "no colon"])
def test_a_report_that_says_nothing_is_not_made_up(report: str) -> None:
    assert (
        find_reason(report, "a.log", "Ray") == "Ray did not start (it said nothing of why); a.log has the whole report"
    )
