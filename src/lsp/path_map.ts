/**
 * Which path of the host is which in the sandbox, for URIs and paths in messages.
 *
 * @module
 */
import { encodeSegment, fileUri, isDrivePath, parseFileUri, resolveSegments, schemeOf } from "./file_uri.ts";
import { type Links, Roots, type SharedRoot, startsWith } from "./roots.ts";
import { joinUri, prefixOf, uriPrefix } from "./uri_text.ts";

/** What became of a guest's URI. */
export interface OnHost {
  readonly uri: string;
  /**
   * `shared`: a file that both sides see; `copy`: one of the sandbox's own, at `guestPath`; `known`: what the editor
   * itself had named; `web`: a page; `foreign`: something that no editor shall act on.
   */
  readonly is: "shared" | "copy" | "known" | "web" | "foreign";
  readonly guestPath?: string;
  readonly writable?: boolean;
}

/** URIs that the editor named and that are none of the shared files; more are forgotten. */
const MAX_KNOWN = 4_096;
const WEB: ReadonlySet<string> = new Set(["http", "https", "mailto"]);
/** Documents that the server itself has the text of, and that the editor's extension for it asks for. */
const VIRTUAL: ReadonlySet<string> = new Set(["jdt", "deno"]);
/** Names a URI that means something to the sandbox alone, so that no editor acts on it. */
const FOREIGN_SCHEME = "silo-guest";

export class PathMap {
  readonly #roots: Roots;
  readonly #copies: readonly string[];
  readonly #copiesPrefix: string;
  readonly #known = new Set<string>();

  /** @param copies the directory of the host where copies of the sandbox's own files are, as if it were its `/`. */
  constructor(roots: readonly SharedRoot[], copies: string, links: Links) {
    this.#roots = new Roots(roots, links);
    this.#copies = resolveSegments([copies]);
    this.#copiesPrefix = prefixOf(fileUri(this.#copies));
  }

  /** The guest's URI for a host's; undefined if it is to stay as it is. `outside`: the sandbox does not see it. */
  uriToGuest(uri: string): { uri: string | undefined; outside: boolean } {
    if (uri.startsWith(`${FOREIGN_SCHEME}:`)) return { uri: foreignText(uri), outside: false };
    const file = parseFileUri(uri);
    if (file === undefined || isDrivePath(`/${file.segments.join("/")}`)) {
      this.#know(uri);
      return { uri: undefined, outside: schemeOf(uri) === "file" };
    }
    const segments = file.plain ? file.segments : resolveSegments(file.segments);
    const found = this.#roots.ofHost(segments);
    if (found !== undefined) {
      const { root, alias } = found;
      const rest = (file.plain ? file.written : segments.map(encodeSegment)).slice(alias.length);
      if (file.plain) {
        root.spelling = { segments: alias, prefix: uriPrefix(uri, file.written.slice(0, alias.length)) };
      }
      return { uri: joinUri(prefixOf(fileUri(root.guestSegments)), rest, file.suffix), outside: false };
    }
    if (startsWith(segments, this.#copies)) {
      const rest = (file.plain ? file.written : segments.map(encodeSegment)).slice(this.#copies.length);
      return { uri: joinUri("file://", rest, file.suffix), outside: false };
    }
    this.#know(uri);
    return { uri: undefined, outside: true };
  }

  /** The host's URI for a guest's: always one that an editor may be given. */
  uriToHost(uri: string): OnHost {
    if (this.#known.has(uri)) return { uri, is: "known" };
    const file = parseFileUri(uri);
    if (file === undefined) {
      const scheme = schemeOf(uri);
      if (scheme !== undefined && WEB.has(scheme)) return { uri, is: "web" };
      if (scheme !== undefined && VIRTUAL.has(scheme)) return { uri, is: "known" };
      return foreign(uri);
    }
    if (isDrivePath(`/${file.segments.join("/")}`)) {
      // `/c:/..` is the host's own root where drives are no drives.
      return file.plain ? { uri, is: "known" } : foreign(uri);
    }
    const segments = file.plain ? file.segments : resolveSegments(file.segments);
    const root = this.#roots.ofGuest(segments);
    if (root !== undefined) {
      const inside = segments.slice(root.guestSegments.length);
      if (this.#roots.staysInside(root, inside)) {
        const rest = file.plain ? file.written.slice(root.guestSegments.length) : inside.map(encodeSegment);
        return { uri: joinUri(root.spelling.prefix, rest, file.suffix), is: "shared", writable: root.writable };
      }
    }
    const written = file.plain ? file.written : segments.map(encodeSegment);
    const guestPath = `/${resolveSegments(segments).join("/")}`;
    return { uri: joinUri(this.#copiesPrefix, written, file.suffix), is: "copy", guestPath };
  }

  /** The guest's path for a host's; undefined if it is to stay as it is. */
  pathToGuest(path: string): string | undefined {
    return this.#path(path, (segments) => {
      const found = this.#roots.ofHost(segments);
      if (found !== undefined) return [found.root.guestSegments, found.alias.length];
      return startsWith(segments, this.#copies) ? [[], this.#copies.length] : undefined;
    });
  }

  /** The host's path for a guest's; undefined if it is to stay as it is. */
  pathToHost(path: string): string | undefined {
    return this.#path(path, (segments) => {
      const root = this.#roots.ofGuest(segments);
      if (root !== undefined && this.#roots.staysInside(root, segments.slice(root.guestSegments.length))) {
        return [root.spelling.segments, root.guestSegments.length];
      }
      return [this.#copies, 0];
    });
  }

  /** Whether a document may be shown to the sandbox: what lies behind a link out of a share is not the share's. */
  isVisible(uri: string): boolean {
    const file = parseFileUri(uri);
    if (file === undefined) return schemeOf(uri) !== "file";
    const segments = resolveSegments(file.segments);
    if (startsWith(segments, this.#copies)) return true;
    const found = this.#roots.ofHost(segments);
    return found !== undefined && this.#roots.staysInside(found.root, segments.slice(found.alias.length));
  }

  #path(path: string, to: (segments: string[]) => [readonly string[], number] | undefined): string | undefined {
    if (!path.startsWith("/") || isDrivePath(path) || path.includes("\0")) return undefined;
    const written = path.slice(1).split("/");
    const plain = written.every((it, i) => (it !== "" || i === written.length - 1) && it !== "." && it !== "..");
    const segments = plain ? written : resolveSegments(written);
    const found = to(segments);
    return found && `/${[...found[0], ...segments.slice(found[1])].join("/")}`;
  }

  #know(uri: string): void {
    if (this.#known.size >= MAX_KNOWN) this.#known.delete(this.#known.values().next().value!);
    this.#known.add(uri);
  }
}

function foreign(uri: string): OnHost {
  return { uri: `${FOREIGN_SCHEME}:${encodeSegment(uri)}`, is: "foreign" };
}

function foreignText(uri: string): string | undefined {
  try {
    return decodeURIComponent(uri.slice(FOREIGN_SCHEME.length + 1));
  } catch {
    return undefined;
  }
}
