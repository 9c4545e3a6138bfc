// A user's life by a client that is made from the description which the server gives out: its types
// are in openapi.d.ts (openapi-typescript), and openapi-fetch speaks by them. Every path, name and
// answer below is checked by the compiler.
//   usage: TOKEN=... node users_life.js URL USER
import createClient from "openapi-fetch";
import type { components, paths } from "./openapi.js";

declare const process: { argv: string[]; env: Record<string, string | undefined> };

type Failure = components["schemas"]["Error"];
type Answer<Body> = { data?: Body; error?: Failure; response: Response };

const [baseUrl, userId] = process.argv.slice(2) as [string, string];
const { GET, POST, DELETE } = createClient<paths>({
  baseUrl,
  headers: { Authorization: `Bearer ${process.env["TOKEN"]}` },
});
const params = { path: { userId } };

// What was answered, or the end.
function good<Body>({ data, error, response }: Answer<Body>): Body {
  if (data !== undefined) return data;
  throw new Error(`${response.status}: ${error?.message}`);
}

// The id of the error that had to come.
function refusal({ data, error }: Answer<unknown>): string {
  const id = error?.details?.[0]?.id;
  if (data !== undefined || id === undefined) throw new Error("it was not refused");
  return id;
}

function say(what: string, of: string | undefined): void {
  console.log(`${what}: ${of ?? "none"}`);
}

const added = good(
  await POST("/v2/users/human", {
    body: {
      userId,
      organization: { orgId: "acme" },
      profile: { givenName: "Ada", familyName: "Lovelace", gender: "GENDER_FEMALE" },
      email: { email: `${userId}@example.com`, returnCode: {} },
    },
  }),
);
say("added", added.userId);
say("no factor yet", refusal(await POST("/v2/users/{userId}/otp_email", { params })));

const resent = good(
  await POST("/v2/users/{userId}/email/resend", { params, body: { returnCode: {} } }),
);
const verification = { params, body: { verificationCode: resent.verificationCode ?? "" } };
good(await POST("/v2/users/{userId}/email/verify", verification));

const set = good(await POST("/v2/users/{userId}/otp_email", { params, body: {} }));
say("factor of", set.details.resourceOwner);
const listed = good(await GET("/v2/users/{userId}/authentication_methods", { params }));
say("method", listed.authMethodTypes?.[0]);
const found = good(
  await POST("/v2/users/{userId}/authentication_factors/_search", {
    params,
    body: { authFactors: ["OTP_EMAIL"] },
  }),
);
say("state", found.result?.[0]?.state);

const removed = good(await DELETE("/v2/users/{userId}/otp_email", { params }));
say("removed after", String(BigInt(removed.details.sequence) - BigInt(set.details.sequence)));
say("removed twice", refusal(await DELETE("/v2/users/{userId}/otp_email", { params })));

good(await POST("/v2/users/{userId}/lock", { params }));
good(await POST("/v2/users/{userId}/unlock", { params }));
good(await POST("/v2/users/{userId}/deactivate", { params }));
const { user } = good(await GET("/v2/users/{userId}", { params }));
say("user", [user.state, user.human.email.isVerified, user.human.profile.gender].join(" "));
good(await POST("/v2/users/{userId}/reactivate", { params }));
good(await DELETE("/v2/users/{userId}", { params }));
say("deleted", refusal(await GET("/v2/users/{userId}", { params })));

const after = String(BigInt(added.details.sequence) - 2n);
const log = good(await GET("/v2/events", { params: { query: { after, user: userId } } }));
// A page, unless a stream is asked for by Accept.
if (typeof log === "string") throw new Error(log);
for (const event of log.events) say("event", event.type);
say("ready", (await GET("/readyz")).data?.status);
say("described as", good(await GET("/openapi.json")).openapi as string);
