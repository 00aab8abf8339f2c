import type { FigureDocument } from '@concord/figures';
import { fileName, renderValidationReport, validationFigures, type ValidationReport } from '@concord/reports';
import { parseHTML } from 'linkedom';

/** Width of a figure as a file of its own, px. */
const WIDTH = 720;

/** Contents of the report's files by name: `report.json`, `report.html` and each figure as SVG. */
export function reportFiles(report: ValidationReport): Map<string, string> {
  // linkedom's own types want a DOM library.
  const page = parseHTML('<!doctype html><html><body></body></html>') as unknown as { document: FigureDocument };
  const prefix = (score: string) => (report.scores.length > 1 ? `${fileName(score)}-` : '');
  const timeUnit = report.timeUnit ?? 'time';
  return new Map([
    ['report.json', `${JSON.stringify(report, null, 2)}\n`],
    ['report.html', renderValidationReport(report, page)],
    ...report.scores.flatMap((score) =>
      validationFigures(score, { document: page.document, timeUnit }).map(({ name, draw }): [string, string] => [
        `${prefix(score.score)}${name}.svg`,
        `${draw(WIDTH).svg}\n`,
      ]),
    ),
  ]);
}
