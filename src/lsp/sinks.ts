/**
 * What becomes of the paths of one message: of the editor's, and of the server's.
 *
 * @module
 */
import { parseFileUri } from "./file_uri.ts";
import { mapGlob } from "./globs.ts";
import { MAX_COPIES_PER_MESSAGE } from "./limits.ts";
import type { PathMap } from "./path_map.ts";
import type { ShapeOf } from "./protocol/shapes.ts";
import type { PathSink } from "./walk.ts";

/** From the editor to the sandbox. */
export class HostSink implements PathSink {
  /** The message is about a document that the sandbox does not see. */
  hidden = false;

  constructor(
    private readonly map: PathMap,
    private readonly hiddenDocuments: Set<string>,
    readonly registration: PathSink["registration"],
    private readonly method: string | undefined,
  ) {}

  uri(uri: string, kind: "uri" | "document" | "markup"): string | undefined {
    const { uri: replaced, outside } = this.map.uriToGuest(uri);
    if (kind === "document") {
      if (this.method === "textDocument/didOpen" && !outside) {
        // The editor may have followed a link that the sandbox put there.
        if (this.map.isVisible(uri)) this.hiddenDocuments.delete(uri);
        else this.hiddenDocuments.add(uri);
      }
      this.hidden ||= outside || this.hiddenDocuments.has(uri);
    }
    return replaced;
  }

  path(path: string): string | undefined {
    return this.map.pathToGuest(path);
  }

  glob(pattern: string): string | undefined {
    return pattern.startsWith("/") ? mapGlob(pattern, (path) => this.map.pathToGuest(path)) : undefined;
  }

  loose(text: string, kind: "any" | "uris"): string | undefined {
    if (parseFileUri(text) !== undefined) return this.map.uriToGuest(text).uri;
    return kind === "any" ? this.map.pathToGuest(text) : undefined;
  }

  progress(): undefined {}
}

/** From the sandbox to the editor: nothing but the project may be changed, nothing but files opened. */
export class GuestSink implements PathSink {
  /** Files that the message names and that only the sandbox has. */
  readonly copies: string[] = [];
  /** What the message would change though it must not. */
  refused: string | undefined;
  /** The message names something that no editor shall open. */
  foreign = false;

  constructor(
    private readonly map: PathMap,
    readonly registration: PathSink["registration"],
    private readonly progressOf: (token: string) => ShapeOf | undefined,
  ) {}

  uri(uri: string, kind: "uri" | "document" | "markup", edited: boolean): string | undefined {
    const found = this.map.uriToHost(uri);
    if (found.is === "copy" && this.copies.length < MAX_COPIES_PER_MESSAGE && !this.copies.includes(found.guestPath!)) {
      if (kind !== "markup") this.copies.push(found.guestPath!);
    }
    if (found.is === "foreign" || found.is === "web") this.foreign = true;
    const mayChange = found.is === "shared" ? found.writable : found.is === "known" && parseFileUri(uri) === undefined;
    if (edited && !mayChange) this.refused ??= "a file outside of the project";
    return found.uri;
  }

  path(path: string): string | undefined {
    return this.map.pathToHost(path);
  }

  glob(pattern: string): string | undefined {
    return mapGlob(pattern, (path) => this.map.pathToHost(path));
  }

  loose(text: string): string | undefined {
    return parseFileUri(text) === undefined ? undefined : this.map.uriToHost(text).uri;
  }

  progress(token: unknown): ShapeOf | undefined {
    return this.progressOf(JSON.stringify(token));
  }
}
