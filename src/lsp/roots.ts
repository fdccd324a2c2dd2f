/**
 * Directories that host and sandbox share, and the names that each has for them.
 *
 * @module
 */
import { contains } from "../paths.ts";
import { fileUri, resolveSegments } from "./file_uri.ts";
import { prefixOf } from "./uri_text.ts";

/** A directory of the host that the sandbox sees. */
export interface SharedRoot {
  /** Absolute, free of symbolic links. */
  readonly host: string;
  /** Absolute, in the sandbox. */
  readonly guest: string;
  readonly writable: boolean;
}

/** What has to be asked of the host's file system. */
export interface Links {
  /**
   * Where a path leads, symbolic links followed; what is not there yet is where it would be made. Undefined if a link
   * in it leads nowhere.
   */
  real(path: string): string | undefined;
}

export interface Root extends SharedRoot {
  readonly hostSegments: readonly string[];
  readonly guestSegments: readonly string[];
  /** How the editor spells it: another way to it (a symbolic link), and its own manner of percent-encoding. */
  spelling: { readonly segments: readonly string[]; readonly prefix: string };
  readonly aliases: (readonly string[])[];
}

export class Roots {
  readonly #roots: Root[];
  readonly #links: Links;

  constructor(roots: readonly SharedRoot[], links: Links) {
    this.#roots = roots.map((root) => {
      const hostSegments = resolveSegments([root.host]);
      const spelling = { segments: hostSegments, prefix: prefixOf(fileUri(hostSegments)) };
      return { ...root, hostSegments, guestSegments: resolveSegments([root.guest]), spelling, aliases: [hostSegments] };
    });
    this.#links = links;
  }

  /** The root that a path of the sandbox lies in. */
  ofGuest(segments: readonly string[]): Root | undefined {
    return longest(this.#roots.filter((root) => startsWith(segments, root.guestSegments)), (it) => it.guestSegments);
  }

  /** The root that a path of the host lies in, and the way to it that the path takes. */
  ofHost(segments: readonly string[]): { root: Root; alias: readonly string[] } | undefined {
    const known = this.#roots.flatMap((root) => root.aliases.map((alias) => ({ root, alias })))
      .filter(({ alias }) => startsWith(segments, alias));
    return longest(known, (it) => it.alias) ?? this.#learnAlias(segments);
  }

  /** Finds another way to a root: through a symbolic link that stands above it. */
  #learnAlias(segments: readonly string[]): { root: Root; alias: readonly string[] } | undefined {
    for (
      let length = segments[segments.length - 1] === "" ? segments.length - 1 : segments.length;
      length > 0;
      length--
    ) {
      const alias = segments.slice(0, length);
      const path = `/${alias.join("/")}`;
      const real = this.#links.real(path);
      const root = this.#roots.find((root) => root.host === real);
      if (root !== undefined) {
        root.aliases.push(alias);
        return { root, alias };
      }
      if (real === path) break; // no link up to here, so none above
    }
    return undefined;
  }

  /** What the guest may have planted: a link in a share that leads out of it would be followed by the editor. */
  staysInside(root: Root, inside: readonly string[]): boolean {
    const real = this.#links.real([root.host, ...inside].join("/").replace(/\/$/, ""));
    return real !== undefined && this.#roots.some((it) => contains(it.host, real));
  }
}

/** Whether a path lies in another, or is it. */
export function startsWith(segments: readonly string[], start: readonly string[]): boolean {
  return segments.length >= start.length && start.every((name, i) => segments[i] === name);
}

function longest<T>(items: readonly T[], of: (item: T) => readonly string[]): T | undefined {
  return items.reduce<T | undefined>((a, b) => a === undefined || of(b).length > of(a).length ? b : a, undefined);
}
