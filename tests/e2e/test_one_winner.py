"""Of any number of parallel removals of one factor, one gets 200."""

import threading

from wire import request

CONNECTIONS = 50
EACH = 40


def test_2000_parallel_removals_of_one_factor(server, owner_token, api):
    user = api.make_user_with_factor()
    before = api.last_sequence()
    data = request("DELETE", f"/v2/users/{user}/otp_email", owner_token) * EACH
    connections = [server.connect() for _ in range(CONNECTIONS)]
    together = threading.Barrier(CONNECTIONS)
    answers = []

    def ask(connection):
        together.wait()
        connection.send(data)
        for _ in range(EACH):
            answers.append(connection.read())
        connection.close()

    threads = [threading.Thread(target=ask, args=(one,)) for one in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    statuses = [answer.status for answer in answers]
    assert (statuses.count(200), statuses.count(404)) == (1, CONNECTIONS * EACH - 1)
    winner = next(answer for answer in answers if answer.status == 200)
    assert winner.json["details"]["sequence"] == str(before + 1)
    assert api.last_sequence() == before + 1
    assert api.event_types(user).count("user.human.mfa.otp.email.removed") == 1


def test_parallel_adds_and_removals_alternate_in_the_log(server, owner_token, api):
    user = api.make_user()

    def ask(method):
        with server.connect() as connection:
            connection.send(request(method, f"/v2/users/{user}/otp_email", owner_token) * 60)
            for _ in range(60):
                assert connection.read().status in (200, 404, 409)

    threads = [threading.Thread(target=ask, args=(method,)) for method in ["POST", "DELETE"] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    types = api.event_types(user)[2:]
    pair = ["user.human.mfa.otp.email.added", "user.human.mfa.otp.email.removed"]
    assert types == (pair * len(types))[:len(types)] and types


def test_parallel_new_users_of_one_id_and_of_one_name(server, owner_token, api):
    bodies = ['{"userId":"one-id","username":"name%d",%s}', '{"username":"one-name-%.0s",%s}']
    rest = ('"organization":{"orgId":"race"},"profile":{"givenName":"A","familyName":"B"},'
            '"email":{"email":"a@b.ch"}')
    for body, loser in zip(bodies, (400, 409)):
        statuses = []

        def ask(number):
            with server.connect() as connection:
                data = request("POST", "/v2/users/human", owner_token, body % (number, rest))
                statuses.append(connection.ask(data).status)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == sorted([201] + [loser] * 19)
