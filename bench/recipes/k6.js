// k6 run -e TOKEN=… -e URLS=FILE [-e VUS=64] k6.js
// FILE is what `factorctl urls` prints. Each iteration removes the factor of another user.
import exec from "k6/execution";
import http from "k6/http";
import { check } from "k6";
import { SharedArray } from "k6/data";

const urls = new SharedArray("urls", () => open(__ENV.URLS).trim().split("\n"));
const headers = { Authorization: `Bearer ${__ENV.TOKEN}` };

export const options = {
  scenarios: {
    removals: {
      executor: "shared-iterations",
      vus: Number(__ENV.VUS || 64),
      iterations: urls.length,
      maxDuration: "1h",
    },
  },
  thresholds: { checks: ["rate==1"] },
};

export default function () {
  const url = urls[exec.scenario.iterationInTest];
  const answer = http.del(url, null, { headers, tags: { name: "otp_email" } });
  check(answer, { "is 200": (it) => it.status === 200 });
}
