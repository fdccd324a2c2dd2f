/**
 * The file system that layers add up to, as names and inodes without data.
 *
 * @see {@link https://github.com/opencontainers/image-spec/blob/main/layer.md | OCI image layer filesystem changeset}
 * @module
 */
import { shown, type TarEntry, TarError } from "./tar_entry.ts";

/** One file system object; several names may lead to it. */
export interface Inode {
  readonly entry: TarEntry;
  /** Which layer, and which entry of it, has the data. Directories that no layer names have -1. */
  readonly layer: number;
  readonly index: number;
}

interface Node {
  inode: Inode;
  /** The layer that said last that this name is there. */
  layer: number;
  /** Present exactly for directories. */
  children?: Map<string, Node>;
}

/** What an entry did to the tree. */
export type Change =
  /** It made a new name in a directory that was there. */
  | "added"
  /** It replaced, removed or repeated something, or came before its directory. */
  | "changed";

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
/** AUFS keeps its own books in layers under such names. */
const AUFS_OWN = ".wh..wh.";
/** More names than any image has: a bound on memory against hostile layers, about 1 KiB each. */
const NAMES_MAX = 2_000_000;

/** A tree that layers are applied to, lowest first. */
export class FileTree {
  readonly #root: Node = implicitDirectory("", -1);
  #names = 0;

  /**
   * Applies one entry.
   *
   * @throws {TarError} if it writes through a symbolic link or another thing that is no directory, or links to what is
   *   not there.
   */
  apply(entry: TarEntry, layer: number, index: number): Change {
    if (entry.path === "") {
      if (entry.kind !== "directory") throw new TarError("the root of a layer is no directory");
      const first = this.#root.layer < 0;
      Object.assign(this.#root, { inode: { entry, layer, index }, layer });
      return first && this.#names === 0 ? "added" : "changed";
    }
    const slash = entry.path.lastIndexOf("/");
    const [directory, name] = [entry.path.slice(0, Math.max(slash, 0)), entry.path.slice(slash + 1)];
    if (name.startsWith(WHITEOUT)) {
      this.#whiteout(directory, name, layer);
      return "changed";
    }
    const { node: parent, isNew } = this.#directory(directory, entry.path, layer);
    const siblings = parent.children!;
    const existing = siblings.get(name);
    if (existing === undefined && ++this.#names > NAMES_MAX) throw new TarError("the layers hold too many files");
    if (entry.kind === "hardlink") {
      const inode = this.#lookUp(entry.link)?.inode;
      if (inode === undefined) {
        throw new TarError(`${shown(entry.path)} is a link to ${shown(entry.link)}, which is not there`);
      }
      if (inode.entry.kind === "directory") throw new TarError(`${shown(entry.path)} is a hard link to a directory`);
      if (entry.link !== entry.path) siblings.set(name, { inode, layer });
    } else if (entry.kind === "directory") {
      siblings.set(name, { inode: { entry, layer, index }, layer, children: existing?.children ?? new Map() });
    } else {
      siblings.set(name, { inode: { entry, layer, index }, layer });
    }
    return existing === undefined && !isNew ? "added" : "changed";
  }

  /** Directories, each after the one it lies in; the root first. */
  *directories(): Generator<{ path: string; inode: Inode }> {
    for (const { path, node } of this.#walk(this.#root, "")) if (node.children) yield { path, inode: node.inode };
  }

  /** Everything else: inodes with all the names that lead to them. */
  files(): Map<Inode, string[]> {
    const files = new Map<Inode, string[]>();
    for (const { path, node } of this.#walk(this.#root, "")) {
      if (node.children) continue;
      const names = files.get(node.inode);
      if (names === undefined) files.set(node.inode, [path]);
      else names.push(path);
    }
    return files;
  }

  *#walk(node: Node, path: string): Generator<{ path: string; node: Node }> {
    yield { path, node };
    for (const [name, child] of node.children ?? []) yield* this.#walk(child, path === "" ? name : `${path}/${name}`);
  }

  /** Finds a directory, and makes those that no layer has named so far. */
  #directory(path: string, forEntry: string, layer: number): { node: Node; isNew: boolean } {
    let node = this.#root;
    let isNew = false;
    for (const name of path === "" ? [] : path.split("/")) {
      if (name.startsWith(WHITEOUT)) throw new TarError(`${shown(forEntry)} lies inside a whiteout`);
      let child = node.children!.get(name);
      if (child === undefined) {
        if (++this.#names > NAMES_MAX) throw new TarError("the layers hold too many files");
        child = implicitDirectory(name, layer);
        node.children!.set(name, child);
        isNew = true;
      }
      if (child.children === undefined) {
        throw new TarError(`${shown(forEntry)} would be written through ${shown(name)}, which is no directory`);
      }
      node = child;
    }
    return { node, isNew };
  }

  #lookUp(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of path.split("/")) node = node?.children?.get(name);
    return node;
  }

  /** Hides what lower layers have; what this layer has itself stays, whatever the order. */
  #whiteout(directory: string, name: string, layer: number): void {
    if (name !== OPAQUE && name.startsWith(AUFS_OWN)) return;
    const hidden = name.slice(WHITEOUT.length);
    if (name !== OPAQUE && ["", ".", ".."].includes(hidden)) {
      throw new TarError(`${shown(name)} hides nothing that can be`);
    }
    const parent = directory === "" ? this.#root : this.#lookUp(directory);
    if (parent?.children === undefined) return;
    if (name === OPAQUE) this.#prune(parent, layer);
    else {
      const child = parent.children.get(hidden);
      if (child === undefined) return;
      this.#prune(child, layer);
      if (child.layer < layer && !child.children?.size) parent.children.delete(hidden);
    }
  }

  #prune(node: Node, layer: number): void {
    for (const [name, child] of node.children ?? []) {
      this.#prune(child, layer);
      if (child.layer < layer && !child.children?.size) node.children!.delete(name);
    }
  }
}

function implicitDirectory(path: string, layer: number): Node {
  const entry: TarEntry = {
    kind: "directory",
    path,
    mode: 0o755,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: 0,
    link: "",
    major: 0,
    minor: 0,
    xattrs: new Map(),
  };
  return { inode: { entry, layer: -1, index: -1 }, layer, children: new Map() };
}
