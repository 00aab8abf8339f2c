import { listOf } from '@concord/figures';

import type { Site, Step, Study } from '../api/study-query.js';
import { ageWords, durationWords, stepDoing, stepTitle } from './words.js';

/** How a study stands: one sentence that can be acted on. */
export interface Answer {
  readonly tone: 'done' | 'working' | 'waiting' | 'failed';
  readonly sentence: string;
  /** What to do about it; empty if nothing. */
  readonly advice: string;
}

export type StudyFacts = Pick<Study, 'state' | 'sites'> & {
  readonly run: { readonly steps: readonly Pick<Step, 'name' | 'state' | 'error'>[] } | null;
};

/** A site that polls every few seconds and is silent for longer is worth a call. */
export const SILENT_AFTER_MS = 10 * 60_000;

/** Says what a study waits for, who holds it up and since when, or that it is done. */
export function answerOf(study: StudyFacts, now: number): Answer {
  const steps = study.run?.steps ?? [];
  const failed = steps.find((step) => step.state === 'failed');
  if (failed !== undefined) {
    const { what, fix } = failed.error ?? { what: 'no reason is recorded', fix: 'Look into the hub’s log.' };
    return { tone: 'failed', sentence: `“${stepTitle(failed.name)}” failed: ${what}.`, advice: fix };
  }
  if (study.state === 'validated') return { tone: 'done', sentence: 'The study is validated.', advice: '' };
  if (study.state === 'draft') return draftAnswer(study.sites);
  const late = study.sites.filter((site) => site.role !== null && site.waitingFor !== null);
  const queued = steps.find((step) => step.state === 'queued');
  if (queued !== undefined) return workingAnswer(steps, queued.name, late);
  if (late.length > 0) return waitingAnswer(late, now);
  if (study.run === null) {
    return {
      tone: 'waiting',
      sentence: 'Every site released what was asked for; the run has not been started.',
      advice: 'Start the run below.',
    };
  }
  return { tone: 'working', sentence: 'The next step is about to start.', advice: '' };
}

function draftAnswer(sites: readonly Site[]): Answer {
  const joined = sites.filter((site) => site.state === 'joined').length;
  const people = sites.length === 0 ? 'no site is invited yet' : `${joined} of ${sites.length} sites have joined`;
  return {
    tone: 'waiting',
    sentence: `The protocol is still being written; ${people}.`,
    advice: 'Sites release data only after the protocol is frozen.',
  };
}

function workingAnswer(steps: readonly Pick<Step, 'state'>[], name: string, late: readonly Site[]): Answer {
  const done = steps.filter((step) => step.state === 'done').length;
  const also = late.length === 0 ? '' : ` It also waits for ${listOf(late.map(({ code }) => code))}.`;
  return {
    tone: 'working',
    sentence: `The hub ${stepDoing(name)}; ${done} of ${steps.length} steps are done.${also}`,
    advice: '',
  };
}

/** Those silent for longest come first: they are the ones to call. Sites that stand alike are named together. */
function waitingAnswer(late: readonly Site[], now: number): Answer {
  const groups = new Map<string, Site[]>();
  for (const site of late.toSorted((a, b) => contactOf(a) - contactOf(b))) {
    const standing = standingOf(site, now);
    groups.set(standing, [...(groups.get(standing) ?? []), site]);
  }
  const parts = [...groups].map(([standing, sites]) => {
    const codes = listOf(sites.map(({ code }) => code).sort());
    return `${codes} ${sites.length > 1 ? standing.replace('(its ', '(their ') : standing}`;
  });
  const silent = late.filter((site) => isSilent(site, now));
  const refused = late.filter((site) => (site.refusedCount ?? 0) > 0);
  const advice =
    silent.length > 0
      ? silentAdvice(silent, now)
      : refused.length > 0
        ? `${listOf(refused.map(({ code, refusedCount }) => `${code} refused ${refusedCount}`))} of its cases: its own page says why.`
        : '';
  return { tone: 'waiting', sentence: `The study waits for ${parts.join('; ')}.`, advice };
}

function silentAdvice(silent: readonly Site[], now: number): string {
  const longest = Math.min(...silent.map(contactOf));
  const have = silent.length === 1 ? 'it has' : 'they have';
  const since = `${silent.length === 1 ? '' : 'up to '}${durationWords(now - longest)}`;
  return `Ask ${listOf(silent.map(({ code }) => code))} whether the agent is running: ${have} not been in contact for ${since}.`;
}

/** What is wanted, and the age of the last contact where it is worth a word. */
function standingOf(site: Site, now: number): string {
  const want = site.waitingFor ?? '';
  if (want.startsWith('to ')) return want;
  if (site.lastContactAt === null) return `(${want}, never in contact)`;
  const isRecent = now - Date.parse(site.lastContactAt) < 60_000;
  return `(${want}, ${isRecent ? 'in contact' : `last seen ${ageWords(site.lastContactAt, now)}`})`;
}

export function isSilent(site: Pick<Site, 'lastContactAt'>, now: number): boolean {
  return site.lastContactAt !== null && now - Date.parse(site.lastContactAt) > SILENT_AFTER_MS;
}

function contactOf(site: Site): number {
  return site.lastContactAt === null ? 0 : Date.parse(site.lastContactAt);
}
