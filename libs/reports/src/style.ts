/** The page's only style: system fonts, one size scale, light and dark, paper. No network, no script. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --text: #1a1c1f; --soft: #51565e; --line: #d5d8dd; --panel: #f5f6f8; --accent: #0b5cad; --edge: rgb(0 0 0 / 22%); }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171b; --text: #e9ebee; --soft: #a9b0ba; --line: #3a4049; --panel: #1d2127; --accent: #7fb5ee; --edge: rgb(255 255 255 / 28%); }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
header, main, footer { max-width: 800px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 28px; }
h1 { font-size: 18px; font-weight: 600; margin: 0; }
h2 { font-size: 24px; line-height: 1.25; margin: 56px 0 8px; }
h3 { font-size: 18px; margin: 28px 0 8px; }
p { max-width: 72ch; margin: 0 0 12px; }
a { color: var(--accent); }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.soft, figcaption, caption, .kicker { color: var(--soft); font-size: 13px; }
.kicker { margin: 2px 0 0; max-width: none; }
.verdict { font-size: 24px; line-height: 1.35; font-weight: 600; margin: 22px 0 12px; max-width: 34em; text-wrap: pretty; }
.answer { font-size: 18px; line-height: 1.45; }
.verdict + .answer { margin-bottom: 8px; max-width: 46em; }
.limits { margin: 0 0 12px; padding-left: 20px; max-width: 72ch; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 20px 0; padding: 0; list-style: none; }
.facts li { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; display: flex; flex-direction: column; }
.facts .digest { margin-top: auto; padding-top: 4px; align-self: start; }
.facts b { display: block; font-size: 24px; line-height: 1.2; font-variant-numeric: tabular-nums; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 0; padding: 12px 0; border-bottom: 1px solid var(--line); }
nav a { display: inline-block; padding: 4px 0; }
figure { margin: 20px 0; break-inside: avoid; }
figure svg { display: block; max-width: 100%; height: auto; }
figcaption { margin-top: 8px; max-width: 84ch; }
.narrow { display: none; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr)); gap: 8px 28px; }
.lone { grid-column: 1 / -1; display: grid; grid-template-columns: subgrid; align-items: start; }
.code { white-space: nowrap; }
.scroll { overflow-x: auto; margin: 12px 0; scroll-timeline: --across inline; background:
  linear-gradient(to right, var(--ground) 40%, transparent) 0 0 / 40px 100% no-repeat local,
  linear-gradient(to left, var(--ground) 40%, transparent) 100% 0 / 40px 100% no-repeat local,
  linear-gradient(to right, var(--edge), transparent) 0 0 / 16px 100% no-repeat scroll,
  linear-gradient(to left, var(--edge), transparent) 100% 0 / 16px 100% no-repeat scroll; }
/* Shown only while a table is wider than the screen: then its scrolling drives the animation. */
.hint { visibility: hidden; animation: hint linear both; animation-timeline: --across; color: var(--accent); padding-left: 12px; white-space: nowrap; }
@keyframes hint { from { visibility: visible; } 90% { visibility: visible; } to { visibility: hidden; } }
.records td code { white-space: nowrap; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; min-width: 100%; }
caption { text-align: left; padding-bottom: 6px; max-width: calc(100vw - 32px); }
th, td { text-align: left; vertical-align: top; padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { font-weight: 600; vertical-align: bottom; }
.number { text-align: right; }
td.number { white-space: nowrap; }
td.number .none { white-space: normal; }
td data, td time { white-space: nowrap; }
.none { color: var(--soft); font-style: italic; }
.digest, code { font: 12px/1.4 ui-monospace, SFMono-Regular, Consolas, 'Liberation Mono', monospace; }
.digest { white-space: nowrap; position: relative; }
code { overflow-wrap: anywhere; }
.state { font-weight: 600; white-space: nowrap; }
details { margin: 6px 0 0; }
.kind { display: block; color: var(--soft); }
details.appendix { margin: 12px 0; border-top: 1px solid var(--line); padding-top: 6px; }
.appendix > summary { font-size: 15px; font-weight: 600; min-height: 24px; }
tr:has(:target) { background: var(--panel); }
summary { cursor: pointer; font-size: 13px; color: var(--accent); padding: 4px 0; width: fit-content; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
footer { padding: 40px 20px 60px; }
tr:target { background: var(--panel); }
@media screen and (max-width: 700px) {
  .wide { display: none; }
  .narrow { display: block; }
  .verdict { font-size: 18px; }
  header, main { padding-left: 16px; padding-right: 16px; }
  .stacked thead, .stacked .hint { display: none; }
  .stacked, .stacked tbody, .stacked tr, .stacked th, .stacked td, .stacked caption { display: block; text-align: left; }
  .stacked tr { padding: 10px 0; border-bottom: 1px solid var(--line); }
  .stacked th, .stacked td { border: 0; padding: 1px 0; }
  .stacked th { font-weight: 600; }
  .stacked td:has(> .state), .stacked td:has(> .points) { display: inline; margin-right: 10px; }
  .stacked td:has(> .missing) { display: none; }
  .records td code { white-space: normal; }
}
@media print {
  @page { size: A4; margin: 16mm; }
  :root { --ground: #fff; --text: #000; --soft: #444; --line: #bbb; --panel: #fff; --accent: #000; color-scheme: light; }
  body { font-size: 10.5pt; }
  table { font-size: 8.5pt; }
  th, td { padding-right: 8px; }
  header, main, footer { max-width: none; padding: 0; }
  nav, details { display: none; }
  details.appendix { display: block; break-before: page; }
  details.appendix::details-content { content-visibility: visible; display: block; height: auto; }
  .appendix > summary { list-style: none; font-size: 12pt; font-weight: 600; color: var(--text); }
  h2 { margin-top: 28px; }
  h2, h3, caption, thead { break-after: avoid; }
  section { break-inside: auto; }
  tr, .facts li, .short { break-inside: avoid; }
  .hint { display: none; }
  .scroll { overflow: visible; background: none; }
  a { text-decoration: none; }
}
`;
