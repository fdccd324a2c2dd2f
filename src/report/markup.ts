/**
 * The pieces that the page of a run is made of.
 *
 * @module
 */
import { printable } from "../errors.ts";

/** Text as text: no markup, no control characters. */
export function text(value: string): string {
  return printable(value).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

export function list(rows: readonly string[]): string {
  return rows.length === 0 ? "" : `<ul class="list">${rows.join("")}</ul>`;
}

/** A tag that says how, what it is about, a number, and a remark. */
export function row(tag: string, name: string, number: string, note = ""): string {
  return `<li><span class="tag ${tag.replace(/\W/g, "")}">${text(tag)}</span><span class="name">${text(name)}${
    note === "" ? "" : `<small>${text(note)}</small>`
  }</span><span class="number">${text(number)}</span></li>`;
}

export function seconds(milliseconds: number): string {
  if (milliseconds < 10_000) return `${(milliseconds / 1_000).toFixed(2)} s`;
  const whole = Math.round(milliseconds / 1_000);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const [unit, by] = bytes < 1e6 ? ["kB", 1e3] as const : bytes < 1e9 ? ["MB", 1e6] as const : ["GB", 1e9] as const;
  return `${(bytes / by).toFixed(1)} ${unit}`;
}
