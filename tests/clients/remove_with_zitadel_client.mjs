// Removes a user's OTP-email factor through @zitadel/client, which speaks gRPC here:
//   TOKEN=... node remove_with_zitadel_client.mjs http://127.0.0.1:8080 USER
import { ConnectError } from "@connectrpc/connect";
import { createServerTransport } from "@zitadel/client/node";
import { createUserServiceClient } from "@zitadel/client/v2";
import { ErrorDetailSchema } from "@zitadel/proto/zitadel/message_pb.js";

const [baseUrl, userId] = process.argv.slice(2);
const users = createUserServiceClient(createServerTransport(process.env.TOKEN, { baseUrl }));
try {
  const { details } = await users.removeOTPEmail({ userId });
  console.log(`removed, sequence ${details.sequence}, org ${details.resourceOwner}`);
} catch (failure) {
  const error = ConnectError.from(failure);
  const [detail] = error.findDetails(ErrorDetailSchema);
  console.log(`code ${error.code}, id ${detail?.id}: ${error.rawMessage}`);
}
process.exit(0);
