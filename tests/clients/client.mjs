// Calls of the user service through a client from npm, told by lines of JSON on stdin:
//   {"method": "removeOTPEmail", "message": {...}, "token": "..."}   (protobuf's JSON mapping)
// and answered, a line each: {"message": {...}} or {"code": 5, "text": "...", "id": "...",
// "detail": "..."}, the last two of the typed error detail.
//   usage: client.mjs CLIENT URL
import readline from "node:readline";
import { fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import * as node from "@connectrpc/connect-node";
import * as web from "@connectrpc/connect-web";
import { findTrailerError } from "@connectrpc/connect/protocol-grpc";
import grpc from "@grpc/grpc-js";
import { NewAuthorizationBearerInterceptor } from "@zitadel/client";
import { createServerTransport } from "@zitadel/client/node";
import { createUserServiceClient } from "@zitadel/client/v2";
import { createClientTransport } from "@zitadel/client/web";
import { ErrorDetailSchema } from "@zitadel/proto/zitadel/message_pb.js";
import { UserService } from "@zitadel/proto/zitadel/user/v2/user_service_pb.js";

const [client, baseUrl] = process.argv.slice(2);

const over = (create, options) => (token) =>
  create({
    baseUrl,
    interceptors: token ? [NewAuthorizationBearerInterceptor(token)] : [],
    ...options,
  });

// What @zitadel/client runs on: its own two transports, which always have a token, and others.
const transports = {
  "zitadel-server": (token) =>
    token ? createServerTransport(token, { baseUrl }) : node.createGrpcTransport({ baseUrl }),
  "zitadel-web": (token) =>
    token ? createClientTransport(token, { baseUrl }) : web.createGrpcWebTransport({ baseUrl }),
  "grpc-web-http2": over(node.createGrpcWebTransport, { httpVersion: "2" }),
  "connect-http1": over(node.createConnectTransport, { httpVersion: "1.1", useBinaryFormat: false }),
  "connect-http2": over(node.createConnectTransport, { httpVersion: "2", useBinaryFormat: true }),
};

function throughZitadel(makeTransport) {
  const stubs = new Map();
  return async (method, message, token) => {
    if (!stubs.has(token)) stubs.set(token, createUserServiceClient(makeTransport(token)));
    const { input, output } = UserService.method[method];
    try {
      const answer = await stubs.get(token)[method](fromJson(input, message));
      return { message: toJson(output, answer) };
    } catch (failure) {
      return toOutcome(ConnectError.from(failure));
    }
  };
}

function toOutcome(error) {
  const [detail] = error.findDetails(ErrorDetailSchema);
  return { code: error.code, text: error.rawMessage, id: detail?.id, detail: detail?.message };
}

// The messages of @zitadel/proto on the channel of grpc-js.
function throughGrpcJs() {
  const methods = UserService.methods.map((method) => [
    method.localName,
    {
      path: `/${UserService.typeName}/${method.name}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: (value) => Buffer.from(toBinary(method.input, value)),
      responseDeserialize: (bytes) => fromBinary(method.output, bytes),
    },
  ]);
  const Stub = grpc.makeGenericClientConstructor(Object.fromEntries(methods), "UserService");
  const stub = new Stub(new URL(baseUrl).host, grpc.credentials.createInsecure());
  return (method, message, token) =>
    new Promise((resolve) => {
      const metadata = new grpc.Metadata();
      if (token) metadata.set("authorization", `Bearer ${token}`);
      const { input, output } = UserService.method[method];
      stub[method](fromJson(input, message), metadata, (failure, answer) => {
        if (!failure) return resolve({ message: toJson(output, answer) });
        resolve({ ...toOutcome(readStatus(failure)), text: failure.details });
      });
    });
}

function readStatus(failure) {
  const trailers = new Headers([["grpc-status", String(failure.code)]]);
  const [details] = failure.metadata.get("grpc-status-details-bin");
  if (details) trailers.set("grpc-status-details-bin", details.toString("base64"));
  return findTrailerError(trailers);
}

const call = client === "grpc-js" ? throughGrpcJs() : throughZitadel(transports[client]);
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { method, message, token } = JSON.parse(line);
  console.log(JSON.stringify(await call(method, message, token)));
}
process.exit(0);
