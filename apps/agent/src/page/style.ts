/** The page's look; docs/design.md says why. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fcfcfb; --card: #ffffff; --ink: #16191d; --quiet: #555c66; --line: #d5d9de;
  --accent: #0b5cad; --on-accent: #ffffff; --good: #1a6b38; --wait: #8a5300; --bad: #b3261e; --bar: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --card: #1c2024; --ink: #e8eaed; --quiet: #a9b1bb;
  --line: #3a4149; --accent: #7cb8f2; --on-accent: #10151a; --good: #7fd39b; --wait: #f0b860; --bad: #ff9d94; --bar: #7cb8f2; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); line-height: 1.5;
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }
header, main, footer { max-width: 1120px; margin: 0 auto; padding: 0 20px; }
header { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: baseline; padding-top: 14px; padding-bottom: 10px;
  border-bottom: 1px solid var(--line); }
header p { margin: 0; color: var(--quiet); font-size: 13px; flex: 1 1 260px; }
nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 18px; }
nav a { display: inline-block; padding: 4px 0; }
nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
h1 { font-size: 24px; line-height: 1.25; margin: 26px 0 6px; max-width: 34em; }
h2 { font-size: 18px; line-height: 1.3; margin: 34px 0 8px; }
h3 { font-size: 15px; margin: 18px 0 6px; }
p, li, dd { max-width: 70ch; }
p { margin: 6px 0; }
a { color: var(--accent); }
.quiet { color: var(--quiet); font-size: 13px; }
.lead { font-size: 15px; }
.good { color: var(--good); } .wait { color: var(--wait); } .bad { color: var(--bad); }
.state { font-weight: 600; }
.note { border-left: 4px solid var(--line); padding: 8px 14px; background: var(--card); margin: 12px 0; max-width: 76ch; }
.note.bad { border-color: var(--bad); color: var(--ink); } .note.wait { border-color: var(--wait); color: var(--ink); }
.note.good { border-color: var(--good); color: var(--ink); }
.note p { margin: 2px 0; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; margin: 10px 0; }
dl.facts dt { color: var(--quiet); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow: auto; max-height: 70vh; border: 1px solid var(--line); border-radius: 4px; background: var(--card); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; width: 100%; }
th, td { text-align: left; padding: 5px 10px; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; white-space: nowrap; }
td { overflow-wrap: break-word; }
td .state, td time, td code { white-space: nowrap; }
@media (max-width: 480px) { table.stack, .stack tbody, .stack tr, .stack td { display: block; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack tr { border-bottom: 1px solid var(--line); padding: 6px 0; } .stack td, .stack td.number { border: 0; padding: 1px 10px; text-align: left; } }
thead th { position: sticky; top: 0; background: var(--card); z-index: 1; }
.values td, .values th { white-space: nowrap; }
.values th:first-child, .values td:first-child { position: sticky; left: 0; background: var(--card); }
.values thead th:first-child { z-index: 2; }
th.number, td.number { text-align: right; }
code { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: 13px; }
progress { width: min(420px, 100%); height: 12px; accent-color: var(--accent); }
.button, button { display: inline-block; font: inherit; font-weight: 600; min-height: 36px; padding: 6px 16px; border-radius: 4px;
  border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); text-decoration: none; cursor: pointer; }
button.second { background: transparent; color: var(--accent); }
a:focus-visible, button:focus-visible, input:focus-visible, .scroll:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
form { background: var(--card); border: 1px solid var(--line); border-radius: 4px; padding: 14px 16px; }
form h3 { margin-top: 0; }
.forms { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 16px; margin: 12px 0; align-items: start; }
label { display: block; margin: 10px 0; font-weight: 600; }
label span { display: block; font-weight: 400; color: var(--quiet); font-size: 13px; }
input { font: inherit; display: block; width: 100%; min-height: 36px; padding: 5px 9px; margin-top: 3px; color: var(--ink);
  background: var(--ground); border: 1px solid var(--quiet); border-radius: 4px; }
.columns { display: grid; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); gap: 14px 18px; }
figure.column { margin: 0; min-width: 0; break-inside: avoid; }
figure.column figcaption { font-size: 13px; overflow-wrap: anywhere; }
figure.column svg { width: 100%; height: 48px; display: block; fill: var(--bar); border-bottom: 1px solid var(--quiet); }
figure.column p { margin: 0; }
footer { margin-top: 44px; padding-bottom: 26px; color: var(--quiet); font-size: 13px; border-top: 1px solid var(--line); padding-top: 10px; }
@media (max-width: 480px) { header, main, footer { padding-left: 14px; padding-right: 14px; } dl.facts { grid-template-columns: 1fr; }
  dl.facts dd { margin-bottom: 6px; } }
@media print { @page { size: A4; margin: 16mm; } nav, form, .button { display: none; } body { background: #fff; color: #000; }
  .scroll { max-height: none; overflow: visible; border: 0; } thead th { position: static; } .values { font-size: 9px; }
  main a[href^='/']::after { content: ' (' attr(href) ')'; font-size: 11px; } tr, .note { break-inside: avoid; } }
`;
