import { certifyEngine } from './certify-engine.js';

it('certifies the engine of this machine by every reference value of its families', () => {
  const { holds, families, concordVersion } = certifyEngine();
  expect(holds).toBe(true);
  expect(concordVersion).toMatch(/^\d/);
  expect(families.reduce((sum, { checked }) => sum + checked, 0)).toBeGreaterThanOrEqual(482 + 212);
});
