/**
 * What a person is told at the end of a run about the network.
 *
 * @module
 */
import type { Denial, Failure } from "./ledger.ts";

const MAX_HOSTS = 8;
const ALLOW = "silo config network allow ";

/**
 * The text for stderr, with every line end; "" if nothing was refused.
 *
 * @example
 * ```
 * silo: the network refused 4 attempts:
 *   example.com: host example.com is not allowed (3 times)
 *   db.corp:5432: host db.corp:5432 is not allowed
 *   To allow: silo config network allow example.com db.corp:5432
 * ```
 */
export function denialSummary(denials: readonly Denial[], others = 0): string {
  const groups = new Map<string, { denial: Denial; count: number }>();
  for (const denial of denials) {
    // A name that DNS refused and a connection to it that was refused need the same rule.
    const key = denial.remedy ?? `${denial.host} ${denial.reason}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { denial, count: denial.count });
    else group.count += denial.count;
  }
  const total = others + denials.reduce((sum, denial) => sum + denial.count, 0);
  if (total === 0) return "";
  const shown = [...groups.values()].slice(0, MAX_HOSTS);
  const lines = shown.map(({ denial, count }) => {
    const target = denial.port === null ? denial.host : `${denial.host}:${denial.port}`;
    return `${target}: ${denial.reason}${count > 1 ? ` (${count} times)` : ""}`;
  });
  const left = groups.size - shown.length;
  if (left > 0 || others > 0) lines.push(`and ${left > 0 ? `${left} more` : "others"}: silo net log`);
  const remedies = shown.map(({ denial }) => denial.remedy).filter((remedy) => remedy !== undefined);
  const plain = remedies.filter((remedy) => /^silo config network allow \S+$/.test(remedy));
  if (plain.length > 0) lines.push(`To allow: ${ALLOW}${plain.map((remedy) => remedy.slice(ALLOW.length)).join(" ")}`);
  for (const remedy of remedies) if (!plain.includes(remedy)) lines.push(`To allow: ${remedy}`);
  return `silo: the network refused ${total} ${total === 1 ? "attempt" : "attempts"}:\n${
    lines.map((line) => `  ${line}\n`).join("")
  }`;
}

/**
 * What was allowed and nobody answered: programs tell of that in many ways, few of which say why. "" if there is none.
 *
 * @example
 * ```
 * silo: this machine could not reach:
 *   pypi.org:443: host pypi.org was not found (5 times)
 * ```
 */
export function failureSummary(failures: readonly Failure[]): string {
  if (failures.length === 0) return "";
  const lines = failures.slice(0, MAX_HOSTS).map(({ host, port, reason, count }) =>
    `  ${host}:${port}: ${reason}${count > 1 ? ` (${count} times)` : ""}\n`
  );
  if (failures.length > MAX_HOSTS) lines.push(`  and ${failures.length - MAX_HOSTS} more\n`);
  return `silo: this machine could not reach:\n${lines.join("")}`;
}

/** The lines of `silo.toml` that a run in mode `learn` would need; "" if none. */
export function learnedSummary(rules: readonly string[]): string {
  if (rules.length === 0) return "";
  const list = rules.map((rule) => `    ${rule},\n`).join("");
  return `silo: this run reached what no rule allows. In silo.toml:\n  [network]\n  allow = [\n${list}  ]\n`;
}
