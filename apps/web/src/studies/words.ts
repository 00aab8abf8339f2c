const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `23 Nov 2026, 14:05`, in the reader's own zone. */
export function momentWords(iso: string): string {
  const time = new Date(iso);
  const two = (part: number) => String(part).padStart(2, '0');
  const date = `${time.getDate()} ${MONTHS[time.getMonth()]} ${time.getFullYear()}`;
  return `${date}, ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** `40 ms`, `3 seconds`, `2 minutes`, `5 hours`, `3 days`: one unit, rounded. */
export function durationWords(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * SECOND && ms % SECOND >= 50) return `${(ms / SECOND).toFixed(1)} seconds`;
  const [unit, name] =
    ms < 59.5 * SECOND
      ? [SECOND, 'second']
      : ms < 59.5 * MINUTE
        ? [MINUTE, 'minute']
        : ms < 23.5 * HOUR
          ? [HOUR, 'hour']
          : [DAY, 'day'];
  const count = Math.round(ms / unit);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** `just now`, `40 seconds ago`; a clock that runs ahead is no reason for a negative age. */
export function ageWords(iso: string, now: number): string {
  const ms = now - Date.parse(iso);
  return ms < 10 * SECOND ? 'just now' : `${durationWords(ms)} ago`;
}

const STEPS: Readonly<Record<string, readonly [name: string, doing: string]>> = {
  'harmonize-development': ['Fit harmonization on the development sites', 'fits harmonization'],
  fit: ['Fit the model', 'fits the model'],
  lock: ['Lock model, threshold and harmonization', 'locks the model'],
  'harmonize-site': ['Harmonize', 'harmonizes'],
  predict: ['Predict risks', 'predicts risks'],
  'scanner-effects': ['Measure scanner effects, before and after', 'measures scanner effects'],
  validate: ['Validate the locked model', 'validates the locked model'],
  'leak-audit': ['Leak audit: refit on shuffled outcomes', 'refits on shuffled outcomes (leak audit)'],
  assess: ['Score radiomics quality', 'scores radiomics quality'],
  report: ['Write the report', 'writes the report'],
};

/** What a step does, as a title: `Predict risks, site-d`. */
export function stepTitle(name: string): string {
  const [kind = name, site] = name.split(':');
  return `${STEPS[kind]?.[0] ?? kind}${site === undefined ? '' : `, ${site}`}`;
}

/** The same after "the hub": `predicts risks at site-d`. */
export function stepDoing(name: string): string {
  const [kind = name, site] = name.split(':');
  return `${STEPS[kind]?.[1] ?? `runs ${kind}`}${site === undefined ? '' : ` at ${site}`}`;
}

export function roleWords(role: 'development' | 'externalValidation' | null): string {
  if (role === null) return 'no role yet';
  return role === 'development' ? 'development' : 'external validation';
}

const PHASES: Readonly<Record<string, string>> = {
  reading: 'reads its cases',
  extracting: 'extracts features',
  holding: 'holds a release for approval',
  sending: 'sends',
  idle: 'has nothing to do',
};

/** What the agent said that it does, after the site's name. */
export function phaseWords(phase: string): string {
  return PHASES[phase] ?? phase;
}

const ACTIONS: Readonly<Record<string, string>> = {
  'model.locked': 'model locked',
  'release.received': 'table taken in',
  'run.started': 'run started',
  'site.invited': 'site invited',
  'site.joined': 'site joined',
  'step.done': 'step done',
  'step.failed': 'step failed',
};

/** An audit action in words; one that is not known is shown as it is. */
export function actionWords(action: string): string {
  return (
    ACTIONS[action] ??
    action
      .replace(/[._-]/g, ' ')
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
  );
}
