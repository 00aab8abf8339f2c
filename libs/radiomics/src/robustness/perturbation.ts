import { ConcordError } from '@concord/errors';
import type { RandomSource } from '@concord/numeric';

/** A perturbation that is none, or that a region cannot take. */
export class PerturbationError extends ConcordError {
  readonly code = 'BAD_PERTURBATION';
}

/** A number, or the range that it is drawn from, uniformly. */
export type Amount = number | readonly [number, number];

/**
 * One perturbation. `rotate`: degrees in the plane of the slices, about the region. `shift`: voxels, along each axis on its
 * own. `noise`: standard deviation in units of the image's own noise. `volume`: fraction of voxels gained or lost.
 * `contour`: the outline goes along other supervoxels.
 */
export type PerturbationStep =
  { readonly kind: 'rotate' | 'shift' | 'noise' | 'volume'; readonly amount: Amount } | { readonly kind: 'contour' };

type Kind = PerturbationStep['kind'];

/** Letters of Zwanenburg et al. 2019, and what is drawn when a chain names no amount. */
const DEFAULTS: Readonly<Record<string, PerturbationStep>> = {
  R: { kind: 'rotate', amount: [-13, 13] },
  T: { kind: 'shift', amount: [0, 1] },
  N: { kind: 'noise', amount: 1 },
  V: { kind: 'volume', amount: [-0.2, 0.2] },
  C: { kind: 'contour' },
};

const LIMITS: Readonly<Record<Exclude<Kind, 'contour'>, readonly [number, number]>> = {
  rotate: [-360, 360],
  shift: [-10, 10],
  noise: [0, 100],
  volume: [-0.9, 9],
};

/**
 * Reads a chain: letters (`RCV`), or steps with amounts and ranges (`rotate:-10..10`, `shift:0.5`, `noise`, `volume:0.1`,
 * `contour`), in the order in which they are applied.
 *
 * @throws {PerturbationError} naming the step that is none
 */
export function parseChain(steps: readonly string[]): PerturbationStep[] {
  const chain = steps.flatMap((text) =>
    /^[RTNVC]+$/.test(text) ? Array.from(text, (letter) => DEFAULTS[letter]) : [parseStep(text)],
  );
  if (chain.length === 0) throw badStep('the chain has no step', 'chain');
  return chain;
}

function parseStep(text: string): PerturbationStep {
  const [kind, amount, ...rest] = text.split(':');
  const byDefault = Object.values(DEFAULTS).find((step) => step.kind === kind);
  if (byDefault === undefined || rest.length > 0) throw badStep(`there is no perturbation ${text}`, text);
  if (amount === undefined) return byDefault;
  if (byDefault.kind === 'contour') throw badStep('contour takes no amount', text);
  const ends = amount.split('..').map((end) => (end.trim() === '' ? NaN : Number(end)));
  const [low, high] = LIMITS[byDefault.kind];
  const isRange = ends.length <= 2 && ends.every((end) => end >= low && end <= high);
  if (!isRange || ends[0] > (ends[1] ?? ends[0])) {
    throw badStep(`${byDefault.kind} takes a number from ${low} to ${high}, or a range such as ${low}..${high}`, text);
  }
  return { kind: byDefault.kind, amount: ends.length === 1 ? ends[0] : [ends[0], ends[1]] };
}

function badStep(what: string, where: string): PerturbationError {
  return new PerturbationError(
    what,
    where,
    'Give letters such as RCV, or steps such as rotate:-10..10,contour,volume:-0.2..0.2.',
  );
}

/** The amount itself, or one of its range. */
export function drawAmount(amount: Amount, random: RandomSource): number {
  return typeof amount === 'number' ? amount : amount[0] + (amount[1] - amount[0]) * random.next();
}
