"""What is told of an experiment by its votes, and who is told."""

from __future__ import annotations

import csv
import io
import sys
from typing import Any

import pytest

from tests.router.experiments.ballots.conftest import Booth
from tests.router.experiments.ballots.test_ballots import refused

RATERS = tuple(f"r{number}" for number in range(1, 8))  # enough for a judge to learn from half of the prompts


def likes_noise(booth: Booth) -> Any:
    return booth.noisiest


@pytest.fixture(scope="module")
def voted(booth: Booth) -> Booth:
    """People who prefer klein, whose pictures are noisier."""
    for rater in RATERS:
        booth.sit("judged", rater, booth.noisiest, most=24)
    return booth


def results(booth: Booth, **params: Any) -> dict[str, Any]:
    answer = booth.api.get("/experiments/judged/results", params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.slow
def test_results_have_all_that_a_page_shows(voted: Booth) -> None:
    found = results(voted, by="asset_type")
    assert found["verdict"].startswith("klein preferred ")
    assert (found["champion"], found["raters"]) == ("champion", len(RATERS))
    champion, klein = found["arms"]
    assert klein["wins"] > 90
    assert klein["wins"] == champion["losses"]
    assert (klein["share"]["low"] > 0.5, klein["rank"]) == (True, [1, 1])
    assert klein["e_value"] > 20
    assert found["decision"] == "prefer:klein"
    assert found["checks"] + found["votes"] == len(RATERS) * 24
    assert [(part["value"], part["grey"]) for part in found["by"]] == [("icon", False), ("logo", False)]
    assert sum(part["votes"] for part in found["by"]) == found["votes"]
    assert [(cost["id"], cost["seconds"], cost["ratio"]) for cost in found["costs"]] == [
        ("champion", 1.0, 1.0),
        ("klein", 2.0, 2.0),
    ]
    assert found["forest"]["rows"][0]["label"] == "klein"
    assert [reading["arm"] for reading in found["guardrails"]] == ["klein"]


def test_whoever_always_presses_one_side_is_flagged_by_pseudonym(booth: Booth) -> None:
    booth.sit("lefties", "lefty", lambda ballot: "left", most=24)
    booth.sit("lefties", "fair", booth.noisiest, most=24)
    people = booth.api.get("/experiments/lefties/results").json()["people"]
    flagged = [person for person in people if any("presses left" in flag for flag in person["flags"])]
    assert len(flagged) == 1
    assert flagged[0]["left"] == 1.0
    assert all(person["rater"].startswith("r_") for person in people)
    assert "lefty" not in str(people)


def test_checks_and_skips_win_nothing(booth: Booth) -> None:
    booth.sit("checks", "ana", lambda ballot: "skip", most=8)
    before = booth.api.get("/experiments/checks/results").json()
    assert (before["votes"], before["checks"]) == (0, 0)
    booth.sit("checks", "ben", lambda ballot: "both_bad", most=24)
    found = booth.api.get("/experiments/checks/results").json()
    assert found["checks"] > 5
    assert found["votes"] == 24 - found["checks"]
    assert found["both_bad"] == 1.0
    assert [arm["wins"] for arm in found["arms"]] == [0, 0]


def test_a_judge_helps_where_it_agrees_with_people(voted: Booth) -> None:
    found = results(voted, judge="ppi:sharpness")
    assert {one["asset_type"]: one["enabled"] for one in found["judges"]} == {"icon": True, "logo": True}
    assert found["arms"][1]["votes"] == results(voted)["arms"][1]["votes"]
    taste = results(voted, judge="ppi:learned-linear")
    assert {one["judge"] for one in taste["judges"]} == {"learned-linear"}
    assert all(one["accuracy"]["value"] > 0.8 for one in taste["judges"]), "noise is easily seen"
    none = voted.api.get("/experiments/judged/results", params={"judge": "ppi:fidelity"})
    assert "can say nothing here: it reads fidelity" in refused(none, 422)
    assert "ppi:sharpness" in refused(voted.api.get("/experiments/judged/results", params={"judge": "best"}), 422)


def test_screens_make_a_board(booth: Booth) -> None:
    for rater in ("w1", "w2", "w3"):
        booth.sit("screens", rater, booth.noisiest, most=12)
    board = {arm["id"]: arm for arm in booth.api.get("/experiments/screens/results").json()["board"]}
    assert board["turbo"]["picked"] == max(arm["picked"] for arm in board.values()) > 30
    assert max(board, key=lambda arm: board[arm]["strength"]) == "turbo"
    assert (board["turbo"]["rank"][0], board["champion"]["diff"]) == (1, None)
    assert board["turbo"]["share"] > 0.8


def test_whoever_holds_ballots_is_told_nothing(booth: Booth) -> None:
    (ballot,) = booth.ballots("plain", "holder", 1)
    for path in ("results", "plot", "votes.csv", "votes.parquet"):
        answer = booth.api.get(f"/experiments/plain/{path}", params={"rater": "holder"})
        assert "you hold 1 ballot of plain: answer first" in refused(answer, 403)
        assert booth.api.get(f"/experiments/plain/{path}").status_code == 200
    booth.vote(ballot["id"], "holder", "tie")
    assert booth.api.get("/experiments/plain/results", params={"rater": "holder"}).status_code == 200


def test_lists_of_experiments_say_how_many_ballots_one_holds(booth: Booth) -> None:
    def held() -> list[int]:
        listed = {one["id"]: one for one in booth.api.get("/experiments").json()["experiments"]}
        return [one["open_ballots"] for one in (listed["plain"], booth.api.get("/experiments/plain").json())]

    assert held() == [0, 0]
    lent = booth.api.post("/experiments/plain/ballots", json={"count": 2, "holding": []}).json()["ballots"]
    assert held() == [2, 2]
    for ballot in lent:
        booth.api.put(f"/ballots/{ballot['id']}/vote", json={"choice": "skip"}).raise_for_status()
    assert held() == [0, 0]


def test_the_plot_is_drawn(voted: Booth) -> None:
    svg = voted.api.get("/experiments/judged/plot")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert "klein" in svg.text
    assert voted.api.get("/experiments/judged/plot", params={"format": "png"}).content.startswith(b"\x89PNG")


def test_votes_go_out_with_what_was_shown_where(voted: Booth) -> None:
    answer = voted.api.get("/experiments/judged/votes.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == len(RATERS) * 24
    counted = [row for row in rows if not row["gold"] and not row["repeat"]]
    assert {(row["left"], row["right"]) for row in counted} == {("champion", "klein"), ("klein", "champion")}
    assert all(len(row["pictures"].split()) == 2 and row["probability"] == "1.0" for row in counted)
    assert all(row["left"] == row["right"] for row in rows if row["gold"])
    assert not {row["rater"] for row in rows} & set(RATERS)
    events = voted.api.get("/experiments/judged/events").json()["events"]
    assert events[-1]["type"] == "exported"


def test_votes_go_out_as_parquet(voted: Booth) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(voted.api.get("/experiments/judged/votes.parquet").content))
    rows = list(csv.DictReader(io.StringIO(voted.api.get("/experiments/judged/votes.csv").text)))
    assert table.column_names == list(rows[0])
    assert table.column("ballot").to_pylist() == [row["ballot"] for row in rows]
    assert {type(value) for value in table.column("probability").to_pylist()} == {float}


def test_without_pyarrow_it_says_what_to_install(voted: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "atelier-studio[parquet]" in refused(voted.api.get("/experiments/judged/votes.parquet"), 422)


def send(booth: Booth, text: str, experiment: str = "taken") -> Any:
    headers = {"Content-Type": "text/csv"}
    return booth.api.post(f"/experiments/{experiment}/votes", content=text.encode(), headers=headers)


def test_votes_that_went_out_come_in_again_with_the_same_results(voted: Booth) -> None:
    out = voted.api.get("/experiments/judged/votes.csv").text
    taken = send(voted, out)
    assert (taken.status_code, taken.json()) == (201, {"votes": len(RATERS) * 24})
    ours, theirs = results(voted), voted.api.get("/experiments/taken/results").json()
    same = ("verdict", "votes", "checks", "arms", "e_value", "side", "both_bad", "agreement", "people")
    assert {name: ours[name] for name in same} == {name: theirs[name] for name in same}
    assert "is here already" in refused(send(voted, out), 422)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("champion,klein,leeft,ana,p", "choice is 'leeft'"),
        ("champion,other,left,ana,p", "there is no arm 'other'"),
        ("champion,champion,left,ana,p", "'champion' stands beside itself"),
        ("champion,klein,left,,p", "rater: 1 to 64"),
        ("champion,klein,left,ana,", "prompt is empty"),
        ("champion,klein,left", "it has 3 cells"),
        ('champion,klein,left,ana,"p', "unexpected end of data"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_nothing_is_taken(booth: Booth, row: str, why: str) -> None:
    good = "\n".join(f"champion,klein,left,ana,prompt {number}" for number in range(50))
    answer = send(booth, f"left,right,choice,rater,prompt\n{good}\n{row}\n", "refusing")
    message = refused(answer, 422)
    assert "nothing was taken: line 52: " in message
    assert why in message
    assert [one["line"] for one in answer.json()["error"]["rows"]] == [52]
    assert booth.api.get("/experiments/refusing/results").json()["votes"] == 0


def test_a_file_that_is_none_is_refused(booth: Booth) -> None:
    for text, why in (
        ("", "the file is empty"),
        ("left,right,choice,rater\n", "no column 'prompt'"),
        ("left,right,choice,rater,prompt,taste\n", "'taste' is no column"),
        ("left,right,choice,rater,prompt\n", "no votes"),
    ):
        assert why in refused(send(booth, text, "refusing"), 422)
    assert "text/csv" in refused(booth.api.post("/experiments/refusing/votes", json={}), 422)
