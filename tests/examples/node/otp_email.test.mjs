// Tests of a client of factord, on a server of their own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import { createInterface } from "node:readline";
import { after, before, beforeEach, test } from "node:test";

let server, said;

before(async () => {
  server = spawn(process.env.FACTORD ?? "factord", ["dev", "--seed-users", "100"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: server.stdout }), "line");
  said = JSON.parse(line);
});

after(async () => {
  server.kill();
  assert.deepEqual(await once(server, "exit"), [0, null]);
});

beforeEach(async () => {
  const asked = http.request({ socketPath: said.admin, method: "POST", path: "/admin/v1/reset" });
  asked.end();
  const [answer] = await once(asked, "response");
  answer.resume();
  assert.equal(answer.statusCode, 200);
});

const removeFactor = async (user) => {
  const answer = await fetch(`${said.url}/v2/users/${user}/otp_email`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${said.token}` },
  });
  await answer.text();
  return answer.status;
};

test("a factor is removed once", async () => {
  assert.equal(await removeFactor(said.users.first), 200);
  assert.equal(await removeFactor(said.users.first), 404);
});

test("what another test did is gone", async () => {
  assert.equal(await removeFactor(said.users.first), 200);
});
