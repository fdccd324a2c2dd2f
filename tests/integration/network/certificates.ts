/** A certificate authority that lives for one test, made with openssl. */
import { join } from "node:path/posix";

export interface Certificates extends Disposable {
  /** Path and text of the authority's certificate. */
  readonly caPath: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export const HAS_OPENSSL = hasProgram("openssl");

export function hasProgram(name: string): boolean {
  try {
    return new Deno.Command(name, { args: ["version"], stdout: "null", stderr: "null" }).outputSync() !== undefined;
  } catch {
    return false;
  }
}

/** A certificate for `names`, signed by a new authority. */
export function makeCertificates(...names: string[]): Certificates {
  const directory = Deno.makeTempDirSync({ prefix: "silo-ca-" });
  const at = (file: string) => join(directory, file);
  const openssl = (...args: string[]) => {
    const { success, stderr } = new Deno.Command("openssl", { args, cwd: directory }).outputSync();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "2",
    "-subj",
    "/CN=silo test authority",
    "-addext",
    "keyUsage=critical,keyCertSign,cRLSign", // without it, python takes it for none
  );
  openssl("req", ...key, "-keyout", "key.pem", "-out", "request.pem", "-subj", `/CN=${names[0]}`);
  const alternatives = names.map((name) => `DNS:${name}`).join();
  Deno.writeTextFileSync(at("extensions"), `subjectAltName=${alternatives}\nauthorityKeyIdentifier=keyid\n`);
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "extensions", "-out", "cert.pem"];
  openssl("x509", "-req", "-in", "request.pem", "-days", "2", ...signed);
  const read = (file: string) => Deno.readTextFileSync(at(file));
  return {
    caPath: at("ca.pem"),
    ca: read("ca.pem"),
    cert: read("cert.pem"),
    key: read("key.pem"),
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}
