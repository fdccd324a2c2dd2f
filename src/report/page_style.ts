/**
 * The look of the page, light and dark.
 *
 * @module
 */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #17202b; --soft: #5a6675; --line: #e2e7ee; --card: #fff; --page: #f3f5f9;
  --good: #17794a; --bad: #bd3426; --warn: #8f6100; --warnback: #fff7e3; --goodback: #e6f5ed; --badback: #fdecea;
  --c0: #3b6fe0; --c1: #17a2a2; --c2: #e0912f; --c3: #8a5cd6; --c4: #4caf6d; --c5: #d4567f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf2; --soft: #98a4b3; --line: #29323d; --card: #151b23;
  --page: #0d1218; --good: #4cc38a; --bad: #ff8078; --warn: #e3b341; --warnback: #272012; --goodback: #12281d;
  --badback: #321a18; --c0: #6b9bff; --c1: #3fc9c9; --c2: #f0ab55; --c3: #b08cf2; --c4: #73d292; --c5: #ef86a8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
  -webkit-text-size-adjust: 100%; overflow-wrap: anywhere; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem; }
header, section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem 1.35rem;
  margin: 0 0 1rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 .35rem; } p { margin: .25rem 0; overflow-wrap: anywhere; }
.end { float: right; max-width: 60%; margin: 0 0 .25rem .75rem; padding: .15rem .7rem; border-radius: 1rem;
  font-size: .85rem; font-weight: 600; } .good { color: var(--good); background: var(--goodback); }
.bad { color: var(--bad); background: var(--badback); }
.command, .path, .name { font-family: ui-monospace, SFMono-Regular, monospace; font-size: .88rem;
  overflow-wrap: anywhere; }
.command { white-space: pre-wrap; margin: .75rem 0 .5rem; padding: .6rem .8rem; background: var(--page);
  border-radius: 8px; clear: both; } .path { color: var(--soft); }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: .9rem 0 0; }
.facts dt { color: var(--soft); font-size: .8rem; } .facts dd { margin: 0; font-weight: 600; }
.strip { display: flex; gap: 2px; height: .55rem; margin: 1.1rem 0 .2rem; border-radius: 4px; overflow: hidden; }
.strip span { flex-basis: 0; min-width: 2px; }
.c0 { background: var(--c0); } .c1 { background: var(--c1); } .c2 { background: var(--c2); }
.c3 { background: var(--c3); } .c4 { background: var(--c4); } .c5 { background: var(--c5); }
.warning { background: var(--warnback); border-color: var(--warn); } .warning h2 { color: var(--warn); }
.list { list-style: none; margin: .5rem 0 0; padding: 0; }
.list li { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr) auto; gap: .75rem; align-items: baseline;
  padding: .32rem 0; border-top: 1px solid var(--line); }
.warning .list li { border-color: color-mix(in srgb, var(--warn) 25%, transparent); }
.tag { font-size: .8rem; font-weight: 600; color: var(--soft); } .tag.created, .tag.allowed { color: var(--good); }
.tag.deleted, .tag.denied { color: var(--bad); } .tag.changed, .tag.writable { color: var(--warn); }
.name small { display: block; color: var(--soft); font-family: system-ui, sans-serif; font-size: .85em; }
.number { color: var(--soft); font-size: .9rem; font-variant-numeric: tabular-nums; white-space: nowrap;
  text-align: right; }
details { border-top: 1px solid var(--line); } summary { padding: .45rem 0; color: var(--soft); cursor: pointer; }
details .list { margin: 0; }
.time { width: 100%; border-collapse: collapse; }
.time th { text-align: left; font-weight: 400; padding: .22rem 0; overflow-wrap: anywhere; }
.dot { display: inline-block; width: .6rem; height: .6rem; border-radius: 50%; margin-right: .55rem; }
.bar { width: 55%; padding: 0 .75rem; } .bar span { display: block; height: .55rem; min-width: 2px; border-radius: 3px; }
.time tr:last-child > * { border-top: 1px solid var(--line); padding-top: .4rem; font-weight: 600; color: var(--ink); }
footer { color: var(--soft); font-size: .85rem; text-align: center; padding: .5rem; }
@media (max-width: 34rem) { main { padding: .5rem; } header, section { padding: .85rem .9rem; border-radius: 10px;
  margin-bottom: .6rem; } .facts { display: grid; grid-template-columns: 1fr 1fr; gap: .6rem 1rem; }
  .facts div:last-child { grid-column: 1 / -1; }
  .list li { grid-template-columns: minmax(0, 1fr) auto; gap: .1rem .75rem; }
  .list .name { grid-column: 1 / -1; grid-row: 2; } .bar { width: 35%; } }
@media print { body { background: none; } header, section { break-inside: avoid; } }
`;
