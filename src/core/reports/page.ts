import { html, type Markup } from "../../shared/index.ts";

/** One HTML file that loads nothing and has no scripts. */
export function pageOf(title: string, content: Markup): string {
  const body = html`<main><h1>${title}</h1>${content}</main>`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
${html`<title>${title}</title>`.text}
<style>${STYLE}</style>
</head>
<body>${body.text}</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --text: #1f1f1f; --quiet: #5f5f5f; --line: #d0d0d0; --back: #fff; --same: #0072b2; --other: #8a8a8a; --a: #0072b2; --b: #d55e00; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e4e4; --quiet: #a5a5a5; --line: #444; --back: #1e1e1e; --same: #56b4e9; --a: #56b4e9; --b: #f0a060; } }
body { margin: 0; background: var(--back); color: var(--text); font: 14px/1.5 system-ui, sans-serif; }
main { max-width: 75rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.2rem; margin-top: 2rem; } h3 { font-size: 1.05rem; } h4 { margin: .5rem 0; }
.quiet { color: var(--quiet); } td .quiet { display: block; font-size: .85em; } .note { border-left: 3px solid var(--b); padding-left: .6rem; font-weight: 600; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .75rem 0; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; } th, td { text-align: left; padding: .2rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, .figures td { text-align: right; white-space: nowrap; } td.best { font-weight: 700; } a { color: inherit; overflow-wrap: anywhere; }
svg text { fill: var(--quiet); font-size: 9px; } .chart { margin: .5rem 0; max-width: 30rem; } .chart svg { width: 100%; } .chart .same { fill: var(--same); opacity: .55; stroke: var(--same); } .chart .other { fill: var(--other); opacity: .4; stroke: var(--other); }
.interval { width: 160px; height: 16px; } .interval line { stroke: var(--text); stroke-width: 2; } .interval .zero { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 2; } .interval circle { fill: var(--text); }
.shares { width: 100%; max-width: 30rem; height: 10px; } .both { fill: var(--text); } .only-a { fill: var(--a); } .only-b { fill: var(--b); } .neither { fill: var(--line); }
.key { border-left: .6em solid; padding-left: .3em; margin-right: .8em; } .key.only-a { border-color: var(--a); } .key.only-b { border-color: var(--b); } .key.neither { border-color: var(--line); }
@media (max-width: 45rem) { th, td { padding: .2rem .3rem; font-size: .92em; } .interval { width: 80px; } }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } summary { cursor: pointer; }
`;
