/**
 * The host's added authorities without reading its 140 public ones in every run: the answer is kept in the silo home, and
 * holds as long as nothing that it was made of has changed.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { certificateSources, hostCertificates } from "../network/host_certificates.ts";

/** As `hostCertificates`. Never throws: what cannot be remembered is found out again. */
export function rememberedCertificates({ siloHome, env }: Pick<Host, "siloHome" | "env">): string {
  const path = `${siloHome}/state/host-certificates.json`;
  // Before the files are read: what changes meanwhile makes the answer old.
  const stamps = certificateSources(env).map(stampOf);
  const known = read(path);
  if (known?.stamps.length === stamps.length && known.stamps.every((stamp, i) => stamp === stamps[i])) return known.pem;
  const pem = hostCertificates(env);
  write(path, { stamps, pem });
  return pem;
}

interface Answer {
  readonly stamps: readonly string[];
  readonly pem: string;
}

/** Path, inode, bytes, times of the last write and the last change: any write changes it. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtime, ctime } = Deno.statSync(path);
    return `${path} ${ino} ${size} ${mtime?.getTime()} ${ctime?.getTime()}`;
  } catch {
    return `${path} none`;
  }
}

function read(path: string): Answer | undefined {
  try {
    const { stamps, pem } = JSON.parse(Deno.readTextFileSync(path));
    return Array.isArray(stamps) && typeof pem === "string" ? { stamps, pem } : undefined;
  } catch {
    return undefined;
  }
}

/** Renamed into its place, and not synced: half a file is no JSON, and as good as none. */
function write(path: string, answer: Answer): void {
  const temporary = `${path}.tmp-${crypto.randomUUID().slice(0, 8)}`;
  try {
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(temporary, JSON.stringify(answer), { mode: 0o600 });
    Deno.renameSync(temporary, path);
  } catch { /* a full disk or a home that cannot be written to costs the next run some milliseconds */ }
}
