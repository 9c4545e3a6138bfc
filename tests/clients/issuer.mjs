// An OpenID provider that others wrote (oidc-provider) on a loopback port, with one client that gets
// tokens for itself. Orders come a line each on stdin, and are answered by a line of JSON:
//   publish     a new key is in the set, and signs nothing yet
//   sign        the newest key signs from now on
//   retire      every key but the one that signs is gone
//   down, up    nobody is let in; again on the same port
//   roles X     what tokens claim as their roles from now on, as JSON
//   forge X     a token that jose signs by a key that is in the set, with these claims, as JSON

import {randomUUID} from 'node:crypto';
import http from 'node:http';
import readline from 'node:readline';

import * as jose from 'jose';
import Provider from 'oidc-provider';

const audience = 'factord';
const algorithms = ['ES256', 'RS256', 'PS256', 'EdDSA'];

let keys = [];
let signs = 0; // index of the newest key that does
let roles = {};
let serve = () => {};
let server;
let port = 0;
let sockets = new Set();

async function newKey(alg) {
  const made = await jose.generateKeyPair(alg, {extractable: true});
  return {...(await jose.exportJWK(made.privateKey)), alg, use: 'sig', kid: randomUUID()};
}

const issuer = () => `http://127.0.0.1:${port}`;

function provide() {
  const resource = {
    scope: '', audience, accessTokenFormat: 'jwt', accessTokenTTL: 3600,
    jwt: {sign: {alg: 'ES256', kid: keys[signs].kid}},
  };
  const provider = new Provider(issuer(), {
    // The one that signs stands first: the rest is for who still has a token by it.
    jwks: {keys: [keys[signs], ...keys.filter((_, index) => index !== signs)]},
    clients: [{
      client_id: 'worker', client_secret: 'worker-secret-of-this-test', redirect_uris: [],
      grant_types: ['client_credentials'], response_types: [],
      id_token_signed_response_alg: 'ES256',
    }],
    features: {
      devInteractions: {enabled: false},
      clientCredentials: {enabled: true},
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:factord',
        useGrantedResource: () => true,
        getResourceServerInfo: () => resource,
      },
    },
    extraTokenClaims: () => ({'urn:zitadel:iam:org:project:roles': roles}),
  });
  serve = provider.callback();
}

async function up() {
  server = http.createServer((request, response) => serve(request, response));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  port = server.address().port;
}

async function down() {
  const ended = new Promise((done) => server.close(done));
  for (const socket of sockets) socket.destroy();
  await ended;
}

async function forge({alg, ...claims}) {
  const key = keys.find((one) => one.alg === alg);
  return new jose.SignJWT(claims)
      .setProtectedHeader({alg, kid: key.kid, typ: 'JWT'})
      .setIssuer(issuer()).setAudience(audience).setIssuedAt().setExpirationTime('1h')
      .sign(await jose.importJWK(key, alg));
}

async function carryOut(order, rest) {
  switch (order) {
    case 'publish':
      keys.push(await newKey('ES256'));
      return provide();
    case 'sign':
      signs = keys.length - 1;
      return provide();
    case 'retire':
      keys = [keys[signs]];
      signs = 0;
      return provide();
    case 'down':
      return down();
    case 'up':
      return up();
    case 'roles':
      roles = JSON.parse(rest);
      return undefined;
    case 'forge':
      return forge(JSON.parse(rest));
    default:
      throw new Error(`no such order: ${order}`);
  }
}

for (const alg of algorithms) keys.push(await newKey(alg));
await up();
provide();
console.log(JSON.stringify({issuer: issuer()}));
for await (const line of readline.createInterface({input: process.stdin})) {
  const [order, ...rest] = line.split(' ');
  console.log(JSON.stringify({did: order, said: await carryOut(order, rest.join(' '))}));
}
process.exit(0);
