/**
 * Decompression by magic number, for kernels and their modules.
 *
 * @module
 */
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { SiloError } from "../errors.ts";

type Method = "xz" | "zstd" | "gzip" | "lz4" | "none";

const MAGICS: readonly [Method, readonly number[]][] = [
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["gzip", [0x1f, 0x8b]],
  ["lz4", [0x02, 0x21, 0x4c, 0x18]],
];

/** How `data` is compressed, by its first bytes. */
export function methodOf(data: Uint8Array): Method {
  return MAGICS.find(([, magic]) => magic.every((byte, i) => data[i] === byte))?.[0] ?? "none";
}

/**
 * Decompresses; data that is not compressed comes back as it is. xz and lz4 need the program of that name.
 *
 * @throws {SiloError} if the data is damaged or the program is missing.
 */
export async function decompress(data: Uint8Array<ArrayBuffer>, what: string): Promise<Uint8Array<ArrayBuffer>> {
  const method = methodOf(data);
  try {
    if (method === "none") return data;
    if (method === "gzip") return new Uint8Array(gunzipSync(data));
    if (method === "zstd") return new Uint8Array(zstdDecompressSync(data));
    return await filter([method, "-d", "-c"], data);
  } catch (cause) {
    const missing = cause instanceof Deno.errors.NotFound;
    const why = missing ? `the program ${method} is not installed` : `its ${method} data is damaged`;
    throw new SiloError(`could not unpack ${what}: ${why}`, {
      hint: missing ? `sudo apt-get install ${method === "xz" ? "xz-utils" : "lz4"}` : undefined,
      cause,
    });
  }
}

async function filter(argv: readonly string[], input: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const [program, ...args] = argv as [string, ...string[]];
  const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  // The program may end early on damaged input: its exit code tells, not the broken pipe.
  const written = new Response(input).body!.pipeTo(child.stdin).catch(() => {});
  const { success, stdout } = await child.output();
  await written;
  if (!success) throw new Error(`${program} failed`);
  return stdout;
}
