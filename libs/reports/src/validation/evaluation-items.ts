import { findScheme } from '@concord/rqs';

/** One thing that readers of an evaluation ask for: told, not applicable with the reason, or visibly missing. */
export interface EvaluationItem {
  readonly checklist: 'TRIPOD+AI' | 'PROBAST+AI';
  readonly id: string;
  readonly topic: string;
  readonly state: 'filled' | 'not-applicable' | 'missing';
  readonly text: string;
}

/** What a validation itself can say about items, by id; `null` means not applicable with the text as reason. */
export interface EvaluationFacts {
  readonly filled: Readonly<Record<string, string>>;
  readonly notApplicable: Readonly<Record<string, string>>;
}

/**
 * Signalling questions on model evaluation, in our words after Moons et al., BMJ 388:e082505 (2025); numbers are ours by
 * domain (1 participants, 2 predictors, 3 outcome, 4 analysis).
 */
const PROBAST: readonly (readonly [string, string])[] = [
  ['1.1', 'Were the data sources fit for the question?'],
  ['1.2', 'Were inclusion and exclusion of participants right?'],
  ['2.1', 'Were predictors defined and measured alike for all?'],
  ['2.2', 'Were predictors measured without knowing the outcome?'],
  ['2.3', 'Are all predictors known when the model is to be used?'],
  ['3.1', 'Was the outcome determined well?'],
  ['3.2', 'Was its definition fixed beforehand or standard?'],
  ['3.3', 'Were predictors kept out of the definition of the outcome?'],
  ['3.4', 'Was the outcome determined alike for all?'],
  ['3.5', 'Was the outcome determined without knowing the predictors?'],
  ['3.6', 'Was the time between predictors and outcome right?'],
  ['4.1', 'Were there enough participants with the outcome?'],
  ['4.2', 'Were continuous and categorical predictors handled well?'],
  ['4.3', 'Are all enrolled participants in the analysis?'],
  ['4.4', 'Were missing data handled well?'],
  ['4.5', 'Were censoring and competing risks accounted for?'],
  ['4.6', 'Were discrimination, calibration and utility measured well?'],
  ['4.7', 'Were the evaluation data kept out of the development?'],
];

const MISSING = 'Not told: only the authors can, in a statement or in the manuscript.';

/** Ids: `tripod-ai.10`, `probast-ai.4.1`. @param facts by those ids; a statement of the authors goes before them */
export function evaluationItems(
  facts: EvaluationFacts,
  statements: Readonly<Record<string, string>> = {},
): EvaluationItem[] {
  const item = (checklist: EvaluationItem['checklist'], id: string, topic: string): EvaluationItem => {
    const own = statements[id];
    if (own !== undefined) return { checklist, id, topic, state: 'filled', text: `Authors: ${own}` };
    const none = facts.notApplicable[id];
    if (none !== undefined) return { checklist, id, topic, state: 'not-applicable', text: none };
    const text = facts.filled[id];
    return text === undefined
      ? { checklist, id, topic, state: 'missing', text: MISSING }
      : { checklist, id, topic, state: 'filled', text };
  };
  return [
    ...findScheme('tripod-ai')
      .items.filter(({ id }) => !DEVELOPMENT_ONLY.has(id))
      .map(({ id, number, title, description }) => item('TRIPOD+AI', id, `${number} ${title}: ${description}`)),
    ...PROBAST.map(([number, question]) => item('PROBAST+AI', `probast-ai.${number}`, `${number} ${question}`)),
  ];
}

/** Items that TRIPOD+AI asks of the development of a model only. */
const DEVELOPMENT_ONLY = new Set(
  ['9a', '12a', '12b', '12c', '15', '22', '27a', '27b'].map((number) => `tripod-ai.${number}`),
);
