import type { SchemeItem } from '../scheme.js';

/** Items 1 to 8 of RQS 1.0: acquisition, robustness, features, biology, cut-off. */
export const rqs1FirstItems: readonly SchemeItem[] = [
  {
    id: 'rqs1.01',
    number: 1,
    title: 'Image protocol quality',
    description: 'Acquisition is described well enough to repeat it, and/or a published protocol was followed.',
    selection: 'multi',
    options: [
      { id: 'documented', label: 'Protocol well documented', points: 1 },
      { id: 'public', label: 'Public protocol used', points: 1 },
    ],
    minPoints: 0,
    maxPoints: 2,
    domain: 1,
    checkpoint: 1,
    evidence: {
      mode: 'auto+human',
      predicates: [
        'documented: every contributing site has an AcquisitionProfile whose modality-specific IBSI reporting fields are >= the study threshold complete (default 100 % of required, per series)',
      ],
      humanStatement:
        'public: citation (DOI/URL) of the public protocol plus, where rules exist, an automatic conformance check of acquisition values',
    },
    ambiguities: [
      'Reviewers differ on how much detail is "well documented"; publish the field list and threshold used',
      'The two points are independent in most score sheets (0/1/2); some readers require documentation before the public point',
    ],
    policy: { strict: 'all required fields, all sites', lenient: 'most fields' },
    certainty: 'high',
  },
  {
    id: 'rqs1.02',
    number: 2,
    title: 'Multiple segmentations',
    description:
      'Robustness of features to segmentation variability is examined with several readers, algorithms, software packages, random perturbation, or different breathing phases.',
    selection: 'single',
    options: [
      { id: 'no', label: 'Not done', points: 0 },
      { id: 'yes', label: 'Done', points: 1 },
    ],
    minPoints: 0,
    maxPoints: 1,
    domain: 1,
    checkpoint: 2,
    evidence: {
      mode: 'auto',
      predicates: [
        'RobustnessRun kind in {multi-reader, multi-algorithm, mask-perturbation, breathing-phase} with >= 2 mask sets per case, reader ids distinct, ICC (form stated) per feature, digest of the case list',
      ],
      humanStatement: null,
    },
    ambiguities: [
      'Consensus contouring without a feature-level analysis is sometimes scored; strict policy requires the feature-level run',
      'Running it on a subset is normally accepted; record the subset size',
    ],
    certainty: 'high',
  },
  {
    id: 'rqs1.03',
    number: 3,
    title: 'Phantom study',
    description: 'A phantom is scanned on all scanners used, to expose vendor- and scanner-dependent features.',
    selection: 'single',
    options: [
      { id: 'no', label: 'Not done', points: 0 },
      { id: 'yes', label: 'Done', points: 1 },
    ],
    minPoints: 0,
    maxPoints: 1,
    domain: 1,
    checkpoint: 2,
    evidence: {
      mode: 'auto+human',
      predicates: [
        'RobustnessRun kind=phantom whose scanner set covers every (manufacturer, model, site) present in the study cohorts',
      ],
      humanStatement: 'phantom type, scan dates and report attached by the physicist of the site',
    },
    ambiguities: [
      '"On all scanners": partial coverage is a common dispute; report covered/total and score only at full coverage under the strict policy',
      'Re-using a published phantom study: strict = no point',
    ],
    policy: { strict: 'all study scanners covered', lenient: 'any phantom run' },
    certainty: 'high',
  },
  {
    id: 'rqs1.04',
    number: 4,
    title: 'Imaging at multiple time points',
    description:
      'The same subjects are imaged more than once so that temporal (test-retest, physiological) variability of features can be assessed.',
    selection: 'single',
    options: [
      { id: 'no', label: 'Not done', points: 0 },
      { id: 'yes', label: 'Done', points: 1 },
    ],
    minPoints: 0,
    maxPoints: 1,
    domain: 1,
    checkpoint: 2,
    evidence: {
      mode: 'auto',
      predicates: [
        '>= 2 acquisitions per subject at different study dates for >= N subjects AND a RobustnessRun kind=test-retest or delta on them',
      ],
      humanStatement: null,
    },
    ambiguities: [
      'Contrast phases or sequences of one examination are not time points (frequent rater error, noted explicitly by raters in open data)',
      'Delta-radiomics cohorts: accepted by most raters',
    ],
    certainty: 'high',
  },
  {
    id: 'rqs1.05',
    number: 5,
    title: 'Feature reduction or adjustment for multiple testing',
    description: 'Overfitting risk is reduced by feature selection/reduction or by multiple-testing correction.',
    selection: 'single',
    options: [
      { id: 'neither', label: 'Neither measure used', points: -3 },
      { id: 'either', label: 'Either measure used', points: 3 },
    ],
    minPoints: -3,
    maxPoints: 3,
    domain: 2,
    checkpoint: 3,
    evidence: {
      mode: 'auto',
      predicates: [
        'SelectionRun with featuresIn > featuresOut > 0 fitted on development patients only, OR multiplicity method in {Bonferroni, Holm, BH, BY, permutation} recorded on the association run',
      ],
      humanStatement: null,
    },
    ambiguities: [
      'Only -3 and +3 exist; 0 is not a legal value but is widely used (24 of 28 records in one open item-level data set)',
      'Some raters demand both; the source text says either',
    ],
    certainty: 'high',
  },
  {
    id: 'rqs1.06',
    number: 6,
    title: 'Multivariable analysis with non-radiomics features',
    description: 'Radiomic and non-radiomic (clinical, laboratory, semantic, genomic) variables are analysed together.',
    selection: 'single',
    options: [
      { id: 'no', label: 'Not done', points: 0 },
      { id: 'yes', label: 'Done', points: 1 },
    ],
    minPoints: 0,
    maxPoints: 1,
    domain: 3,
    checkpoint: 3,
    evidence: {
      mode: 'auto',
      predicates: [
        'ModelVersion fitted with >= 1 predictor of role radiomic and >= 1 of role non-radiomic, coefficients/importance stored',
      ],
      humanStatement: null,
    },
    ambiguities: [
      'Clinical variables tested but not retained in the final model: raters split; record both facts and let policy decide',
    ],
    policy: { strict: 'non-radiomic predictor in final model', lenient: 'non-radiomic predictors tested' },
    certainty: 'high',
  },
  {
    id: 'rqs1.07',
    number: 7,
    title: 'Detect and discuss biological correlates',
    description:
      'A link between radiomic phenotype and biology (pathology, gene expression, immune infiltrate) is shown and discussed.',
    selection: 'single',
    options: [
      { id: 'no', label: 'Not done', points: 0 },
      { id: 'yes', label: 'Done', points: 1 },
    ],
    minPoints: 0,
    maxPoints: 1,
    domain: 3,
    checkpoint: 3,
    evidence: {
      mode: 'auto+human',
      predicates: [
        'AssociationRun radiomic score vs variable of class {histology, IHC, gene expression, pathway score} with effect, CI, corrected p',
      ],
      humanStatement:
        'discussion paragraph or citation attached; required because the item asks for discussion as well as detection',
    },
    ambiguities: [
      'If the prediction target itself is a pathology marker (MVI, CK19, VETC), raters disagree whether that alone earns the point',
      'Explainability maps are not a biological correlate',
    ],
    policy: { strict: 'association beyond the prediction target', lenient: 'target is itself a biomarker' },
    certainty: 'high',
  },
  {
    id: 'rqs1.08',
    number: 8,
    title: 'Cut-off analyses',
    description:
      'Risk groups come from the median, a previously published cut-off, or a continuous risk variable is reported, limiting optimistic thresholding.',
    selection: 'single',
    options: [
      { id: 'no', label: 'Not done', points: 0 },
      { id: 'yes', label: 'Done', points: 1 },
    ],
    minPoints: 0,
    maxPoints: 1,
    domain: 4,
    checkpoint: 3,
    evidence: {
      mode: 'auto',
      predicates: [
        'CutoffAnalysis.source in {development-median, published(DOI), prespecified, continuous-risk-reported} with cut-off value frozen in the locked ModelVersion before any test cohort was opened',
      ],
      humanStatement: null,
    },
    ambiguities: [
      'Cut-off optimised on the same data (Youden, X-tile) is scored by lenient raters; strict policy denies it unless frozen on development data',
    ],
    policy: { strict: 'cut-off frozen before test data opened', lenient: 'any reported cut-off' },
    certainty: 'high',
  },
];
