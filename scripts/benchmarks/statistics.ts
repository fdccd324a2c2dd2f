export interface Summary {
  minimum: number;
  median: number;
  p99: number;
  maximum: number;
}

/** Order statistics of a sample (nearest rank). Throws on an empty one. */
export function summarize(sample: number[]): Summary {
  if (sample.length === 0) throw new RangeError("Cannot summarize a sample: it is empty");
  const sorted = [...sample].sort((a, b) => a - b);
  const rank = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]!;
  return { minimum: sorted[0]!, median: rank(0.5), p99: rank(0.99), maximum: sorted.at(-1)! };
}
