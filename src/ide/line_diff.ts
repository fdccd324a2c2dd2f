/**
 * What changes between two texts, line by line, as `diff -u` shows it.
 *
 * @module
 */

/** Lines of context. */
const CONTEXT = 3;

/** The changed part with some lines around it; "" if nothing changes. */
export function lineDiff(before: string, after: string): string {
  const [a, b] = [linesOf(before), linesOf(after)];
  const steps = editsOf(a, b);
  const changed = steps.flatMap((step, i) => step.mark === " " ? [] : [i]);
  const near = (i: number) => changed.some((at) => Math.abs(at - i) <= CONTEXT);
  let text = "";
  let gap = false;
  steps.forEach(({ mark, line }, i) => {
    if (!near(i)) return gap = true;
    if (gap && text !== "") text += "…\n";
    gap = false;
    text += `${mark}${line}\n`;
  });
  return changed.length === 0 ? "" : text;
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

type Step = { readonly mark: " " | "-" | "+"; readonly line: string };

/** The longest common subsequence between the common beginning and end: settings are small. */
function editsOf(a: readonly string[], b: readonly string[]): Step[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [x, y] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const same = (lines: readonly string[]): Step[] => lines.map((line) => ({ mark: " ", line }));
  return [...same(a.slice(0, start)), ...middle(x, y), ...same(a.slice(a.length - end))];
}

function middle(x: readonly string[], y: readonly string[]): Step[] {
  const lengths = Array.from({ length: x.length + 1 }, () => new Uint32Array(y.length + 1));
  for (let i = x.length - 1; i >= 0; i--) {
    for (let j = y.length - 1; j >= 0; j--) {
      lengths[i]![j] = x[i] === y[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  const steps: Step[] = [];
  let [i, j] = [0, 0];
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) {
      steps.push({ mark: " ", line: x[i++]! });
      j++;
    } else if (i < x.length && (j === y.length || lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) {
      steps.push({ mark: "-", line: x[i++]! });
    } else steps.push({ mark: "+", line: y[j++]! });
  }
  return steps;
}
