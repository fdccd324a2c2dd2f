/**
 * `file:` links in Markdown: CommonMark 0.31, sections 6.3 (links), 4.7 (link reference definitions) and 6.5
 * (autolinks). Code, and everything that is no link's target, stays as it is.
 *
 * @module
 */

/** Code (fenced, or between backticks), or the target of a link. */
const CODE_OR_TARGET =
  /(^ {0,3}(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^ {0,3}\2|(?![\s\S])))|(`+)(?!`)[\s\S]*?[^`]\3(?!`)|(\]\(\s*<?|<|^ {0,3}\[[^\]\n]+\]:\s*<?)(file:[^\s<>)"']*)/gim;

/** The text with each link's target replaced by what `map` makes of it. */
export function mapFileLinks(text: string, map: (uri: string) => string): string {
  if (!/file:/i.test(text)) return text;
  return text.replace(CODE_OR_TARGET, (all, _fenced, _fence, _ticks, before?: string, uri?: string) => {
    return uri === undefined ? all : `${before}${map(uri)}`;
  });
}
