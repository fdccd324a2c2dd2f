/**
 * What a run asked of the network, on its page.
 *
 * @module
 */
import { list, row, text } from "./markup.ts";
import type { ReportedNetwork } from "./report.ts";

export function network(reported: ReportedNetwork | null): string {
  return `<section id="network">
<h2>Network</h2>
${reported === null ? "<p>There was none: the sandbox had no way out.</p>" : asked(reported)}
</section>`;
}

/** In some words. */
export function networkFact(reported: ReportedNetwork | null): string {
  if (reported === null) return "none";
  const count = (allowed: boolean) => reported.hosts.filter((it) => it.allowed === allowed).length;
  const parts = [[count(true), "allowed"], [count(false), "denied"]].filter(([number]) => number !== 0);
  return parts.map(([number, what]) => `${number} ${what}`).join(", ") || "not used";
}

/** What was refused comes first: it is what a reader looks for. */
function asked({ hosts, ports }: ReportedNetwork): string {
  const rows = hosts.toSorted((a, b) => Number(a.allowed) - Number(b.allowed))
    .map(({ host, port, allowed, count, reason }) =>
      row(allowed ? "allowed" : "denied", port === null ? host : `${host}:${port}`, `${count} ×`, reason)
    );
  return `<p>${
    hosts.length === 0 ? "No host was asked for." : "Hosts that were asked for, and what the policy said."
  }</p>
${list(rows)}
${ports.length === 0 ? "" : `<p>Ports into the sandbox: ${text(ports.join(", "))}</p>`}`;
}
