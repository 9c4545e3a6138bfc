// Removes many factors in one call with a client from npm. Reads a request a line, as JSON, and says
// each answer on a line of its own; for a second after the first answer it reads no more of them:
//   TOKEN=... node bulk.mjs grpc-js|connect-node... HOST:PORT < requests
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { connectTo } from "./factord_services.mjs";

const [name, address] = process.argv.slice(2);
const authorization = `Bearer ${process.env.TOKEN}`;
const file = "factord/v1/factor_service.proto";
const requests = readFileSync(0, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));

async function say(answers) {
  let stalled = false;
  for await (const { userId, sequence, error } of answers) {
    const { code = 0, message = "" } = error ?? {};
    console.log(JSON.stringify({ userId, sequence: String(sequence), code, message }));
    if (!stalled) await sleep(1000);
    stalled = true;
  }
}

async function removeByGrpc() {
  const folder = new URL("../../server/protocol/proto", import.meta.url).pathname;
  const { FactorService } = grpc.loadPackageDefinition(
    loadSync(file, { includeDirs: [folder], longs: String })).factord.v1;
  const service = new FactorService(address, grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  metadata.set("authorization", authorization);
  const call = service.BulkRemoveOTPEmail(metadata);
  const answered = say(call);
  for (const one of requests) {
    if (!call.write(one)) await new Promise((resolve) => call.once("drain", resolve));
  }
  call.end();
  await answered;
}

function removeByConnect() {
  const service = connectTo(name, file, "factord.v1.FactorService", address, authorization);
  async function* sent() {
    yield* requests;
  }
  return say(service.bulkRemoveOTPEmail(sent()));
}

await (name === "grpc-js" ? removeByGrpc : removeByConnect)();
process.exit(0);
