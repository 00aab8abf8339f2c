import type { Run, Step } from '../api/study-query.js';
import { DataTable, type Column } from '../parts/data-table.js';
import { Chip, Digest, Moment } from '../parts/small.js';
import { STEP_LOOKS } from './states.js';
import { durationWords, stepTitle } from './words.js';

/** Every step of the run, in the order in which they can run, with its state and what it wrote. */
export function StepList({ run, now }: { readonly run: Run; readonly now: number }) {
  const columns: readonly Column<Step>[] = [
    { title: 'step', value: (step) => step.name, show: ({ name }) => stepTitle(name) },
    { title: 'state', value: (step) => step.state, show: (step) => <State step={step} /> },
    {
      title: 'ended',
      value: (step) => step.finishedAt,
      show: ({ finishedAt }) => (finishedAt === null ? <span className="none">–</span> : <Moment iso={finishedAt} />),
    },
    { title: 'took', value: tookMs, isNumber: true, show: (step) => <Took step={step} now={now} /> },
    { title: 'records', value: recordsText, show: (step) => <Records step={step} /> },
  ];
  return (
    <section aria-labelledby="steps">
      <h2 id="steps">Steps of the run</h2>
      <DataTable
        title="Steps, each run as soon as its inputs are there"
        columns={columns}
        rows={run.steps}
        kind="stacked"
      />
    </section>
  );
}

function State({ step }: { readonly step: Step }) {
  const { label, sign, tone } = STEP_LOOKS[step.state];
  return (
    <>
      <Chip tone={tone} sign={sign}>
        {label}
      </Chip>
      {step.error && (
        <span className="why">
          {' '}
          {step.error.what}. {step.error.fix}
        </span>
      )}
    </>
  );
}

function Took({ step, now }: { readonly step: Step; readonly now: number }) {
  const ms = tookMs(step);
  if (ms !== null) return durationWords(ms);
  if (step.state !== 'queued' || step.queuedAt === null) return <span className="none">–</span>;
  const sinceMs = now - Date.parse(step.queuedAt);
  return <>{sinceMs < 1000 ? 'just begun' : `${durationWords(sinceMs)} so far`}</>;
}

function Records({ step }: { readonly step: Step }) {
  const outputs = Object.entries(step.outputs ?? {});
  if (outputs.length === 0) return <span className="none">–</span>;
  return (
    <ul className="records">
      {outputs.map(([role, digest]) => (
        <li key={role}>
          <span className="soft">{role}</span>{' '}
          <Digest digest={digest} label={`${step.name}, ${role}`} file={fileKind(role)} />
        </li>
      ))}
    </ul>
  );
}

function fileKind(role: string): string {
  if (role === 'html' || role === 'onnx') return role;
  return role.startsWith('harmonized') || role === 'predictions' ? 'arrow' : 'json';
}

function tookMs({ queuedAt, finishedAt }: Step): number | null {
  return queuedAt === null || finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(queuedAt);
}

function recordsText({ outputs }: Step): string | null {
  return outputs === null
    ? null
    : Object.entries(outputs)
        .map(([role, digest]) => `${role}=${digest}`)
        .join(' ');
}
