import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const pages = [
  ...globSync('*.md', { cwd: ROOT }),
  ...globSync('{docs,bench}/**/*.md', { cwd: ROOT }),
  ...globSync('libs/*/README.md', { cwd: ROOT }),
].sort();

/** Folders that a path in backticks may begin with to be meant as one from the root. */
const FROM_ROOT = /^(apps|libs|docs|test|scripts|prisma|infra|bench)\/[\w./-]+$/;

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8').replace(/```[\s\S]*?```/g, '');

  it('links only to what is there', () => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target.split('#')[0]);
    const local = targets.filter((target) => target !== '' && !/^[a-z]+:/.test(target));
    expect(local.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
  });

  it('names only files that are there', () => {
    const paths = [...text.matchAll(/`([^`\n]+)`/g)].map(([, path]) => path).filter((path) => FROM_ROOT.test(path));
    expect(paths.filter((path) => !path.includes('/dist/') && !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

it('there are pages', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md', 'docs/tour.md']));
});
