"""When an attempt that failed is made again, and when none is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from router.webhooks.model import Attempt, Verdict
from router.webhooks.schedule import DELAYS, GIVEN_UP_AFTER, judge, read_retry_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def attempt(status: int | None) -> Attempt:
    return Attempt(1, NOW, 0.1, status)


def after(status: int | None, tries: int = 1, retry_after: str = "", chance: float = 0.0) -> Verdict:
    return judge(attempt(status), tries, None, retry_after, NOW, lambda: chance)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_an_answer_of_2xx_is_a_success(status: int) -> None:
    assert after(status) == Verdict()


@pytest.mark.parametrize("status", [None, 100, 301, 302, 400, 404, 429, 500, 502, 504])
def test_any_other_one_is_tried_again_by_the_schedule_of_the_specification(status: int | None) -> None:
    waits = [after(status, tries).again_at for tries in range(1, 11)]
    hours = (2, 5, 10, 14, 20, 24)
    expected = (5, 300, 1800, *(3600 * one for one in hours))
    assert waits == [*(NOW + timedelta(seconds=one) for one in expected), None]
    assert expected == DELAYS


def test_not_all_come_back_at_once() -> None:
    waits = {after(500, 2, chance=tenth / 10).again_at or NOW for tenth in range(10)}
    assert len(waits) == 10
    assert min(waits) == NOW + timedelta(seconds=300)
    assert max(waits) < NOW + timedelta(seconds=360)


def test_a_receiver_that_is_gone_is_told_nothing_more() -> None:
    assert after(410) == Verdict(disabled="gone")


def test_one_that_fails_for_days_is_given_up() -> None:
    just_before = judge(attempt(500), 1, NOW - GIVEN_UP_AFTER + timedelta(seconds=1), "", NOW)
    assert not just_before.disabled
    assert judge(attempt(500), 1, NOW - GIVEN_UP_AFTER, "", NOW) == Verdict(disabled="failing")
    assert judge(attempt(200), 1, NOW - GIVEN_UP_AFTER, "", NOW) == Verdict()


def test_who_asks_for_a_pause_gets_it_for_everything() -> None:
    until = NOW + timedelta(seconds=90)
    assert after(429, retry_after="90") == Verdict(until, until)
    assert after(503, retry_after="90") == Verdict(until, until)
    assert after(500, retry_after="90") == Verdict(until), "for this one alone"
    assert after(429, 2, "90").again_at == NOW + timedelta(seconds=300), "not sooner than by the schedule"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("99999999999999999999", 86400),
        ("Sun, 01 Mar 2099 12:02:00 GMT", 86400),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("1.5", 0),
        ("١٢", 0),
        ("Sun, 99 Mar 2026 99:02:00 GMT", 0),
    ],
)
def test_retry_after_is_a_number_or_a_date_and_anything_else_is_nothing(said: str, seconds: float) -> None:
    assert read_retry_after(said, NOW) == seconds
