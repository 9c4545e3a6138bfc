"""Bulks: lines that are none, and those of nobody."""

from bulk import Bulk, chunk, head, text_of
from wire import Connection


def test_ids_that_are_none(server, api):
    """Their lines can be read, so they say whose they are, and where they are."""
    user = api.make_user_with_factor()
    bad = ["x" * 201, "", "a\0"]
    with Bulk(server.port, api.token) as bulk:
        answers = bulk.send(*bad, {}, user).end().rest()
    assert [answer["status"] for answer in answers] == [400, 400, 400, 400, 200]
    assert [(answer.get("line"), answer.get("userId")) for answer in answers] == [
        (1, bad[0]), (2, None), (3, bad[2]), (4, None), (None, user)]


def test_malformed_framing_that_comes_with_the_head(server, api):
    """There is no line before it, however many bytes of one are."""
    user = api.make_user_with_factor()
    with Connection.tcp(server.port) as connection:
        connection.send(head(api.token) + chunk(text_of([user])) + b"no size\r\n")
        answer = connection.read()
        assert (answer.status, answer.json["code"]) == (400, 3)
        assert connection.at_end()
    assert api.remove_otp_email(user).status == 200
