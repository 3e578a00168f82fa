// Two OpenID Connect issuers on one port: `entra`, whose path names a tenant, and `plain`. They are told on standard
// input what to do, a JSON object a line, and answer each in a line; they end with their standard input.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { OAuth2Issuer, OAuth2Service } from "oauth2-mock-server";

const [port, tenant] = process.argv.slice(2);
const paths = { entra: `/${tenant}/v2.0`, plain: "/plain" };
const issuers = {};
let away = false;
let keysAsked = 0;
let pageClaims = {};

for (const [name, path] of Object.entries(paths)) {
  const issuer = new OAuth2Issuer();
  issuer.url = `http://127.0.0.1:${port}${path}`;
  await issuer.keys.generate("RS256", { kid: `${name}-1` });
  const service = new OAuth2Service(issuer);
  service.on("beforeTokenSigning", (token) => Object.assign(token.payload, pageClaims));
  issuers[name] = { issuer, path, handle: service.requestHandler };
}

const server = createServer((request, response) => {
  const found = Object.values(issuers).find(({ path }) => request.url.startsWith(`${path}/`));
  if (away || !found) {
    request.socket.destroy();
    return;
  }
  request.url = request.url.slice(found.path.length);
  keysAsked += request.url === "/jwks" ? 1 : 0;
  found.handle(request, response);
});

const orders = {
  /** A token with these claims and headers, null for none, signed with the key `kid`. */
  sign: ({ issuer, kid, claims, header }) =>
    issuers[issuer].issuer.buildToken({
      kid,
      scopesOrTransform: (head, payload) => {
        for (const [part, said] of [[payload, claims ?? {}], [head, header ?? {}]]) {
          for (const [name, value] of Object.entries(said)) {
            if (value === null) delete part[name];
            else part[name] = value;
          }
        }
      },
    }),
  key: async ({ issuer, kid }) => (await issuers[issuer].issuer.keys.generate("RS256", { kid })).kid,
  away: (order) => {
    away = order.away;
    server.closeAllConnections();
    return away;
  },
  asked: () => keysAsked,
  /** What access tokens say that are fetched with a code, beside the server's own claims. */
  page: ({ claims }) => {
    pageClaims = claims;
    return true;
  },
};

server.listen(Number(port), "127.0.0.1", async () => {
  console.log(JSON.stringify({ ready: true }));
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line);
    console.log(JSON.stringify({ told: await orders[order.do](order) }));
  }
  process.exit(0);
});
