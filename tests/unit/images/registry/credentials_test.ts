import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { dockerCredentials } from "../../../../src/images/credentials.ts";
import { testHost } from "../../../integration/registry/harness/setup.ts";

/** A home with that `config.json`, and credential helpers as shell scripts on PATH. */
function homeWith(config: unknown, helpers: Record<string, string> = {}) {
  const home = Deno.makeTempDirSync({ prefix: "silo-login-" });
  Deno.mkdirSync(`${home}/.docker`);
  Deno.mkdirSync(`${home}/bin`);
  Deno.writeTextFileSync(`${home}/.docker/config.json`, typeof config === "string" ? config : JSON.stringify(config));
  for (const [name, script] of Object.entries(helpers)) {
    Deno.writeTextFileSync(`${home}/bin/docker-credential-${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const host = testHost(home, { PATH: `${home}/bin:${Deno.env.get("PATH")}` });
  return {
    home,
    host,
    find: dockerCredentials(host),
    [Symbol.dispose]: () => Deno.removeSync(home, { recursive: true }),
  };
}
const auth = (text: string) => ({ auth: new TextEncoder().encode(text).toBase64() });

Deno.test("logins are found under every name that docker login writes", async () => {
  using it = homeWith({
    auths: {
      "https://index.docker.io/v1/": auth("ann:hub"),
      "ghcr.io": auth("ann:with:colon"),
      "https://old.example.com/v1/": auth("ann:old"),
      "127.0.0.1:5000": { username: "ann", password: "plain" },
      "token.example.com": { ...auth("<token>:"), identitytoken: "refresh" },
      "raw.example.com": { registrytoken: "bearer" },
      "empty.example.com": {},
    },
  });
  const passwordOf = async (registry: string) => {
    const found = await it.find(registry);
    return found?.kind === "password" ? found.password : found?.kind;
  };
  equal(await passwordOf("docker.io"), "hub");
  equal(await passwordOf("ghcr.io"), "with:colon");
  equal(await passwordOf("old.example.com"), "old");
  equal(await passwordOf("127.0.0.1:5000"), "plain");
  equal(await passwordOf("token.example.com"), "identity");
  equal(await passwordOf("raw.example.com"), "bearer");
  equal(await passwordOf("empty.example.com"), undefined);
  equal(await passwordOf("127.0.0.1:5001"), undefined);
  equal(await passwordOf("example.com"), undefined);
  equal(await passwordOf("constructor"), undefined);
});

Deno.test("a credential helper is asked over its protocol, the one of the registry before the general one", async () => {
  using it = homeWith({ credsStore: "store", credHelpers: { "ghcr.io": "own" } }, {
    own: 'read server; echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"$1\\",\\"Secret\\":\\"$server\\"}"',
    store: 'read server; [ "$server" = https://index.docker.io/v1/ ] || ' +
      '{ echo \'credentials not found in native keychain\'; exit 1; }; echo \'{"Username":"<token>","Secret":"s"}\'',
  });
  deepEqual(await it.find("ghcr.io"), {
    kind: "password",
    username: "get",
    password: "ghcr.io",
    source: "docker-credential-own",
  });
  deepEqual(await it.find("docker.io"), { kind: "identity", token: "s", source: "docker-credential-store" });
  equal(await it.find("quay.io"), undefined);
});

Deno.test("a helper that fails, lies or is missing is named, and its secret is not", async () => {
  for (
    const [name, script, why] of [
      ["broken", "echo locked >&2; exit 3", /exited with 3/],
      ["chatty", "echo no json", /did not answer with JSON/],
      ["odd", 'echo "{}"', /without Username and Secret/],
      ["deaf", 'exec 0<&-; echo \'{"Username":1,"Secret":"hunter2"}\'', /without Username and Secret/],
    ] as const
  ) {
    using it = homeWith({ credsStore: name }, { [name]: script });
    await rejects(it.find("ghcr.io"), (error: Error) => {
      match(error.message, /^could not get the login for ghcr\.io: docker-credential-/);
      match(error.message, why);
      ok(!error.message.includes("hunter2"));
      return true;
    });
  }
  using missing = homeWith({ credsStore: "nowhere" });
  await rejects(missing.find("ghcr.io"), /docker-credential-nowhere is not on PATH/);
  using evil = homeWith({ credsStore: "../../bin/sh" });
  await rejects(evil.find("ghcr.io"), /is not the name of a program/);
});

Deno.test("a config.json that cannot be read is an error that does not quote it; none is no login", async () => {
  using broken = homeWith('{"auths": {"ghcr.io": {"auth": "c2VjcmV0"');
  await rejects(broken.find("ghcr.io"), (error: Error) => {
    match(error.message, /it is not JSON$/);
    return true;
  });
  using list = homeWith([]);
  await rejects(list.find("ghcr.io"), /not a JSON object/);
  using odd = homeWith({ auths: { "ghcr.io": { auth: "!!!" } } });
  await rejects(odd.find("ghcr.io"), /"auth" is not base64 of USER:PASSWORD/);
  using it = homeWith({});
  Deno.removeSync(`${it.home}/.docker`, { recursive: true });
  equal(await it.find("ghcr.io"), undefined);
});
