// A collector of traces, as OpenTelemetry's own definitions read what it is sent: says on which port
// it listens, then each span on a line, as JSON with ids in hexadecimal digits.
import http from "node:http";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { opentelemetry } = require("@opentelemetry/otlp-transformer/build/src/generated/root.js");
const { ExportTraceServiceRequest, ExportTraceServiceResponse } =
  opentelemetry.proto.collector.trace.v1;

const hex = (base64) => Buffer.from(base64, "base64").toString("hex");
const attributes = (of) => Object.fromEntries(
  of.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));

function say(request) {
  for (const { resource, scopeSpans } of request.resourceSpans) {
    for (const { scope, spans } of scopeSpans) {
      for (const span of spans) {
        console.log(JSON.stringify({
          ...span, traceId: hex(span.traceId), spanId: hex(span.spanId),
          parentSpanId: hex(span.parentSpanId), attributes: attributes(span.attributes),
          resource: attributes(resource.attributes), scope }));
      }
    }
  }
}

const server = http.createServer((request, answer) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    const right = request.method === "POST" && request.url === "/v1/traces"
      && request.headers["content-type"] === "application/x-protobuf";
    if (right) {
      const read = ExportTraceServiceRequest.decode(Buffer.concat(pieces));
      say(ExportTraceServiceRequest.toObject(
        read, { longs: String, enums: String, bytes: String, defaults: true, arrays: true }));
    }
    answer.writeHead(right ? 200 : 404, { "content-type": "application/x-protobuf" });
    answer.end(ExportTraceServiceResponse.encode({}).finish());
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
