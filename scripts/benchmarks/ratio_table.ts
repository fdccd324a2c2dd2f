/**
 * Samples as a table of medians, 99th percentiles and ratios.
 *
 * @module
 */
import { summarize } from "./statistics.ts";

/** A ratio of two samples' medians, and what it should be at most. */
export interface Row {
  readonly name: string;
  readonly of: string;
  readonly limit: number;
}

/** A line a sample, then a line a ratio. */
export function table(samples: ReadonlyMap<string, number[]>, ratios: readonly Row[]): string {
  const width = Math.max(...[...samples.keys()].map((name) => name.length));
  const lines = [...samples].map(([name, sample]) => {
    const { minimum, median, p99 } = summarize(sample);
    const ms = (value: number) => `${value.toFixed(0).padStart(6)} ms`;
    return `${name.padEnd(width)}  median ${ms(median)}  minimum ${ms(minimum)}  p99 ${ms(p99)}  of ${sample.length}`;
  });
  const compared = ratios.map(({ name, of, limit }) => {
    const ratio = summarize(samples.get(name)!).median / summarize(samples.get(of)!).median;
    return `${name} : ${of} = ${ratio.toFixed(3)} (target ≤ ${limit}${ratio <= limit ? "" : ", missed"})`;
  });
  return [...lines, "", ...compared].join("\n");
}
