/** What tests of rewriting stand on: a map of one project, and messages as bytes. */
import { concatenate } from "../../../src/concatenate.ts";
import { Conversation, encode, type Outcome } from "../../../src/lsp/conversation.ts";
import { PathMap } from "../../../src/lsp/path_map.ts";
import type { Links, SharedRoot } from "../../../src/lsp/roots.ts";

export const HOST_ROOT = "/home/me/work/app";
export const COPIES = "/home/me/.silo/guest-files/python";
export const ROOTS: readonly SharedRoot[] = [
  { host: HOST_ROOT, guest: "/workspace", writable: true },
  { host: "/home/me/data", guest: "/data", writable: false },
];

/** A file system in which these links lead to these places; what leads nowhere is undefined. */
export function links(table: Record<string, string | undefined> = {}): Links {
  const real = (path: string): string | undefined => {
    for (const [link, target] of Object.entries(table)) {
      if (path !== link && !path.startsWith(`${link}/`)) continue;
      return target === undefined ? undefined : real(target + path.slice(link.length));
    }
    return path;
  };
  return { real };
}

export function someMap(table: Record<string, string | undefined> = {}, roots = ROOTS): PathMap {
  return new PathMap(roots, COPIES, links(table));
}

export function conversation(map = someMap()): Conversation {
  return new Conversation(map, () => 0);
}

export function decode(message: readonly Uint8Array[] | undefined): unknown {
  return message === undefined ? undefined : JSON.parse(new TextDecoder().decode(concatenate(message)));
}

// deno-lint-ignore no-explicit-any
export type Any = any;

/** What the server gets of the editor's message. */
export function toGuest(talk: Conversation, message: unknown): Any {
  return decode(talk.fromHost(encode(message)).forward);
}

/** What the editor gets of the server's message. */
export function toHost(talk: Conversation, message: unknown): Any {
  return decode(talk.fromGuest(encode(message)).forward);
}

/** A request of the editor and the answer that it gets. */
export function answered(talk: Conversation, method: string, params: unknown, result: unknown): Any {
  talk.fromHost(encode({ jsonrpc: "2.0", id: 1, method, params }));
  return toHost(talk, { jsonrpc: "2.0", id: 1, result });
}

export function outcomeOfGuest(talk: Conversation, message: unknown): Outcome {
  return talk.fromGuest(encode(message));
}
