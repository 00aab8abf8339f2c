// Makes predictions.csv (synthetic risks and outcomes of three sites) and risk.onnx. Run after the build; no clock, a fixed generator.
import { writeFileSync } from 'node:fs';
import { logisticToOnnx } from '../../libs/models/dist/index.js';

let state = 20240607;
const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
const logistic = (x) => 1 / (1 + Math.exp(-x));

const sites = [
  ['site-d', 60, -0.4],
  ['site-e', 45, 0.1],
  ['site-f', 75, 0.5],
];
const rows = sites.flatMap(([site, patients, shift]) =>
  Array.from({ length: patients }, (_, i) => {
    const truth = normal();
    const mvi = Number(uniform() < logistic(shift + 1.1 * truth));
    const risk = logistic(0.9 * truth + 0.4 * normal()).toFixed(4);
    return `${site}-${String(i + 1).padStart(3, '0')},${site},${risk},${mvi}`;
  }),
);
const here = new URL('.', import.meta.url);
writeFileSync(new URL('predictions.csv', here), `patient,site,risk,mvi\n${rows.join('\n')}\n`);

const model = {
  format: 'concord.logistic/1',
  features: ['original_firstorder_Entropy', 'original_shape_VoxelVolume'],
  coefficients: [0.8, 0.00002],
  intercept: -4,
};
writeFileSync(new URL('risk.onnx', here), logisticToOnnx(model));
