/** The style of a quality report. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1c2430; --dim: #5b6675; --line: #d8dee6; --back: #fff; --soft: #f5f7fa; --pass: #18794e; --warn: #8f5a00; --fail: #c02626; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e9f0; --dim: #9aa6b5; --line: #333d4a; --back: #12171e; --soft: #1a212a; --pass: #4cc38a; --warn: #e9a23b; --fail: #ff7b7b; }
}
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); }
h1 { margin: 0; font-size: 1.6rem; } h2 { margin: 2rem 0 .5rem; font-size: 1.2rem; } h3 { margin: 1.2rem 0 .4rem; font-size: 1rem; }
h1, h3, summary { overflow-wrap: anywhere; } a { color: inherit; } figure { margin: 0; }
.dim { color: var(--dim); font-weight: normal; font-size: .87rem; }
.overview { display: flex; flex-wrap: wrap; gap: 2rem; align-items: center; padding: 1rem; background: var(--soft); border-radius: 8px; }
.score b { display: block; font-size: 2.6rem; line-height: 1; }
.counts { display: flex; flex-wrap: wrap; gap: 1.2rem; margin: 0; padding: 0; list-style: none; } .counts b { font-size: 1.2rem; }
.pass { color: var(--pass); } .warn { color: var(--warn); } .fail { color: var(--fail); } .skipped { color: var(--dim); }
details.test { color: var(--text); margin: .5rem 0; padding: .5rem .9rem; border: 1px solid var(--line); border-left: 4px solid; border-radius: 6px; }
details.fail { border-left-color: var(--fail); } details.warn { border-left-color: var(--warn); }
.fail .badge { color: var(--fail); } .warn .badge { color: var(--warn); } .badge { font-weight: bold; }
summary { cursor: pointer; } details p { margin: .4rem 0; }
pre { overflow-x: auto; margin: .5rem 0; padding: .6rem; background: var(--soft); border-radius: 4px; font: 13px/1.45 ui-monospace, monospace; }
code { font: 13px ui-monospace, monospace; background: var(--soft); padding: .1em .3em; border-radius: 3px; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .92rem; }
th, td { padding: .35rem .7rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; } th { color: var(--dim); font-weight: 600; } td { max-width: 40rem; overflow-wrap: break-word; }
.all { width: 100%; } .name, .owner { min-width: 11rem; overflow-wrap: anywhere; } .name ul { margin: .2rem 0; padding-left: 1rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
dl { margin: .4rem 0; } dt { float: left; clear: left; margin-right: .6rem; color: var(--dim); } dd { margin: 0 0 .2rem; }
svg polyline { fill: none; stroke: currentColor; stroke-width: 2; } svg circle { fill: currentColor; }
footer { margin-top: 2.5rem; }
`;
