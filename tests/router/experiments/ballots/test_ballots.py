"""Ballots as a rater meets them: lent, shown, answered, changed, over."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from router.api.schemas import ErrorBody
from tests.router.experiments.ballots.conftest import Booth


def refused(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    return ErrorBody.model_validate(answer.json()).error.message


def test_one_call_has_all_that_a_screen_needs(booth: Booth) -> None:
    ballots = booth.ballots("pairs", "one-call", 3)
    assert len({ballot["id"] for ballot in ballots}) == 3
    assert [(ballot["place"], ballot["of"]) for ballot in ballots] == [(1, 40), (2, 40), (3, 40)]
    for ballot in ballots:
        assert ballot["prompt"].startswith("prompt ")
        assert ballot["choices"] == ["left", "right", "tie", "both_bad", "skip"]
        assert ballot["criteria"] == ["style", "artefacts"]
        assert ballot["pictures"] == [ballot["left"], ballot["right"]]
        assert [booth.api.get(url).status_code for url in ballot["pictures"]] == [200, 200]


def test_what_was_left_unanswered_comes_back_first_and_what_is_at_hand_does_not(booth: Booth) -> None:
    first = [ballot["id"] for ballot in booth.ballots("pairs", "slow", 3)]
    assert [ballot["id"] for ballot in booth.ballots("pairs", "slow", 3)] == first
    more = booth.ballots("pairs", "slow", 1, holding=first)
    assert more[0]["id"] not in first
    booth.vote(first[1], "slow", "tie")
    assert [ballot["id"] for ballot in booth.ballots("pairs", "slow", 3)] == [first[0], first[2], more[0]["id"]]


def test_a_ballot_that_was_lent_too_long_ago_is_gone_until_it_is_asked_for_again(booth: Booth) -> None:
    (ballot,) = booth.ballots("pairs", "late", 1)
    booth.clock.advance(15 * 60 + 1)
    assert "ask for ballots again" in refused(booth.vote(ballot["id"], "late", "left"), 410)
    assert "ask for ballots again" in refused(booth.api.get(ballot["left"]), 410)
    assert booth.ballots("pairs", "late", 1)[0]["id"] == ballot["id"]
    assert booth.vote(ballot["id"], "late", "left").status_code == 200


def test_somebody_elses_ballot_is_not_there(booth: Booth) -> None:
    (ballot,) = booth.ballots("pairs", "ana", 1)
    assert "no ballot" in refused(booth.vote(ballot["id"], "ben", "left"), 404)
    booth.ballots("pairs", "ben", 1)
    assert "no ballot" in refused(booth.vote(ballot["id"], "ben", "left"), 404)
    assert "no ballot" in refused(booth.api.get(f"/ballots/{ballot['id']}/left", params={"rater": "ben"}), 404)
    assert "no ballot" in refused(booth.api.get(f"/ballots/{ballot['id']}/left"), 404)
    assert "no ballot" in refused(booth.api.post(f"/ballots/{ballot['id']}/reveal", json={"rater": "ben"}), 404)


def test_an_answer_counts_once_and_changes_only_on_purpose(booth: Booth) -> None:
    (ballot,) = booth.ballots("pairs", "twice", 1)
    said: dict[str, Any] = {"criteria": {"style": "right"}, "dwell_ms": 2300}
    once, again = (booth.vote(ballot["id"], "twice", "left", **said) for _ in range(2))
    assert once.json() == again.json()
    assert once.json()["vote"] == 1
    message = refused(booth.vote(ballot["id"], "twice", "right"), 409)
    assert message.endswith("answered with 'left' before: to change that, send supersedes: 1")
    changed = booth.vote(ballot["id"], "twice", "right", supersedes=1).json()
    assert (changed["vote"], changed["choice"], changed["revealed"]) == (2, "right", False)
    refused(booth.vote(ballot["id"], "twice", "tie", supersedes=1), 409)


def test_what_cannot_be_said_is_refused_by_its_field(booth: Booth) -> None:
    (ballot,) = booth.ballots("pairs", "odd", 1)
    assert "must be one of left, right, tie, both_bad, skip" in refused(booth.vote(ballot["id"], "odd", "2"), 422)
    assert "'taste' is not asked" in refused(booth.vote(ballot["id"], "odd", "left", criteria={"taste": "left"}), 422)
    wrong = booth.vote(ballot["id"], "odd", "left", criteria={"style": "skip"})
    assert wrong.json()["error"]["field"] == "criteria.style"
    assert "no answer yet" in refused(booth.vote(ballot["id"], "odd", "left", supersedes=1), 409)
    assert booth.api.get(ballot["left"].replace("/left", "/2")).status_code == 404


def test_a_sitting_ends_by_itself_and_its_answers_stay(booth: Booth) -> None:
    shown = booth.sit("short", "three", most=3)
    last = shown[-1]["id"]
    assert booth.vote(last, "three", "left").json()["revealed"]
    assert "this sitting is over" in refused(booth.vote(shown[0]["id"], "three", "right", supersedes=1), 409)
    assert "this sitting is over" in refused(booth.api.get(shown[0]["left"]), 410)
    told = booth.api.post(f"/ballots/{last}/reveal", json={"rater": "three"}).json()
    assert [one["id"] for one in told["ballots"]] == [ballot["id"] for ballot in shown]
    assert {frozenset(one["arms"]) for one in told["ballots"]} == {frozenset(("champion", "klein"))}
    assert [one["chosen"] for one in told["ballots"]] == [one["arms"][0] for one in told["ballots"]]
    assert booth.ballots("short", "three", 1)[0]["place"] == 1


def test_a_sitting_may_be_ended_early_and_what_is_open_goes_into_the_next(booth: Booth) -> None:
    first, second = booth.ballots("short", "early", 2)
    refused(booth.api.post(f"/ballots/{first['id']}/reveal", json={"rater": "early"}), 409)
    booth.vote(first["id"], "early", "both_bad")
    told = booth.api.post(f"/ballots/{first['id']}/reveal", json={"rater": "early"}).json()
    assert [(one["id"], one["chosen"]) for one in told["ballots"]] == [(first["id"], None)]
    booth.clock.advance(1)
    refused(booth.vote(second["id"], "early", "left"), 410)
    again = booth.ballots("short", "early", 1)[0]
    assert (again["id"], again["place"]) == (second["id"], 1)
    assert not booth.vote(second["id"], "early", "left").json()["revealed"]


def test_nobody_sees_a_prompt_twice_but_in_hidden_checks(booth: Booth) -> None:
    shown = booth.sit("plain", "thorough", most=100)
    assert len({ballot["prompt"] for ballot in shown}) == len(shown) == 24
    answer = booth.api.post("/experiments/plain/ballots", json={"rater": "thorough"}).json()
    assert answer == {"ballots": [], "note": "you have seen all that can be compared so far"}


def test_no_more_ballots_are_lent_than_votes_are_asked_for(booth: Booth) -> None:
    """Five votes; one rater takes three ballots, another the two that are left."""

    def lent(rater: str, count: int, **more: Any) -> tuple[list[str], str | None]:
        body = {"rater": rater, "count": count} | more
        answer = booth.api.post("/experiments/few/ballots", json=body).json()
        return [ballot["id"] for ballot in answer["ballots"]], answer["note"]

    first, _ = lent("fast", 3)
    assert lent("fast", 3) == (first, None), "what is left unanswered is the same votes"
    second, _ = lent("late", 5)
    assert (len(first), len(second)) == (3, 2)
    assert lent("late", 1, holding=second)[1] == (
        "the last of 5 votes (stop.max_votes) are being cast: ask again in a quarter of an hour"
    )
    assert lent("third", 1) == ([], lent("late", 1, holding=second)[1])
    for ballot in first:
        assert booth.vote(ballot, "fast", "left").status_code == 200
    assert booth.vote(second[0], "late", "skip").status_code == 200, "which is no vote"
    (third,), _ = lent("third", 3)
    assert booth.vote(third, "third", "left").status_code == 200
    booth.clock.advance(15 * 60)
    assert len(lent("third", 3)[0]) == 1, "whose ballot was not answered in time has none"
    assert lent("late", 3)[0] == []
    booth.clock.advance(15 * 60)
    assert booth.sit("few", "late")
    assert lent("third", 3) == ([], "there are all 5 votes that were asked for (stop.max_votes): no more are wanted")
    assert booth.api.get("/experiments/few/results").json()["votes"] == 5


@pytest.mark.parametrize("experiment", ["empty", "unlike"])
def test_pictures_of_other_sizes_or_arms_than_they_should_be_are_never_compared(booth: Booth, experiment: str) -> None:
    answer = booth.api.post(f"/experiments/{experiment}/ballots", json={}).json()
    assert answer["ballots"] == []
    assert answer["note"].startswith("nothing can be compared yet")


def test_screens_show_four_arms_and_take_a_place(booth: Booth) -> None:
    (ballot,) = booth.ballots("screens", "wide", 1)
    assert ballot["choices"][:4] == ["0", "1", "2", "3"]
    assert (ballot["left"], len(ballot["pictures"])) == (None, 4)
    assert {len(booth.api.get(url).content) for url in ballot["pictures"]} == {
        len(booth.api.get(ballot["pictures"][0]).content)
    }
    assert booth.vote(ballot["id"], "wide", "2", criteria={"style": "0"}).status_code == 200
    told = booth.api.post(f"/ballots/{ballot['id']}/reveal", json={"rater": "wide"}).json()["ballots"][0]
    assert set(told["arms"]) == {"champion", "klein", "dev", "turbo"}
    assert told["chosen"] == told["arms"][2]


def test_an_experiment_that_is_not_there_has_no_ballots(booth: Booth) -> None:
    assert "was ever started" in refused(booth.api.post("/experiments/nothing/ballots", json={}), 404)


def test_a_rater_who_is_forgotten_is_nobody(booth: Booth) -> None:
    (ballot,) = booth.ballots("pairs", "gone", 1)
    booth.vote(ballot["id"], "gone", "left")
    assert booth.api.delete("/raters/gone").status_code == 204
    refused(booth.vote(ballot["id"], "gone", "left"), 404)
    refused(booth.api.delete("/raters/gone"), 404)


def test_after_the_end_of_a_phase_or_an_experiment_nothing_is_answered_any_more(booth: Booth) -> None:
    first, second = booth.ballots("over", "ana", 2)
    assert booth.vote(first["id"], "ana", "left").status_code == 200
    assert booth.api.post("/experiments/over/pause", json={}).status_code == 200
    assert booth.vote(first["id"], "ana", "right", supersedes=1).status_code == 200
    assert booth.api.post("/experiments/over/stop", json={}).status_code == 200
    assert "experiment over is over" in refused(booth.vote(second["id"], "ana", "left"), 409)
    assert "experiment over is over" in refused(booth.vote(first["id"], "ana", "left", supersedes=2), 409)
    assert "experiment over is over" in refused(booth.api.post("/experiments/over/ballots", json={}), 409)
    assert booth.vote(first["id"], "ana", "right", supersedes=1).json()["vote"] == 2
    assert booth.api.get("/experiments/over/results").json()["votes"] == 1
