// Family `combat`: writes a file of the same name for every expected one that Concord can compute, and says which it cannot.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readCase } from './combat/case.mjs';
import { applied, combat, covbat, fromSums, longitudinal, nested, smooth } from './combat/models.mjs';
import { diagnostics, reliability } from './combat/statistics.mjs';

/** Names of expected files without `.gz`, and what computes them. */
const KINDS = [
  [/^(?:exact|sva)\.\w+\.(?:csv|est\.json|error\.json)$/, combat],
  [/^neurocombat_r\.(?:par|noeb)\w*\.(?:csv|est\.json)$/, combat],
  [/^comfam_lm\.par_(?:adj|part|collinear)\.(?:csv|error\.json)$/, combat],
  [/^comfam_(?:ns4|bs)\.par_adj\.csv$/, smooth],
  [/^(?:covbat_r|covfam)\.pv95\.csv$/, covbat],
  [/^longcombat\.REML\.(?:csv|est\.json)$/, (data, _software, _variant, kind) => longitudinal(data, kind)],
  [/^dcombat_r\.par_adj\.csv$/, fromSums],
  [/^comfam_lm\.(?:train|test_known|new_site)\.csv$/, (data, _software, part) => applied(data, part)],
  [/^nested_replay\.order\.csv$/, nested],
  [/^diagnostics\.(?:before|after)\.json$/, (data, _software, state) => diagnostics(data, state)],
  [/^reliability\.json$/, reliability],
];

/** Text of one file, or null where Concord does not compute what it holds. */
function contentOf(data, name) {
  const plain = name.replace(/\.gz$/, '');
  const [software, variant, kind] = plain.split('.');
  const found = KINDS.find(([pattern]) => pattern.test(plain));
  return found ? found[1](data, software, variant, kind) : null;
}

export async function compute(folder, out) {
  const data = readCase(folder);
  mkdirSync(out, { recursive: true });
  const missing = [];
  for (const name of readdirSync(join(folder, 'expected')).sort()) {
    const content = contentOf(data, name);
    if (content === null) missing.push(name);
    else writeFileSync(join(out, name), name.endsWith('.gz') ? gzipSync(content) : content);
  }
  if (missing.length > 0) process.stderr.write(`not computed: ${missing.join(', ')}\n`);
}
