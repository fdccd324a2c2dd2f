/**
 * Who the `User` of an image is, looked up in the image's own `/etc/passwd` and `/etc/group`, as Docker does.
 *
 * Both files are the image's and may hold anything: lines that are no entries are passed over.
 *
 * @module
 */
import { SiloError } from "../errors.ts";

export interface ImageUser {
  readonly uid: number;
  readonly gid: number;
  /** Further groups, only if the image's `User` names no group. */
  readonly groups: readonly number[];
  /** "" if the image's passwd does not know the number. */
  readonly name: string;
  readonly home: string;
  readonly shell: string;
}

/** Linux keeps the largest number for "no change". */
const MAX_ID = 2 ** 32 - 2;

/**
 * Looks up `""` (root), `NAME`, `UID`, `NAME:GROUP` or `UID:GID`.
 *
 * @throws {SiloError} if a name is not there, or a number is out of range.
 */
export function findUser(user: string, passwd: string, group: string): ImageUser {
  const fail = (why: string) =>
    new SiloError(`could not run as the user "${user}" of the image: ${why}`, {
      hint: "Set the tool's user, for example to root or to a number.",
    });
  const [userPart, groupPart, ...more] = (user || "0").split(":") as [string, ...string[]];
  if (more.length > 0) throw fail("it has more than one colon");
  const users = entriesOf(passwd, 7);
  const groups = entriesOf(group, 4);
  const number = parseId(userPart || "0");
  // A name that looks like a number is looked for as a name first, as Docker does.
  const entry = users.find(([name]) => name === userPart) ??
    users.find((fields) => number !== undefined && parseId(fields[2]!) === number);
  if (entry === undefined && number === undefined) throw fail(`its /etc/passwd has no ${userPart || "user 0"}`);
  const uid = entry ? parseId(entry[2]!) : number;
  let gid = entry ? parseId(entry[3]!) : 0;
  if (groupPart) {
    const found = groups.find(([name]) => name === groupPart);
    gid = found ? parseId(found[2]!) : parseId(groupPart);
    if (gid === undefined) throw fail(`its /etc/group has no ${groupPart}`);
  }
  if (uid === undefined || gid === undefined) throw fail("its /etc/passwd or /etc/group holds an impossible number");
  const name = entry?.[0] ?? "";
  const memberOf = groupPart || name === "" ? [] : groups.flatMap((fields) => {
    const id = parseId(fields[2]!);
    return id !== undefined && fields[3]!.split(",").includes(name) ? [id] : [];
  });
  return {
    uid,
    gid,
    groups: [...new Set(memberOf)].slice(0, 64),
    name,
    home: entry?.[5]?.startsWith("/") ? entry[5] : "/",
    shell: entry?.[6]?.startsWith("/") ? entry[6] : "/bin/sh",
  };
}

function entriesOf(text: string, fields: number): string[][] {
  return text.split("\n").filter((line) => !line.startsWith("#")).map((line) => line.split(":"))
    .filter((entry) => entry.length >= fields && entry[0] !== "");
}

function parseId(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) <= MAX_ID ? Number(text) : undefined;
}
