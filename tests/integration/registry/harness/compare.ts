/**
 * Two directory trees, described file by file by other programs than the one under test.
 *
 * @module
 */
import { runProgram } from "./packages.ts";

/** Root sees and makes owners and devices; other users can neither. */
export const IS_ROOT = Deno.uid() === 0;

/** One line for each name: type, mode, owner (as root), size, time, link target, digest, extended attributes. */
export async function describeTree(directory: string): Promise<Map<string, string>> {
  const owner = IS_ROOT ? "%U:%G " : "";
  // Sizes of directories are the file system's own affair; so are times of links in umoci's unpacking.
  const format = `%P\\0%y %m ${owner}%l\\0`;
  const listed = (await bytesOf("find", [".", "-printf", format], directory)).split("\0");
  const tree = new Map<string, string>();
  for (let at = 0; at + 1 < listed.length; at += 2) tree.set(listed[at]!, listed[at + 1]!);
  const add = (path: string, text: string) => tree.set(path, `${tree.get(path)} ${text}`);
  const files = (await bytesOf("find", [".", "-type", "f", "-printf", "%P\\0%s %n %Ts\\0"], directory)).split("\0");
  for (let at = 0; at + 1 < files.length; at += 2) add(files[at]!, files[at + 1]!);
  // sha256sum marks lines whose names it had to escape; --zero leaves names alone.
  const sums = await bytesOf("sh", ["-c", "find . -type f -print0 | xargs -0 -r sha256sum --zero"], directory);
  for (const line of sums.split("\0")) if (line !== "") add(line.slice(68), line.slice(0, 64));
  for (const [path, line] of await attributes(directory)) add(path, line);
  return tree;
}

async function attributes(directory: string): Promise<[string, string][]> {
  const dump = await bytesOf("getfattr", ["-R", "-h", "-d", "-m", "-", "-e", "hex", "."], directory);
  return dump.split("\n\n").flatMap((block): [string, string][] => {
    const [head = "", ...lines] = block.trim().split("\n");
    // What umoci keeps its own books in, when it runs without root.
    const own = lines.filter((line) => !line.startsWith("user.rootlesscontainers="));
    if (own.length === 0) return [];
    return [[head.replace(/^# file: (\.\/)?/, "").replace(/^\.$/, ""), own.toSorted().join(" ")]];
  });
}

/** stdout with a character for each byte, as names need not be UTF-8. */
async function bytesOf(program: string, args: string[], cwd: string): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args, cwd, stdin: "null", stderr: "null" }).output();
  return new TextDecoder("latin1").decode(stdout);
}

/** Unpacks an image with umoci and returns the directory of its root file system. */
export async function umociUnpack(layout: string, tag: string, bundle: string): Promise<string> {
  const rootless = IS_ROOT ? [] : ["--rootless"];
  await runProgram("umoci", ["unpack", ...rootless, "--image", `${layout}:${tag}`, bundle]);
  return `${bundle}/rootfs`;
}

/** Unpacks a flattened archive with GNU tar; without root no devices, for which umoci makes empty files then. */
export async function tarUnpack(archive: string, directory: string): Promise<string> {
  await Deno.mkdir(directory);
  const options = ["--xattrs", "--xattrs-include=*", ...(IS_ROOT ? [] : ["--anchored", "--exclude=dev/*"])];
  await runProgram("tar", ["-x", "-p", "--numeric-owner", ...options, "-f", archive, "-C", directory]);
  return directory;
}
