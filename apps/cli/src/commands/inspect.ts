import { inspectPath, type Finding } from '../extract/inspect.js';
import { addExamples, type Configure } from '../lib/command.js';
import { EXIT } from '../lib/errors.js';

export const configure: Configure = (command, cli) => {
  command.argument('<path...>', 'files, or folders of DICOM files').action((paths: string[]) => {
    const findings = paths.flatMap(inspectPath);
    if (cli.isJson) cli.printJson(findings);
    else cli.print(findings.map(describe).join('\n'));
    const refused = findings.filter(({ kind }) => kind === 'refused').length;
    if (refused > 0) cli.exitCode = refused === findings.length ? EXIT.inputRefused : EXIT.doneInPart;
  });
  addExamples(
    command,
    'concord inspect docs/examples/ball.nii.gz docs/examples/ball-mask.nii.gz',
    'concord inspect docs/examples/ball-mask.nii.gz --json',
  );
};

function describe(finding: Finding): string {
  const lines = [`${finding.path}: ${[finding.kind, finding.modality, finding.label].filter(Boolean).join(', ')}`];
  if (finding.fileCount !== undefined && finding.fileCount > 1) lines.push(`files     ${finding.fileCount}`);
  if (finding.shape) lines.push(`voxels    ${finding.shape.join(' x ')}`);
  if (finding.spacingMm)
    lines.push(`spacing   ${finding.spacingMm.map((mm) => Number(mm.toPrecision(6))).join(' x ')} mm`);
  if (finding.unit) lines.push(`unit      ${finding.unit}`);
  if (finding.regions && finding.regions.length > 0) lines.push(`regions   ${finding.regions.join(', ')}`);
  for (const warning of finding.warnings ?? []) lines.push(`warning   ${warning}`);
  if (finding.error) lines.push(`${finding.error.code}  ${finding.error.what}`, `fix       ${finding.error.fix}`);
  return lines.join('\n  ');
}
