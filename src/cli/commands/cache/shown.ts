/** How caches are shown. */
import type { DiskEntry } from "../../../disk/entries.ts";
import { printable } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { writeAll } from "../../output.ts";
import { say } from "../../say.ts";

export function size(bytes: number): string {
  const [unit, name] = bytes < 1024 ** 3 ? [1024 ** 2, "MiB"] : [1024 ** 3, "GiB"];
  return `${(bytes / unit).toFixed(1)} ${name}`;
}

/** "3 days ago", in the largest whole unit. */
export function ago(then: number, now: number): string {
  const minutes = Math.max(0, Math.floor((now - then) / 60_000));
  const [count, unit] = minutes < 60
    ? [minutes, "minute"]
    : minutes < 48 * 60
    ? [Math.floor(minutes / 60), "hour"]
    : [Math.floor(minutes / 1440), "day"];
  return count === 0 ? "just now" : `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

/** The last part of each project's path is enough to know it; as many as fit. */
export function usersText(users: readonly string[], width = 24): string {
  if (users.length === 0) return "nobody";
  const shortened = (name: string, room: number) => name.length <= room ? name : `${name.slice(0, room - 1)}…`;
  const names = users.map((user) => printable(user.slice(user.lastIndexOf("/") + 1)).replaceAll("\n", " "));
  const text = names.join(", ");
  if (text.length <= width || users.length === 1) return shortened(text, width);
  return `${shortened(names[0]!, width - 4)} +${users.length - 1}`;
}

export function entryName({ kind, key }: Pick<DiskEntry, "kind" | "key">): string {
  return `${kind} ${key.slice(0, 12)}`;
}

export function under(host: Pick<Host, "siloHome" | "home">): string {
  return host.siloHome.startsWith(`${host.home}/`) ? `~${host.siloHome.slice(host.home.length)}` : host.siloHome;
}

export function print(text: string): void {
  writeAll(Deno.stdout, text);
}

/** What would be done was asked for; what has been done is said where it need not be quiet. Adds the newline. */
export function told(host: Host, dryRun: boolean): (text: string) => void {
  return (text) => dryRun ? print(`${text}\n`) : say(host, text);
}

export function printJson(value: unknown): void {
  print(`${JSON.stringify(value, null, 2)}\n`);
}
