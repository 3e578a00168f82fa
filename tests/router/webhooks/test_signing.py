"""Signatures, held against the library of the project that has specified them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from router.webhooks.signing import new_secret, signed_headers

BODY = json.dumps({"type": "job.complete", "data": {"prompt": "a café ☕"}}).encode()


def test_its_own_library_takes_what_we_sign() -> None:
    secret, now = new_secret(), datetime.now(UTC)
    headers = signed_headers([secret], "msg_1", now, BODY)
    assert Webhook(secret).verify(BODY, headers) == json.loads(BODY)
    assert headers["webhook-signature"] == Webhook(secret).sign("msg_1", now, BODY.decode())


@pytest.mark.parametrize("change", ["body", "id", "time", "secret", "age"])
def test_it_refuses_whatever_was_changed(change: str) -> None:
    secret, now = new_secret(), datetime.now(UTC)
    headers = signed_headers([secret], "msg_1", now - timedelta(hours=change == "age"), BODY)
    body = BODY
    if change == "body":
        body = BODY.replace(b"complete", b"canceled")
    elif change == "id":
        headers["webhook-id"] = "msg_2"
    elif change == "time":
        headers["webhook-timestamp"] = str(int(headers["webhook-timestamp"]) + 1)
    elif change == "secret":
        secret = new_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers)


def test_while_one_secret_takes_the_place_of_another_both_verify() -> None:
    new, old = new_secret(), new_secret()
    headers = signed_headers([new, old], "msg_1", datetime.now(UTC), BODY)
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (new, old):
        Webhook(secret).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers)
