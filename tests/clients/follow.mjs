// Follows the log with a client from npm, and says the sequence of each event on a line of its own:
//   TOKEN=... node follow.mjs eventsource|grpc-js|connect-node... HOST:PORT AFTER COUNT
import { Code, ConnectError } from "@connectrpc/connect";
import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { EventSource } from "eventsource";
import { connectTo } from "./factord_services.mjs";

const [name, address, after, count] = process.argv.slice(2);
const authorization = `Bearer ${process.env.TOKEN}`;
let left = Number(count);

function say(sequence, end) {
  if (left-- > 0) console.log(String(sequence));
  if (left === 0) end();
}

// Its first connection ends once two events were seen: it comes back by itself, with Last-Event-ID.
function followByEventSource() {
  let connections = 0;
  const source = new EventSource(`http://${address}/v2/events?after=${after}`, {
    fetch: async (url, options) => {
      const answer = await fetch(url, {
        ...options, headers: { ...options.headers, authorization } });
      if (connections++ > 0) return answer;
      const cut = new TransformStream({
        transform(piece, to) {
          to.enqueue(piece);
          if (Number(count) - left >= 2) to.terminate();
        },
      });
      return new Response(answer.body.pipeThrough(cut), answer);
    },
  });
  source.onmessage = (event) => say(JSON.parse(event.data).sequence, () => {
    source.close();
    if (connections < 2) throw new Error("it was never cut");
  });
}

function followByGrpc() {
  const folder = new URL("../../server/protocol/proto", import.meta.url).pathname;
  const files = loadSync("factord/v1/event_service.proto", {
    includeDirs: [folder], longs: String });
  const { EventService } = grpc.loadPackageDefinition(files).factord.v1;
  const service = new EventService(address, grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  metadata.set("authorization", authorization);
  const stream = service.Watch({ after }, metadata);
  const end = () => {
    stream.cancel();
    service.close();
  };
  stream.on("data", ({ events }) => events.forEach(({ sequence }) => say(sequence, end)));
  stream.on("error", (failure) => {
    if (failure.code !== grpc.status.CANCELLED) throw failure;
  });
}

async function followByConnect() {
  const service = connectTo(name, "factord/v1/event_service.proto", "factord.v1.EventService",
    address, authorization);
  const stopped = new AbortController();
  try {
    for await (const { events } of service.watch({ after: BigInt(after) }, stopped))
      events.forEach(({ sequence }) => say(sequence, () => stopped.abort()));
  } catch (failure) {
    if (ConnectError.from(failure).code !== Code.Canceled) throw failure;
  }
  process.exit(0);
}

const others = { eventsource: followByEventSource, "grpc-js": followByGrpc };
(others[name] ?? followByConnect)();
