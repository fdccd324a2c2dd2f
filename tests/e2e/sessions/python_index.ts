/** A Python package index on this machine's loopback, as a company has one, and the wheels in it. */
import { zipSync } from "fflate";

/** A wheel of pure Python: one module, and a program that calls its `main`. */
export function makeWheel(name: string, version: string, source: string): { file: string; bytes: Uint8Array } {
  const info = `${name}-${version}.dist-info`;
  const files: Record<string, string> = {
    [`${name}.py`]: source,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${info}/entry_points.txt`]: `[console_scripts]\n${name} = ${name}:main\n`,
  };
  files[`${info}/RECORD`] = [...Object.keys(files), `${info}/RECORD`].map((path) => `${path},,\n`).join("");
  const encoder = new TextEncoder();
  const entries = Object.entries(files).map(([path, text]) => [path, encoder.encode(text)] as const);
  return { file: `${name}-${version}-py3-none-any.whl`, bytes: zipSync(Object.fromEntries(entries)) };
}

export interface PythonIndex extends AsyncDisposable {
  readonly port: number;
  /** Paths that were asked for. */
  readonly asked: string[];
}

/** Serves one project's wheels by PEP 503. */
export function servePythonIndex(name: string, wheels: readonly { file: string; bytes: Uint8Array }[]): PythonIndex {
  const asked: string[] = [];
  const page = wheels.map(({ file }) => `<a href="/files/${file}">${file}</a>`).join("\n");
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    const { pathname } = new URL(url);
    asked.push(pathname);
    const wheel = wheels.find(({ file }) => pathname === `/files/${file}`);
    if (wheel !== undefined) return new Response(wheel.bytes as Uint8Array<ArrayBuffer>);
    if (pathname !== `/simple/${name}/`) return new Response("no such project", { status: 404 });
    return new Response(`<!DOCTYPE html><html><body>${page}</body></html>`, {
      headers: { "content-type": "text/html" },
    });
  });
  return { port: server.addr.port, asked, [Symbol.asyncDispose]: () => server.shutdown() };
}
