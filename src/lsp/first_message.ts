/**
 * The first request of an editor, `initialize`: which directory the session is about stands in it.
 *
 * @module
 */
import { parseFileUri, resolveSegments } from "./file_uri.ts";

type Json = Record<string, unknown>;

/** What can be taken of a message before there is a server. */
export type First =
  | {
    readonly is: "initialize";
    readonly id: string | number;
    /** Directories that the editor has open, the one that counts first. */
    readonly folders: readonly string[];
    /** Where it may be told how far the work is; undefined if it does not want to know. */
    readonly workDoneToken: string | number | undefined;
  }
  /** To be answered with this. */
  | { readonly is: "too early"; readonly reply: unknown }
  | { readonly is: "exit" }
  /** A notification: the specification has it dropped. */
  | { readonly is: "nothing" };

/** "ServerNotInitialized" */
const NOT_INITIALIZED = -32002;

/**
 * Looks at a message that came before any other. The specification, "Initialize Request": requests before it are
 * answered with an error, notifications are dropped, except for `exit`.
 */
export function lookAtFirst(body: Uint8Array): First {
  const message = JSON.parse(new TextDecoder().decode(body)) as Json;
  if (message.method === "exit") return { is: "exit" };
  if (message.method === "initialize") {
    const params = message.params as Json | undefined;
    const workDoneToken = params?.workDoneToken as string | number | undefined;
    return { is: "initialize", id: message.id as string | number, folders: foldersOf(params), workDoneToken };
  }
  if (message.id === undefined || message.method === undefined) return { is: "nothing" };
  const error = { code: NOT_INITIALIZED, message: "silo: the first request has to be initialize" };
  return { is: "too early", reply: { jsonrpc: "2.0", id: message.id, error } };
}

/** Whether a message is the editor's last. */
export function isExit(body: Uint8Array): boolean {
  if (body.length > MAX_EXIT_BYTES) return false;
  try {
    return JSON.parse(new TextDecoder().decode(body)).method === "exit";
  } catch {
    return false; // whoever handles it says so
  }
}

/** `exit` has no contents; this leaves room for white space. */
const MAX_EXIT_BYTES = 256;

function foldersOf(params: Json | undefined): string[] {
  const listed = Array.isArray(params?.workspaceFolders) ? params.workspaceFolders.map((it: Json) => it?.uri) : [];
  const uris = [...listed, params?.rootUri];
  const paths = uris.flatMap((uri) => {
    const file = typeof uri === "string" ? parseFileUri(uri) : undefined;
    return file === undefined ? [] : [`/${resolveSegments(file.segments).join("/")}`];
  });
  if (typeof params?.rootPath === "string") paths.push(params.rootPath);
  return [...new Set(paths)];
}
