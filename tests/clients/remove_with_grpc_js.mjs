// Removes a user's OTP-email factor through @grpc/grpc-js alone, from this repository's .proto files:
//   TOKEN=... node remove_with_grpc_js.mjs 127.0.0.1:8080 USER
import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const [address, userId] = process.argv.slice(2);
const folder = new URL("../../server/protocol/proto", import.meta.url).pathname;
const files = loadSync("zitadel/user/v2/user_service.proto", { includeDirs: [folder] });
const { UserService } = grpc.loadPackageDefinition(files).zitadel.user.v2;
const users = new UserService(address, grpc.credentials.createInsecure());
const metadata = new grpc.Metadata();
metadata.set("authorization", `Bearer ${process.env.TOKEN}`);
users.RemoveOTPEmail({ userId }, metadata, (failure, answer) => {
  if (failure) console.log(`code ${failure.code}: ${failure.details}`);
  else console.log(`removed, sequence ${answer.details.sequence}, org ${answer.details.resourceOwner}`);
  users.close();
});
