import { deepStrictEqual as same, ok, throws } from "node:assert/strict";
import { guestEnvironment } from "../../../src/engine/guest_environment.ts";
import { readSecrets } from "../../../src/engine/read_secrets.ts";
import { SiloError } from "../../../src/errors.ts";

const VALUE = "npm_0123456789abcdefghijABCDEFGHIJ012345";

Deno.test("a value comes from a variable or a file, without its line end; a variable that is not set is no secret", () => {
  const hosts = ["*.npmjs.org"];
  const secrets = readSecrets(
    { A: { from: "env:A", hosts }, B: { from: "env:B", hosts }, C: { from: "file:/c", hosts } },
    { env: { A: VALUE, C: "not this one" } },
    (path) => `${path}-${VALUE}\n`,
  );
  same(secrets.map((secret) => [secret.name, secret.reveal()]), [["A", VALUE], ["C", `/c-${VALUE}`]]);
  ok(secrets.every(({ placeholder }) => !placeholder.includes(VALUE)));
});

Deno.test("what is wrong with a secret is told without its value", () => {
  for (const [from, hosts] of [["env:A", ["*"]], ["env:SHORT", ["a.com"]], ["file:/nowhere/at/all", ["a.com"]]]) {
    throws(
      () =>
        readSecrets({ NAME: { from: from as string, hosts: hosts as string[] } }, {
          env: { A: VALUE, SHORT: "s3cr3t" },
        }),
      (error) => error instanceof SiloError && !/s3cr3t|npm_0/.test(`${error.message} ${error.hint}`),
    );
  }
});

Deno.test("the name of a secret never holds its value, though it be passed on as well", () => {
  const environment = guestEnvironment({
    image: ["NPM_TOKEN=image"],
    owner: { name: "silo", home: "/home/silo", shell: "/bin/sh" },
    hasTerminal: false,
    passEnv: ["NPM_TOKEN"],
    env: { NPM_TOKEN: VALUE },
    fixed: { NPM_TOKEN: "placeholder" },
    host: (name) => name === "NPM_TOKEN" ? VALUE : undefined,
  });
  same(environment.filter((entry) => String(entry).startsWith("NPM_TOKEN")), ["NPM_TOKEN=placeholder"]);
  ok(!JSON.stringify(environment).includes(VALUE));
});
