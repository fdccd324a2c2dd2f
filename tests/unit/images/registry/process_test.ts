import { deepEqual, equal, throws } from "node:assert/strict";
import { absolutePath, DEFAULT_PATH, imageProcess } from "../../../../src/images/image_process.ts";
import { formatImageSource, parseImageSource } from "../../../../src/images/image_source.ts";
import { findUser } from "../../../../src/images/image_user.ts";

const image = (config: Record<string, unknown>) => ({ config });

Deno.test("imageProcess() joins entrypoint, command and arguments as docker run does", () => {
  const both = image({ Entrypoint: ["/tool", "-x"], Cmd: ["--help"] });
  for (
    const [config, settings, args, argv] of [
      [both, {}, [], ["/tool", "-x", "--help"]],
      [both, {}, ["run"], ["/tool", "-x", "run"]],
      [both, { entrypoint: ["sh"] }, [], ["sh"]],
      [both, { entrypoint: ["sh", "-c"] }, ["ls"], ["sh", "-c", "ls"]],
      [image({ Cmd: ["python3"] }), {}, [], ["python3"]],
      [image({ Cmd: ["python3"] }), {}, ["ls", "-l"], ["ls", "-l"]],
      [image({ Entrypoint: null, Cmd: null }), {}, ["ls"], ["ls"]],
    ] as const
  ) {
    deepEqual(imageProcess(config, settings, args).argv, argv);
  }
  throws(() => imageProcess(image({}), {}, []), /it names no program/);
  throws(() => imageProcess({}, {}, []), /it names no program/);
});

Deno.test("imageProcess() lets the tool's own settings win, and gives every variable once", () => {
  const config = image({
    Cmd: ["x"],
    Env: ["A=1", "B=2=3", "A=4", "=5", "NAKED", "E="],
    User: "app",
    WorkingDir: "srv/app/..",
  });
  const own = imageProcess(config, {}, []);
  deepEqual(own.env, [`PATH=${DEFAULT_PATH}`, "A=4", "B=2=3", "E="]);
  deepEqual([own.user, own.workingDirectory], ["app", "/srv"]);
  const told = imageProcess(config, { env: { A: "tool", PATH: "/bin" }, user: "0", workingDirectory: "/w" }, []);
  deepEqual(told.env, ["PATH=/bin", "A=tool", "B=2=3", "E="]);
  deepEqual([told.user, told.workingDirectory], ["0", "/w"]);
  equal(imageProcess(image({ Cmd: ["x"] }), {}, []).workingDirectory, undefined);
});

Deno.test("absolutePath() stays inside the image", () => {
  const cases = { "": "/", "/": "/", "a": "/a", "/a//b/./c/..": "/a/b", "../../x": "/x", "/..": "/" };
  for (const [path, absolute] of Object.entries(cases)) equal(absolutePath(path), absolute, path);
});

const PASSWD =
  "root:x:0:0:root:/root:/bin/bash\nbroken\napp:x:1000:100:App:/srv:/bin/sh\n# no:x:1:1:::\n12:x:5:6::/t:\n";
const GROUP = "root:x:0:\nusers:x:100:\ndev:x:50:app,other\naudio:x:29:app\n";

Deno.test("findUser() looks users up as Docker does", () => {
  const find = (user: string) => {
    const { uid, gid, groups, home } = findUser(user, PASSWD, GROUP);
    return [uid, gid, groups, home];
  };
  deepEqual(find(""), [0, 0, [], "/root"]);
  deepEqual(find("app"), [1000, 100, [50, 29], "/srv"]);
  deepEqual(find("1000"), [1000, 100, [50, 29], "/srv"]);
  deepEqual(find("app:dev"), [1000, 50, [], "/srv"]);
  deepEqual(find("app:7"), [1000, 7, [], "/srv"]);
  deepEqual(find("4711"), [4711, 0, [], "/"]);
  deepEqual(find("4711:100"), [4711, 100, [], "/"]);
  deepEqual(find("12"), [5, 6, [], "/t"]);
  for (const user of ["nobody", "app:nogroup", "a:b:c", "-1", "4294967295", "99999999999"]) {
    throws(() => findUser(user, PASSWD, GROUP), /could not run as the user/, user);
  }
  deepEqual(findUser("", "", "").uid, 0);
});

Deno.test("parseImageSource() tells files from registries, and is read back", () => {
  for (
    const text of ["oci:/a/b", "oci-archive:/a.tar:name", "docker-archive:/x:repo/y:1", "python:3", "ghcr.io/a/b:c"]
  ) {
    const source = parseImageSource(text, "/cwd");
    equal(formatImageSource(source), text);
    deepEqual(parseImageSource(formatImageSource(source), "/other"), source);
  }
  equal(formatImageSource(parseImageSource("oci:b/../c", "/cwd")), "oci:/cwd/c");
  equal(formatImageSource(parseImageSource("docker://docker.io/library/python", "/")), "python:latest");
  throws(() => parseImageSource("oci:", "/"), /names no directory/);
  throws(() => parseImageSource("docker-archive::x", "/"), /names no file/);
});
