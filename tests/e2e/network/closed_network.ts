/**
 * A network of its own for one test: nothing in it leads anywhere, its resolver and the addresses that are at home in
 * it are the test's. A program of the test runs in there, with silo and everything that silo starts.
 */
import { fileURLToPath } from "node:url";
import { siloEnv } from "../harness.ts";

const LIMIT_MS = 300_000;

/**
 * Runs a module of this folder in such a network and reads the JSON that it prints. `ranges` are addresses that
 * programs in there can bind and reach though no interface has them.
 *
 * @throws if the module fails; the error has what it wrote.
 */
export async function inClosedNetwork(module: string, ranges: readonly string[]): Promise<unknown> {
  const resolver = Deno.makeTempFileSync({ prefix: "silo-resolv-" });
  try {
    Deno.writeTextFileSync(resolver, "nameserver 127.0.0.1\noptions attempts:1 timeout:5\n");
    Deno.chmodSync(resolver, 0o644);
    const { success, stdout, stderr } = await new Deno.Command("bwrap", {
      args: [
        ...["--unshare-user", "--unshare-net", "--die-with-parent", "--dev-bind", "/", "/"],
        ...["--ro-bind", resolver, "/etc/resolv.conf", "--cap-add", "CAP_NET_ADMIN"],
        ...["/bin/sh", "-c", PREPARE, Deno.execPath(), fileURLToPath(new URL(module, import.meta.url)), ...ranges],
      ],
      env: { ...siloEnv(), SILO_E2E_HOME: siloEnv().SILO_HOME ?? "", DENO_DIR: Deno.env.get("DENO_DIR") ?? "" },
      clearEnv: true,
      signal: AbortSignal.timeout(LIMIT_MS),
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    if (!success) throw new Error(`${module} failed:\n${out}\n${err}`);
    return JSON.parse(out!);
  } finally {
    Deno.removeSync(resolver);
  }
}

/** Every port may be opened, the ranges are at home; then the rights to say so are given up. */
const PREPARE = `
set -e
deno=$0 module=$1
shift
echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start
echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind
PATH=$PATH:/usr/sbin:/sbin
for range; do ip route add local "$range" dev lo; done
exec setpriv --inh-caps=-all --ambient-caps=-all "$deno" run --quiet --allow-all "$module"
`;
