import { equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import { fileUri, parseFileUri } from "../../../src/lsp/file_uri.ts";
import { COPIES, HOST_ROOT, someMap } from "./support.ts";

Deno.test("a file of the project has its place in the sandbox, and back", () => {
  const map = someMap();
  equal(map.uriToGuest(`file://${HOST_ROOT}/src/a.py`).uri, "file:///workspace/src/a.py");
  equal(map.uriToHost("file:///workspace/src/a.py").uri, `file://${HOST_ROOT}/src/a.py`);
  equal(map.uriToGuest(`file://${HOST_ROOT}`).uri, "file:///workspace");
  equal(map.uriToGuest(`file://${HOST_ROOT}/`).uri, "file:///workspace/");
  equal(map.uriToGuest("file:///home/me/data/x").uri, "file:///data/x");
});

Deno.test("a name that only begins like the project's is another directory", () => {
  const map = someMap();
  equal(map.uriToGuest(`file://${HOST_ROOT}2/a.py`).uri, undefined);
  equal(map.uriToHost("file:///workspace2/a.py").uri, `file://${COPIES}/workspace2/a.py`);
  equal(map.pathToGuest(`${HOST_ROOT}2`), undefined);
});

Deno.test("spaces, Unicode, #, ? and percent signs keep their spelling", () => {
  const map = someMap();
  for (const rest of ["a%20b/%C3%BC.py", "%23x%3Fy", "100%25", "ü b.py", "a.py?x=/workspace#L1", "a+b&c;d=e,f@g:h"]) {
    const guest = map.uriToGuest(`file://${HOST_ROOT}/${rest}`).uri!;
    equal(guest, `file:///workspace/${rest}`);
    equal(map.uriToHost(guest).uri, `file://${HOST_ROOT}/${rest}`);
  }
});

Deno.test("the editor's own spelling of the project's directory comes back", () => {
  const map = someMap({}, [{ host: "/home/me/mü x(1)", guest: "/workspace", writable: true }]);
  for (
    const prefix of ["file:///home/me/m%c3%bc%20x%281%29", "file:///home/me/mü%20x(1)", "FILE:///home/me/m%C3%BC x(1)"]
  ) {
    equal(map.uriToGuest(`${prefix}/a.py`).uri, "file:///workspace/a.py");
    equal(map.uriToHost("file:///workspace/b.py").uri, `${prefix}/b.py`);
  }
});

Deno.test("dots, plain or encoded, lead nowhere else than they say", () => {
  const map = someMap();
  const host = (uri: string) => map.uriToHost(uri).uri;
  equal(host("file:///workspace/../etc/passwd"), `file://${COPIES}/etc/passwd`);
  equal(host("file:///workspace/%2e%2e/etc/passwd"), `file://${COPIES}/etc/passwd`);
  equal(host("file:///workspace/..%2fetc%2fpasswd"), `file://${COPIES}/etc/passwd`);
  equal(host("file:///workspace/a/%2E%2e/b.py"), `file://${HOST_ROOT}/b.py`);
  equal(host("file:///../../../etc/passwd"), `file://${COPIES}/etc/passwd`);
  equal(host("file:///etc/../workspace/./a.py"), `file://${HOST_ROOT}/a.py`);
  equal(host("file:///workspace//a.py"), `file://${HOST_ROOT}/a.py`);
  equal(host("file:///workspace/%252e%252e/x"), `file://${HOST_ROOT}/%252e%252e/x`);
  equal(map.uriToGuest(`file://${HOST_ROOT}/../other/a.py`).uri, undefined);
  equal(map.uriToGuest(`file:///home/me/other/../work/app/a.py`).uri, "file:///workspace/a.py");
});

Deno.test("whatever else the server names is a copy, or a name that no editor acts on", () => {
  const map = someMap();
  const is = (uri: string) => map.uriToHost(uri);
  equal(is("file:///usr/lib/python3/os.py").uri, `file://${COPIES}/usr/lib/python3/os.py`);
  equal(is("file:///usr/lib/python3/os.py").guestPath, "/usr/lib/python3/os.py");
  equal(is("file:/etc/passwd").uri, `file://${COPIES}/etc/passwd`);
  equal(is("FILE://localhost/etc/passwd").uri, `file://${COPIES}/etc/passwd`);
  for (const uri of ["file://host/share/x", "file:////host/share", "file:///a%00b", "file:///%zz", "file:relative"]) {
    const found = is(uri);
    notEqual(found.is, "shared", uri);
    equal(/^(silo-guest:|file:\/\/\/home\/me\/\.silo\/)/.test(found.uri), true, `${uri} → ${found.uri}`);
  }
  for (const uri of ["scp://host/x", "command:foo", "vscode://x/y", "sudo:/etc/passwd", "javascript:1", "no scheme"]) {
    equal(is(uri).uri, `silo-guest:${encodeURIComponent(uri)}`);
    equal(map.uriToGuest(is(uri).uri).uri, uri);
  }
  equal(is("https://docs.python.org/3/").uri, "https://docs.python.org/3/");
});

Deno.test("a copy that the editor opened is the sandbox's own file again", () => {
  const map = someMap();
  equal(map.uriToGuest(`file://${COPIES}/usr/lib/a%20b.py`).uri, "file:///usr/lib/a%20b.py");
  equal(map.uriToGuest(`file://${COPIES}`).uri, "file:///");
  equal(map.pathToGuest(`${COPIES}/usr/lib`), "/usr/lib");
});

Deno.test("what the editor named itself comes back as it was", () => {
  const map = someMap();
  for (const uri of ["untitled:Untitled-1", "file:///home/me/other/notes.py", "vscode-notebook-cell:/x.ipynb#1"]) {
    equal(map.uriToGuest(uri).uri, undefined);
    equal(map.uriToHost(uri).uri, uri);
  }
  equal(map.uriToHost("untitled:Untitled-2").is, "foreign");
});

Deno.test("drive paths of Windows stay as they are", () => {
  const map = someMap();
  for (const uri of ["file:///c:/work/a.py", "file:///C%3A/work/a.py"]) {
    equal(map.uriToGuest(uri).uri, undefined);
    equal(map.uriToHost(uri).uri, uri);
  }
  equal(map.pathToGuest("C:\\work"), undefined);
  equal(map.pathToHost("c:/work"), undefined);
});

Deno.test("the project through a symbolic link of the editor is the project, and its spelling comes back", () => {
  const map = someMap({ "/home/me/link": HOST_ROOT });
  equal(map.uriToGuest("file:///home/me/link/src/a.py").uri, "file:///workspace/src/a.py");
  equal(map.uriToHost("file:///workspace/src/b.py").uri, "file:///home/me/link/src/b.py");
  equal(map.pathToGuest("/home/me/link"), "/workspace");
});

Deno.test("a link that the sandbox planted in the project is not followed out of it", () => {
  const map = someMap({ [`${HOST_ROOT}/keys`]: "/home/me/.ssh", [`${HOST_ROOT}/dead`]: undefined });
  equal(map.uriToHost("file:///workspace/keys/id_rsa").uri, `file://${COPIES}/workspace/keys/id_rsa`);
  equal(map.uriToHost("file:///workspace/dead").uri, `file://${COPIES}/workspace/dead`);
  equal(map.isVisible(`file://${HOST_ROOT}/keys/id_rsa`), false);
  equal(map.isVisible(`file://${HOST_ROOT}/src/a.py`), true);
  equal(map.isVisible("file:///etc/passwd"), false);
});

Deno.test("a link within what is shared is a file of the project", () => {
  const map = someMap({ [`${HOST_ROOT}/node_modules/.bin/x`]: `${HOST_ROOT}/packages/x` });
  equal(map.uriToHost("file:///workspace/node_modules/.bin/x").is, "shared");
});

const segment = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((it) => it.isWellFormed() && !/[/\0]/.test(it) && it !== "." && it !== "..");
const encodings = [
  (it: string) => encodeURIComponent(it),
  (it: string) => encodeURI(it).replace(/[?#]/g, (c) => encodeURIComponent(c)),
  // VS Code's: everything but the unreserved characters.
  (it: string) => encodeURIComponent(it).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
];

Deno.test("host → sandbox → host is the identity for every path under the root, however the editor spells it", () => {
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 1, maxLength: 4 }).filter((it) => !/^[a-z]:$/i.test(it[0]!)),
      fc.array(segment, { maxLength: 5 }),
      fc.constantFrom(...encodings),
      (root, inside, encode) => {
        const map = someMap({}, [{ host: `/${root.join("/")}`, guest: "/workspace", writable: true }]);
        const uri = `file:///${[...root, ...inside].map(encode).join("/")}`;
        const guest = map.uriToGuest(uri).uri;
        equal(guest, ["file:///workspace", ...inside.map(encode)].join("/"));
        equal(map.uriToHost(guest!).uri, uri);
        const path = `/${[...root, ...inside].join("/")}`;
        equal(map.pathToHost(map.pathToGuest(path)!), path);
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("no URI of a server, however it is built, names a file of the host outside of what is shared", () => {
  const part = fc.constantFrom(
    ..."workspace data .. . %2e %2E%2e %2f / // etc a%20b %5c %00 ? # c: ü localhost".split(" "),
  );
  const uris = fc.tuple(
    fc.constantFrom("file://", "file:", "FILE:///", "file:///", "file://localhost/", "File:/"),
    fc.array(part, { maxLength: 8 }),
    fc.constantFrom("/", "", "%2f"),
  ).map(([scheme, parts, joiner]) => scheme + parts.join(joiner));
  fc.assert(
    fc.property(uris, (uri) => {
      const { uri: host } = someMap().uriToHost(uri);
      if (host.startsWith("silo-guest:")) return;
      const file = parseFileUri(host)!;
      const path = new URL(host).pathname;
      if (/^\/[a-z](:|%3a)/i.test(path)) return; // a drive
      equal(
        [HOST_ROOT, "/home/me/data", COPIES].some((it) => `${path}/`.startsWith(`${it}/`)),
        true,
        `${uri} → ${host}`,
      );
      equal(file.plain || host.endsWith("/"), true, host);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("a drive from which a path leads upwards is nothing that an editor shall act on", () => {
  for (const uri of ["file:///c:/../etc/passwd", "File:/c:%5c/..", "file:///c:/a/%2e%2e/b", "file:///c:%2f..%2fetc"]) {
    equal(someMap().uriToHost(uri).is, "foreign", uri);
  }
});

Deno.test("a path becomes a URI that is the path again", () => {
  fc.assert(fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
    equal(parseFileUri(fileUri(segments))!.segments.join("/"), segments.join("/"));
  }));
});
