/**
 * Certificate authorities that the host's owner added, as a company's network asks for: what a person trusts on this
 * machine, its sandboxes trust too. The authorities that every system has are not among them.
 *
 * @module
 */
/** Where distributions look for authorities that were added by hand. */
const ADDED_DIRECTORIES = [
  "/usr/local/share/ca-certificates", // Debian, Alpine
  "/etc/pki/ca-trust/source/anchors", // Fedora
  "/etc/pki/trust/anchors", // SUSE
  "/etc/ca-certificates/trust-source/anchors", // Arch
];
/** The whole bundle of the system, and the public authorities of which Debian makes it. */
const SYSTEM_BUNDLE = "/etc/ssl/certs/ca-certificates.crt";
const PUBLIC_DIRECTORY = "/usr/share/ca-certificates/mozilla";
/** Variables that name a file of authorities. */
const VARIABLES = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];
/** What the helper takes; a whole public bundle has a quarter of it. */
const MAX_BYTES = 1 << 20;

/** Reads files and directories; "" and [] for what is not there. */
export interface CertificateFiles {
  read(path: string): string;
  list(directory: string): readonly string[];
}

/** All that the answer depends on: files by name, directories by what they list. */
export function certificateSources(
  env: Readonly<Record<string, string | undefined>>,
  files: Pick<CertificateFiles, "list"> = realFiles,
): string[] {
  const listed = ADDED_DIRECTORIES.flatMap((directory) => [directory, ...files.list(directory)]);
  return [...namedFiles(env), ...listed, SYSTEM_BUNDLE, PUBLIC_DIRECTORY];
}

function namedFiles(env: Readonly<Record<string, string | undefined>>): string[] {
  return VARIABLES.map((name) => env[name]).filter((path) => path?.startsWith("/")) as string[];
}

/** The added authorities as PEM, each once; "" if there are none. Never throws: a file that is not there adds none. */
export function hostCertificates(
  env: Readonly<Record<string, string | undefined>>,
  files: CertificateFiles = realFiles,
): string {
  const local = ADDED_DIRECTORIES.flatMap((directory) => files.list(directory))
    .filter((path) => /\.(crt|pem|cer)$/.test(path));
  const publicFiles = files.list(PUBLIC_DIRECTORY);
  // Without a list of the public ones nobody can tell which of the system's bundle were added.
  const bundles = publicFiles.length > 0 ? [SYSTEM_BUNDLE] : [];
  const paths = [...new Set([...namedFiles(env), ...local, ...bundles])]
    .filter((path) => publicFiles.length > 0 || path !== SYSTEM_BUNDLE);
  const found = new Map(paths.flatMap((path) => certificatesIn(files.read(path))).map((pem) => [bodyOf(pem), pem]));
  if (found.size > 0) {
    for (const path of publicFiles) for (const pem of certificatesIn(files.read(path))) found.delete(bodyOf(pem));
  }
  let text = "";
  for (const pem of found.values()) if (text.length + pem.length < MAX_BYTES) text += `${pem}\n`;
  return text;
}

/** The blocks of a PEM file, without what stands between them. */
export function certificatesIn(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----/g) ?? [];
}

/** The same for the same certificate, however its lines are broken. */
function bodyOf(pem: string): string {
  return pem.replaceAll(/-----[A-Z ]+-----|\s/g, "");
}

const realFiles: CertificateFiles = {
  read(path) {
    try {
      if (!Deno.statSync(path).isFile) return "";
      return Deno.readTextFileSync(path);
    } catch {
      return "";
    }
  },
  list(directory) {
    try {
      return [...Deno.readDirSync(directory)].map(({ name }) => `${directory}/${name}`).sort();
    } catch {
      return [];
    }
  },
};
