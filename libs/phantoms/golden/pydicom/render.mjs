// Writes the two patients of the golden file: node render.mjs FOLDER (after `npx tsc -b libs/phantoms`).
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { planConsortium, renderPatient } from '../../dist/index.js';

const folder = process.argv[2];
const plan = planConsortium({ seed: 20260101, siteCodes: ['site-a', 'site-b'], patientsPerSite: 5 });
for (const site of [0, 1]) {
  for (const { path, bytes } of renderPatient(plan, site, 0).files) {
    const target = join(folder, plan.sites[site].code, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
}
