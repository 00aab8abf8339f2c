// Draws some sites' patients and writes their DICOM files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { workerData } from 'node:worker_threads';

import { planConsortium, renderPatient } from '@concord/phantoms';

import type { DrawTask } from './hospitals.js';

const { siteIndexes, folders, ...request } = workerData as DrawTask;
const plan = planConsortium(request);
for (const site of siteIndexes) {
  for (let patient = 0; patient < request.patientsPerSite; patient++) {
    for (const { path, bytes } of renderPatient(plan, site, patient).files) {
      const file = join(folders[site] ?? '', path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
  }
}
