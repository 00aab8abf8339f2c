import { scoreFigure, type FigureOptions } from '@concord/figures';
import { qualityAnswer, type StudyReport } from '@concord/reports';
import { useCallback, useEffect } from 'react';

import { FigureView } from '../parts/figure-view.js';
import { Link, useAddress } from '../parts/link.js';
import { Chip, Digest, Hash } from '../parts/small.js';
import { studyPath } from '../route.js';
import { ReportGate } from '../studies/report-gate.js';
import type { PartProps } from '../studies/part-props.js';

type Score = NonNullable<StudyReport['rqs']>;
type Assessment = Score['strict'];
type Item = Assessment['items'][number];

const NAME = 'Radiomics Quality Score 1.0';

/** What is claimed, what is proven, by what, and what would earn more. */
export function QualityPage(props: PartProps) {
  return (
    <ReportGate
      {...props}
      what="The quality score"
      kinds={['scanner-effects', 'validate', 'leak-audit', 'assess', 'report']}
    >
      {({ rqs }) =>
        rqs === null ? (
          <p className="verdict">The study has not been scored.</p>
        ) : (
          <Content score={rqs} studyId={props.study.id} />
        )
      }
    </ReportGate>
  );
}

/** The reading is part of the address, so that a link shows what its sender saw. */
function Content({ score, studyId }: { readonly score: Score; readonly studyId: string }) {
  const isLenient = new URLSearchParams(useAddress().split('?')[1]).get('reading') === 'lenient';
  const shown = isLenient ? score.lenient : score.strict;
  const draw = useCallback(
    (options: FigureOptions) =>
      scoreFigure({ title: NAME, total: shown.total, maxPoints: shown.maxPoints, items: shown.items }, options),
    [shown],
  );
  const path = studyPath(studyId, 'quality');
  useEffect(() => {
    if (location.hash !== '') document.getElementById(location.hash.slice(1))?.scrollIntoView(); // came after the page
  }, []);
  return (
    <>
      <p className="verdict">{qualityAnswer(score.strict, score.lenient)}</p>
      {shown.hardStops.length > 0 && (
        <ul className="limits">
          {shown.hardStops.map((stop) => (
            <li key={stop}>{stop}</li>
          ))}
        </ul>
      )}
      <BestNext assessment={shown} />
      <nav aria-label="Reading of disputed items" className="segments">
        <Link to={path} isCurrent={!isLenient}>
          Strict: {score.strict.total}
        </Link>
        <Link to={`${path}?reading=lenient`} isCurrent={isLenient}>
          Lenient: {score.lenient.total}
        </Link>
      </nav>
      <FigureView
        key={shown.policy}
        title={`${NAME}, ${shown.policy} reading`}
        draw={draw}
        widest={1120}
        records={<Digest digest={score.digest} label="assessment" />}
      />
      <h2>Item by item</h2>
      <ol className="items">
        {shown.items.map((item) => (
          <ItemView key={item.id} item={item} />
        ))}
      </ol>
    </>
  );
}

function BestNext({ assessment }: { readonly assessment: Assessment }) {
  const next = assessment.items
    .filter((item) => item.nextPoint)
    .sort((a, b) => (b.nextPoint?.gain ?? 0) - (a.nextPoint?.gain ?? 0) || a.number - b.number)
    .slice(0, 3);
  if (next.length === 0) return null;
  return (
    <section className="notice next">
      <h2>What would earn most</h2>
      <ul>
        {next.map((item) => (
          <li key={item.id}>
            <b className="gain">+{item.nextPoint?.gain}</b> {item.nextPoint?.action}.{' '}
            <a href={`#item-${item.number}`}>
              Item {item.number}
              <span className="hidden">, {item.title}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

const LOOKS: Readonly<Record<Item['state'], readonly [tone: string, sign: string, word: string]>> = {
  PROVEN: ['good', '✓', 'proven'],
  CLAIMED: ['wait', '…', 'claimed'],
  CONTESTED: ['bad', '!', 'contested'],
  NOT_MET: ['none', '–', 'not met'],
  NOT_APPLICABLE: ['none', '·', 'not applicable'],
};

function ItemView({ item }: { readonly item: Item }) {
  const [tone, sign, word] = LOOKS[item.state];
  return (
    <li id={`item-${item.number}`}>
      <div className="item-head">
        <h3>
          {item.number}. {item.title}
        </h3>
        <span className="points">
          <b>{signed(item.points)}</b> of {item.maxPoints}
        </span>
        <Chip tone={tone} sign={sign}>
          {word}
        </Chip>
      </div>
      <p>{item.reason}</p>
      {item.nextPoint && (
        <p className="soft">
          Worth {item.nextPoint.gain} more: {item.nextPoint.action}.
        </p>
      )}
      {item.evidence.length > 0 && (
        <details>
          <summary>
            {item.evidence.length} {item.evidence.length === 1 ? 'record' : 'records'}
            <span className="hidden"> of item {item.number}</span>
          </summary>
          <ul className="records">
            {item.evidence.map((record) => (
              <li key={`${record.kind} ${record.id} ${record.digest}`}>
                {record.kind} {record.id} <Hash hash={record.digest} label={`${record.kind} ${record.id}`} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

function signed(points: number): string {
  return points < 0 ? `−${-points}` : String(points);
}
