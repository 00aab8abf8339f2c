import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { canaries, clinicalCsv, planConsortium, truth, type ConsortiumTruth } from '@concord/phantoms';
import { selectRows, tableToCsv, type FeatureTable } from '@concord/tables';

import { siteCode, textOf, type DemoSite } from './protocols.js';

/** What an agent of the demo is told of its hospital's data; paths of that hospital alone. */
export interface HospitalData {
  readonly source: string;
  readonly clinical: string | null;
}

/** One share of the drawing, for a worker thread. */
export interface DrawTask {
  readonly seed: number;
  readonly siteCodes: readonly string[];
  readonly patientsPerSite: number;
  readonly siteIndexes: readonly number[];
  readonly folders: readonly string[];
}

/**
 * Writes every hospital's images (DICOM) and clinical list.
 *
 * @returns where each hospital's data lie, and the truth that only the final check reads
 */
export async function writeImageHospitals(
  folder: string,
  sites: readonly DemoSite[],
  seed: number,
  patientsPerSite: number,
): Promise<{ data: Map<string, HospitalData>; truth: ConsortiumTruth; canaries: readonly string[] }> {
  const plan = planConsortium({ seed, siteCodes: sites.map((site) => site.code), patientsPerSite });
  const data = new Map<string, HospitalData>();
  const folders = sites.map(({ code }, index) => {
    const hospital = join(folder, code);
    mkdirSync(join(hospital, 'images'), { recursive: true });
    const clinical = join(hospital, 'clinical.csv');
    writeFileSync(clinical, clinicalCsv(plan, index));
    data.set(code, { source: `images:${join(hospital, 'images')}`, clinical });
    return join(hospital, 'images');
  });
  const common = { seed, siteCodes: sites.map((site) => site.code), patientsPerSite, folders };
  const shares = [0, 1].map((share) => sites.map((_, index) => index).filter((index) => index % 2 === share));
  await Promise.all(shares.map((siteIndexes) => draw({ ...common, siteIndexes })));
  return { data, truth: truth(plan), canaries: canaries(plan) };
}

/** Splits a feature table by its batch column: each hospital gets its own rows, and nobody else's. */
export function writeTableHospitals(
  folder: string,
  table: FeatureTable,
  batch: string,
  idColumn: string,
): Map<string, HospitalData> {
  const data = new Map<string, HospitalData>();
  const batches = textOf(table, batch);
  for (const name of new Set(batches)) {
    const rows = [...batches.keys()].filter((row) => batches[row] === name);
    const columns = table.columns.map((column) =>
      column.name === idColumn ? { ...column, name: 'patient_id' } : column,
    );
    const file = join(folder, siteCode(name), 'features.csv');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, tableToCsv(selectRows({ ...table, columns }, rows)));
    data.set(siteCode(name), { source: `table:${file}`, clinical: null });
  }
  return data;
}

function draw(task: DrawTask): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./hospitals.thread.js', import.meta.url), { workerData: task });
    worker.once('error', reject);
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`drawing ended with ${code}`))));
  });
}
