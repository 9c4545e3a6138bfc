"""What a store holds, as its server tells it: to be compared between versions."""

import json

USERS = ["removed", "locked", "inactive", "deleted", "kept", "unlock", "reactivate", "x" * 200,
         "verified", "guessed", "void", "nobody"]


def described(server, api):
    """Everything of tests/stores that can be read."""
    stats = json.loads(server.ctl("stats", "--json").stdout)
    log = api.events()
    return {
        "events": log["events"],
        "lastSequence": log["lastSequence"],
        "storeId": log["storeId"],
        "headHash": stats["headHash"],
        "tokens": tokens(server),
        "users": {user: answers(api, user) for user in USERS},
    }


def tokens(server):
    lines = server.ctl("token", "list", "--json").stdout.splitlines()
    return sorted(map(json.loads, lines), key=lambda token: token["tokenId"])


def answers(api, user):
    shown = api.get_user(user)
    methods = api.methods(user)
    return [shown.status, shown.json, methods.status, methods.json.get("authMethodTypes", [])]
