/**
 * Where the time of a run went, on its page.
 *
 * @module
 */
import { seconds, text } from "./markup.ts";
import type { RunReport } from "./report.ts";

/** Colours of phases, used again in their order. */
const COLOURS = 6;
/** A phase of less is no part of the strip: it would not be seen. */
const LEAST_SHARE = 0.002;

/** All phases side by side, each as long as it took. */
export function timeStrip({ phases }: RunReport): string {
  const whole = phases.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  if (whole <= 0) return "";
  const parts = phases.map(({ phase, milliseconds }, i) => ({ phase, share: milliseconds / whole, i }))
    .filter(({ share }) => share >= LEAST_SHARE)
    .map(({ phase, share, i }) =>
      `<span class="c${i % COLOURS}" style="flex-grow:${share.toFixed(4)}" title="${text(phase)}"></span>`
    );
  return `<div class="strip" aria-hidden="true">${parts.join("")}</div>`;
}

export function time({ phases, wholeMs, attempts }: RunReport): string {
  const most = Math.max(1, ...phases.map(({ milliseconds }) => milliseconds));
  const rows = phases.map(({ phase, milliseconds }, i) =>
    `<tr><th scope="row"><span class="dot c${i % COLOURS}"></span>${text(phase)}</th>` +
    `<td class="bar"><span class="c${i % COLOURS}" style="width:${
      (100 * milliseconds / most).toFixed(1)
    }%"></span></td>` +
    `<td class="number">${took(milliseconds)}</td></tr>`
  );
  const whole = `<tr><th scope="row">whole run</th><td></td><td class="number">${took(wholeMs)}</td></tr>`;
  const again = attempts > 1 ? `<p>The machine had to be started ${attempts} times.</p>` : "";
  return `<section id="time">
<h2>Time</h2>
${again}<table class="time">${rows.join("")}${whole}</table>
</section>`;
}

function took(milliseconds: number): string {
  return milliseconds < 10_000 ? `${milliseconds.toFixed(1)} ms` : seconds(milliseconds);
}
