import type { Scheme } from '../scheme.js';
import { rqs1FirstItems } from './rqs1-items-1-8.js';
import { rqs1LastItems } from './rqs1-items-9-16.js';

/**
 * Radiomics Quality Score 1.0 (Lambin 2017): 16 items, -8 to 36 points, percent of 36 with negative totals as 0.
 * Item facts agree in four independent sources; the grouping in six domains is that of systematic reviews
 * (10.1007/s00330-024-10594-x Table 1, 10.1186/s13018-023-03863-w Table 3).
 */
export const rqs1: Scheme = {
  id: 'rqs1',
  title: 'Radiomics Quality Score 1.0',
  version: '2017',
  range: { min: -8, max: 36 },
  items: [...rqs1FirstItems, ...rqs1LastItems],
  checkpoints: [
    { id: 1, items: [1], max: 2 },
    { id: 2, items: [2, 3, 4], max: 3 },
    { id: 3, items: [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], max: 31 },
  ],
  domains: [
    { id: 1, title: 'Protocol quality and stability in image and segmentation', items: [1, 2, 3, 4], min: 0, max: 5 },
    { id: 2, title: 'Feature selection and validation', items: [5, 12], min: -8, max: 8 },
    { id: 3, title: 'Biologic/clinical validation and utility', items: [6, 7, 13, 14], min: 0, max: 6 },
    { id: 4, title: 'Model performance index', items: [8, 9, 10], min: 0, max: 5 },
    { id: 5, title: 'High level of evidence', items: [11, 15], min: 0, max: 8 },
    { id: 6, title: 'Open science and data', items: [16], min: 0, max: 4 },
  ],
  source: {
    primary: 'Lambin P et al. Nat Rev Clin Oncol 2017;14:749-762, doi:10.1038/nrclinonc.2017.141',
    crossChecked: [
      '10.1007/s00330-024-10594-x Table 1',
      '10.3390/cancers13061348 Table 1',
      '10.1259/bjr.20211211 Table 1',
      'UWA RQS calculator rqsConfig 2026-04-07',
    ],
  },
};
