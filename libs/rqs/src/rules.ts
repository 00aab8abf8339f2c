import { notMet, refOf, type Answer, type Question } from './answer.js';
import type { AssessedItem, Assessment } from './assessment.js';
import { statementsOn } from './claims.js';
import type { SchemeItem } from './scheme.js';
import type { AnalysisFact, AnalysisSubject, ArtefactFact, EvidenceRef } from './study-facts.js';

/** What a rule of RQS 2.0 or METRICS sees: the facts, and what RQS 1.0 found in them under the same policy. */
export interface RuleQuestion extends Question {
  readonly rqs1: Assessment;
}

export type Rule = (question: RuleQuestion, item: SchemeItem) => Answer;

/** Subject of an analysis → what it is, and how to come by it. */
const SUBJECTS: Readonly<Record<AnalysisSubject, readonly [what: string, action: string]>> = {
  automaticSegmentation: ['automatic segmentation with model and version', 'segment automatically, and record the model and its version'], // prettier-ignore
  baseline: ['baseline characteristics by site', 'release a summary of the patients of each site'],
  biasMitigation: ['a correction of unfairness, and the evaluation after it', 'correct for unequal performance, and evaluate again'], // prettier-ignore
  cohortFlow: ['eligibility rules with counts at each step', 'write inclusion and exclusion as rules, and count patients at each'], // prettier-ignore
  confounders: ['an analysis of confounders', 'examine age, sex, lesion size, site and scanner as confounders'],
  deepLearningCombination: ['a paired comparison of hand-crafted and deep features', 'compare with deep features on the same patients'], // prettier-ignore
  dimensionality: [
    'events for each parameter against what is needed',
    'compare the events with the number of parameters',
  ],
  distribution: ['the distribution of patients by site', 'report the distribution of patients by site'],
  drift: ['scheduled monitoring of performance', 'schedule monitoring, with limits'],
  explanation: ['an explanation of the model', 'explain the predictions, and keep the result'],
  explanationEvaluation: ['an evaluation of the explanations', 'measure how faithful and stable explanations are'],
  failureModes: ['errors by subgroup, site and device', 'tabulate errors by subgroup, site and device'],
  guidelineReport: ['a completed report by a radiomics guideline', 'complete CLEAR or TRIPOD+AI, statements of authors included'], // prettier-ignore
  inputGates: [
    'checks of the input, with what they refused',
    'check that a new image is within the range of the model',
  ],
  intervalToReference: ['the time between image and reference standard', 'release quantiles of the time between image and reference standard'], // prettier-ignore
  missingness: ['a table of missing values by site', 'count missing values by site'],
  networkRobustness: ['the robustness of the network', 'test how the output changes with the input'],
  outcomeDefinition: ['a definition of the outcome', 'define outcome, horizon and how it is ascertained'],
  previousModel: ['a published model on the same patients', 'run a published model, unchanged, on the same patients'],
  prospectiveCohort: ['a cohort marked prospective when it was created', 'enrol patients after the lock'],
  redundancyRemoval: ['removal of redundant features, with counts', 'remove correlated features, and keep the counts'],
  sampleSize: ['a calculation of sample size, made before recruitment', 'calculate the sample size before recruitment'],
  scannerEffects: ['scanner effects before and after', 'measure scanner effects before and after harmonization'],
  segmentationEvaluation: ['an evaluation of automatic segmentation', 'compare masks with those of experts (Dice)'],
  segmentationMethod: ['how regions were outlined', 'record tool, phase, dimension and readers of the segmentation'],
  singleReaderMasks: ['masks of one reader or tool in each validation cohort', 'record who outlined each mask'],
  subgroups: ['performance by subgroup', 'evaluate by sex, age, site and scanner'],
  tuning: ['how the model was tuned', 'keep the record of tuning'],
};

/** Meets an item by these references; `option` is the one that they earn. */
export function met(option: string, reason: string, evidence: readonly EvidenceRef[]): Answer {
  return { options: [option], reason, evidence: evidence.map(refOf) };
}

/** Records of an analysis. */
export function analysesOf({ facts }: Question, subject: AnalysisSubject): AnalysisFact[] {
  return facts.analyses.filter((analysis) => analysis.subject === subject);
}

/** The item is met by a record of this analysis; where it asks for a person too, by an accepted statement beside it. */
export function recorded(subject: AnalysisSubject, option = 'yes'): Rule {
  const [what, action] = SUBJECTS[subject];
  return (question, item) => {
    const runs = analysesOf(question, subject);
    if (runs.length === 0) return notMet(item, `There is no record of ${what}.`, action);
    const reason = `On record: ${what}.`;
    if (item.evidence.mode === 'auto' || question.policy === 'lenient') return met(option, reason, runs);
    const { given, waiting } = statementsOn(question.facts, item);
    if (given.length > 0) return met(option, reason, [...runs, ...given]);
    const answer = notMet(item, `${reason} No accepted statement beside it.`, 'state it, signed, and have it reviewed');
    return waiting.length > 0 ? { ...answer, awaiting: [option] } : answer;
  };
}

/** Answers as an item of RQS 1.0 was answered. @param choose from the options found there those earned here */
export function asRqs1(number: number, choose: (options: readonly string[]) => readonly string[]): Rule {
  return ({ rqs1 }, item) => {
    const first = rqs1.items[number - 1];
    const isEarned = first !== undefined && first.state === 'PROVEN';
    const options = isEarned ? choose(first.options) : [];
    const reason = `As item ${number} of RQS 1.0: ${first?.reason ?? ''}`;
    const next = { gain: item.maxPoints - item.minPoints, action: first?.nextPoint?.action ?? 'see item of RQS 1.0' };
    if (options.length === 0) return { options, reason, evidence: [], next, ...awaitingOf(first, item) };
    return { options, reason, evidence: first?.evidence ?? [], next };
  };
}

function awaitingOf(first: AssessedItem | undefined, item: SchemeItem): Pick<Answer, 'awaiting'> {
  const most = item.options.find((option) => option.points === item.maxPoints);
  return first?.state === 'CLAIMED' && most ? { awaiting: [most.id] } : {};
}

/** Only a statement can answer it; `conclude` counts it when it was accepted. */
export const statement: Rule = (_question, item) =>
  notMet(item, 'No record can show this, and no accepted statement does.', item.evidence.humanStatement ?? 'state it, signed'); // prettier-ignore

/** Artefacts that anyone can fetch, under a licence, of the bytes that were used. */
export function openArtefacts(
  { facts, policy }: Question,
  contents: readonly ArtefactFact['content'][],
): ArtefactFact[] {
  const isOpen = (a: ArtefactFact) => a.url !== null && a.licence !== null && (a.isSameAsUsed || policy === 'lenient');
  return facts.artefacts.filter((artefact) => contents.includes(artefact.content) && isOpen(artefact));
}
