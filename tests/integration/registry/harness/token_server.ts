/**
 * A token server as registries name them in their challenges: gives signed tokens to those who log in.
 *
 * Format: distribution's "Docker Registry v2 Bearer token specification": a JWT signed with ES256, whose certificate
 * stands in its `x5c` header.
 *
 * @module
 */
import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { runProgram } from "./packages.ts";

export interface TokenServer extends AsyncDisposable {
  readonly realm: string;
  readonly service: string;
  /** File with the certificate that the registry checks tokens with. */
  readonly certificate: string;
  /** What it was asked for, for the test to look at. */
  readonly requests: { method: string; query: string; body: string; authorization: string | null }[];
  /** Seconds that tokens are valid. */
  life: number;
}

/** A user, and an identity token that stands for the same login. */
export interface TokenUser {
  readonly username: string;
  readonly password: string;
  readonly identity: string;
}

/** `anonymous`: whether those who do not log in get a token that allows reading. */
export async function startTokenServer(user: TokenUser, anonymous = false): Promise<TokenServer> {
  const directory = await Deno.makeTempDir({ prefix: "silo-token-" });
  const [keyFile, certificate] = [`${directory}/key.pem`, `${directory}/certificate.pem`];
  const subject = ["-subj", "/CN=silo test", "-days", "2"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await runProgram("openssl", ["req", "-x509", ...curve, "-keyout", keyFile, "-out", certificate, ...subject]);
  const key = createPrivateKey(await Deno.readTextFile(keyFile));
  const chain = (await Deno.readTextFile(certificate)).replace(/-----[^-]+-----|\s/g, "");
  const service = "registry of the test";

  const server: { life: number; requests: TokenServer["requests"] } = { life: 300, requests: [] };
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const body = await request.text();
    const url = new URL(request.url);
    const authorization = request.headers.get("authorization");
    server.requests.push({ method: request.method, query: url.search, body, authorization });
    const form = request.method === "POST" ? new URLSearchParams(body) : url.searchParams;
    const known = request.method === "POST"
      ? form.get("refresh_token") === user.identity
      : authorization === `Basic ${new TextEncoder().encode(`${user.username}:${user.password}`).toBase64()}`;
    if (!known && !(anonymous && authorization === null && request.method === "GET")) {
      return Response.json({ errors: [{ code: "UNAUTHORIZED", message: "wrong user or password" }] }, { status: 401 });
    }
    const access = form.getAll("scope").map((scope) => {
      const [, type, name, actions] = /^(\w+):(.+):([a-z,*]+)$/.exec(scope)!;
      return { type, name, actions: actions!.split(",").filter((action) => known || action === "pull") };
    });
    const token = makeToken(key, chain, { service, life: server.life, access });
    return Response.json({ [request.method === "POST" ? "access_token" : "token"]: token, expires_in: server.life });
  });
  return Object.assign(server, {
    realm: `http://127.0.0.1:${(http.addr as Deno.NetAddr).port}/token`,
    service,
    certificate,
    async [Symbol.asyncDispose]() {
      await http.shutdown();
      await Deno.remove(directory, { recursive: true });
    },
  });
}

function makeToken(key: KeyObject, chain: string, claims: { service: string; life: number; access: unknown }): string {
  const now = Math.floor(Date.now() / 1000);
  const text = (value: unknown) =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url", omitPadding: true });
  const payload = {
    iss: "silo-test",
    sub: "",
    aud: claims.service,
    exp: now + claims.life,
    nbf: now - 10,
    iat: now,
    jti: crypto.randomUUID(),
    access: claims.access,
  };
  const signed = `${text({ typ: "JWT", alg: "ES256", x5c: [chain] })}.${text(payload)}`;
  const signature = sign("sha256", new TextEncoder().encode(signed), { key, dsaEncoding: "ieee-p1363" });
  return `${signed}.${new Uint8Array(signature).toBase64({ alphabet: "base64url", omitPadding: true })}`;
}
