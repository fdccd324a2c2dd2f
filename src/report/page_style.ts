/**
 * The look of the page, light and dark.
 *
 * @module
 */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #dde3ea; --card: #fff; --page: #f4f6f9;
  --accent: #2f6feb; --good: #1a7f4b; --bad: #c0392b; --warn: #9a6700; --warnback: #fff6df; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf2; --soft: #98a4b3; --line: #2b3440; --card: #161c24;
  --page: #0e1319; --accent: #6ea2ff; --good: #4cc38a; --bad: #ff7b72; --warn: #e3b341; --warnback: #2a2314; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
header, section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem;
  margin: 0 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 0 0 .5rem; } p { margin: .25rem 0; }
.end { float: right; margin: 0; padding: .15rem .6rem; border-radius: 99px; font-size: .85rem; font-weight: 600;
  border: 1px solid currentColor; } .good { color: var(--good); } .bad { color: var(--bad); }
.command, .path, .name { font-family: ui-monospace, monospace; font-size: .9rem; overflow-wrap: anywhere; }
.command { white-space: pre-wrap; margin: .5rem 0; } .path { color: var(--soft); }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: .75rem 0 0; }
.facts dt { color: var(--soft); font-size: .8rem; } .facts dd { margin: 0; font-weight: 600; }
.warning { background: var(--warnback); border-color: var(--warn); } .warning h2 { color: var(--warn); }
.list { list-style: none; margin: .5rem 0 0; padding: 0; }
.list li { display: grid; grid-template-columns: 5.5rem 1fr auto; gap: .75rem; align-items: baseline;
  padding: .3rem 0; border-top: 1px solid var(--line); }
.tag { font-size: .8rem; font-weight: 600; color: var(--soft); } .tag.created, .tag.allowed { color: var(--good); }
.tag.deleted, .tag.denied { color: var(--bad); } .tag.changed, .tag.writable { color: var(--warn); }
.name small { display: block; color: var(--soft); font-family: system-ui, sans-serif; }
.number { color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; text-align: right; }
.time { width: 100%; border-collapse: collapse; } .time th { text-align: left; font-weight: 400; padding: .2rem 0; }
.bar { width: 55%; padding: 0 .75rem; } .bar span { display: block; height: .6rem; min-width: 2px; border-radius: 3px;
  background: var(--accent); } .time tr:last-child { font-weight: 600; }
footer { color: var(--soft); font-size: .85rem; text-align: center; padding: .5rem; }
@media (max-width: 34rem) { main { padding: .5rem; } header, section { padding: .75rem; border-radius: 8px; }
  .list li { grid-template-columns: 1fr auto; gap: .1rem .75rem; } .list .name { grid-column: 1 / -1; grid-row: 2; }
  .bar { width: 35%; } }
@media print { body { background: none; } header, section { break-inside: avoid; } }
`;
