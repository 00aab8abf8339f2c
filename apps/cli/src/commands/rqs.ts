import {
  findScheme,
  InvalidRecordError,
  legalPoints,
  readRecord,
  schemes,
  scoreRecord,
  type RecordScore,
  type Scheme,
  type SchemeItem,
} from '@concord/rqs';
import { addExamples, type Configure } from '../lib/command.js';
import { FileNotReadableError, naming, UsageError } from '../lib/errors.js';
import { readInputText } from '../lib/files.js';

export const configure: Configure = (command, cli) => {
  command
    .command('score')
    .description('check a record of answers against a quality score and add it up')
    .argument('<record>', 'JSON: {scheme, items: {id: points}, options: {id: [option]}, conditions}')
    .option('--scheme <name>', `${Object.keys(schemes).join(', ')}; otherwise the record's own`)
    .option('--policy <name>', 'how the answers were read: strict or lenient', 'strict')
    .action((path: string, options: { scheme?: string; policy: string }) => {
      const record = naming(path, () => readRecord(parseJson(path)));
      const scheme = findScheme(schemeOf(record.scheme, options.scheme, path));
      const policy = policyOf(options.policy);
      if (record.version !== undefined && record.version !== scheme.version) {
        throw new InvalidRecordError(
          `it answers version ${record.version} of ${scheme.id}, not ${scheme.version}`,
          path,
          'Use the record of this version, or leave the version out.',
        );
      }
      const score = scoreRecord(scheme, record);
      if (cli.isJson) {
        cli.printJson({ ...score, policy });
        return;
      }
      for (const item of score.items) {
        const options = item.options && item.options.length > 0 ? `  ${item.options.join(', ')}` : '';
        const points = 'total' in score ? `${pointsText(item.points)} of ${item.maxPoints}  ` : '';
        cli.print(`${item.id}  ${points}${item.title}${options}`);
      }
      cli.print(summaryOf(scheme, score));
    });
  command
    .command('explain')
    .description('say what an item of a quality score asks for')
    .argument('<scheme>', Object.keys(schemes).join(', '))
    .argument('[item]', 'its number or id; all items when absent')
    .action((name: string, wanted?: string) => {
      const scheme = findScheme(name);
      const items = wanted === undefined ? scheme.items : [itemNamed(scheme.items, wanted)];
      if (cli.isJson) cli.printJson(wanted === undefined ? items : items[0]);
      else cli.print(items.map(wanted === undefined ? lineOf : pageOf).join('\n'));
    });
  addExamples(
    command,
    'npx concord rqs score docs/examples/rqs1-record.json --scheme rqs1',
    'npx concord rqs explain rqs1 12',
  );
};

function summaryOf(scheme: Scheme, score: RecordScore): string {
  if ('band' in score)
    return `${scheme.title}: ${score.percent} % (${score.band}), of weight ${score.applicableWeight}`;
  if ('total' in score) {
    const sentence = `${scheme.title}: ${score.total} of ${score.maxPoints} points, ${score.percent} %`;
    if (score.readiness === undefined) return sentence;
    const { track, level, completeThrough } = score.readiness;
    return `${sentence} (${track}, levels 1 to ${level}; every item has a point up to level ${completeThrough})`;
  }
  const { reportedCount, partlyCount, notReportedCount, notApplicableCount } = score;
  const partly = partlyCount > 0 ? `, ${partlyCount} partly` : '';
  return `${scheme.title}: ${reportedCount} reported${partly}, ${notReportedCount} not, ${notApplicableCount} do not apply`;
}

function parseJson(path: string): unknown {
  const text = readInputText(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FileNotReadableError('this is not JSON', path, 'Write the record as a JSON object.', { cause: error });
  }
}

function schemeOf(own: string | undefined, asked: string | undefined, path: string): string {
  if (own !== undefined && asked !== undefined && own !== asked) {
    throw new InvalidRecordError(`it answers ${own}, not ${asked}`, path, `Score it with --scheme ${own}.`);
  }
  const name = asked ?? own;
  if (name !== undefined) return name;
  throw new UsageError('which score the record answers is not said', path, 'Say it with --scheme rqs1.');
}

function policyOf(name: string): 'strict' | 'lenient' {
  if (name === 'strict' || name === 'lenient') return name;
  throw new UsageError(`there is no policy ${name}`, '--policy', 'Choose strict or lenient.');
}

function itemNamed(items: readonly SchemeItem[], wanted: string): SchemeItem {
  const item = items.find(({ id, number }) => id === wanted || String(number) === wanted);
  if (item) return item;
  const numbers = `${items[0]?.number} to ${items.at(-1)?.number}`;
  throw new UsageError(`there is no item ${wanted}`, 'item', `Items are numbered ${numbers}.`);
}

function pointsText(points: number): string {
  return String(points).padStart(2);
}

function lineOf(item: SchemeItem): string {
  return `${String(item.number).padStart(2)}  ${item.title} (${legalPoints(item).join(', ')})`;
}

function pageOf(item: SchemeItem): string {
  const indent = (lines: readonly string[]) => lines.map((line) => `  ${line}`);
  const { humanStatement, predicates } = item.evidence;
  return [
    `${item.id}  ${item.title}`,
    '',
    item.description,
    '',
    item.selection === 'single' ? 'One of:' : 'Any of, added up:',
    ...indent(item.options.map((option) => `${pointsText(option.points)}  ${option.id}: ${option.label}`)),
    '',
    'What shows it:',
    ...indent([...predicates, ...(humanStatement === null ? [] : [`statement: ${humanStatement}`])]),
    ...(item.policy ? ['', `strict:  ${item.policy.strict}`, `lenient: ${item.policy.lenient}`] : []),
    ...(item.ambiguities.length > 0 ? ['', 'Disputed:', ...indent(item.ambiguities)] : []),
  ].join('\n');
}
