// The services of factord.v1 for clients on Connect's transports, from this repository's .proto files.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import * as node from "@connectrpc/connect-node";

const transports = {
  "connect-node gRPC": (options) => node.createGrpcTransport(options),
  "connect-node gRPC-Web": (options) => node.createGrpcWebTransport({ ...options, httpVersion: "2" }),
  "connect-node Connect": (options) =>
    node.createConnectTransport({ ...options, httpVersion: "2", useBinaryFormat: true }),
  "connect-node Connect, JSON": (options) =>
    node.createConnectTransport({ ...options, httpVersion: "2", useBinaryFormat: false }),
};

// With the detail of errors, which JSON cannot be read without.
function described(file) {
  const folder = new URL("../../server/protocol/proto", import.meta.url).pathname;
  const scratch = mkdtempSync(join(tmpdir(), "factord-"));
  const out = join(scratch, "descriptors");
  execFileSync("protoc", ["-I", folder, "--include_imports", `--descriptor_set_out=${out}`, file,
    "zitadel/message.proto"]);
  const found = fromBinary(FileDescriptorSetSchema, readFileSync(out));
  rmSync(scratch, { recursive: true });
  return createFileRegistry(found);
}

export function connectTo(name, file, service, address, authorization) {
  const registry = described(file);
  const withToken = (next) => (call) => {
    call.header.set("authorization", authorization);
    return next(call);
  };
  const transport = transports[name]({
    baseUrl: `http://${address}`, interceptors: [withToken], jsonOptions: { registry } });
  return createClient(registry.getService(service), transport);
}
