import { parseHTML } from 'linkedom';
import { renderStudyReport, verdictOf, type StudyReport } from './index.js';
import { digestOf, estimateOf, notEstimable, sample } from './study-report.fixture.js';

interface TestElement {
  readonly textContent: string;
  readonly tagName: string;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<TestElement>;
}
interface TestDocument extends TestElement {
  createElementNS(namespace: string, name: string): unknown;
}
// linkedom's own types want a DOM library.
const parse = (html: string) => (parseHTML as unknown as (text: string) => { document: TestDocument })(html).document;
const render = (report: StudyReport) => renderStudyReport(report, { document: parse('<html></html>') });
const pageOf = (report: StudyReport) => parse(render(report));
const all = (page: TestElement, selector: string) => [...page.querySelectorAll(selector)];
const textOf = (report: StudyReport) => all(pageOf(report), 'body')[0]?.textContent.replace(/\s+/g, ' ') ?? '';

const { validation, rqs, harmonization, leakAudit, model } = sample;
if (!validation?.pooled || !rqs || !harmonization || !leakAudit || !model) throw new Error('the sample is whole');
const pooled = validation.pooled;
const withPooled = (change: Partial<typeof pooled>): StudyReport => ({
  ...sample,
  validation: { ...validation, pooled: { ...pooled, ...change } },
});
/** A study that has only begun. */
const empty: StudyReport = {
  ...sample,
  extraction: null,
  scannerEffect: null,
  harmonization: null,
  model: null,
  validation: null,
  leakAudit: null,
  rqs: null,
};

describe('renderStudyReport', () => {
  it('is one page that asks for nothing: no script, no outside address, the same bytes each time', () => {
    const page = render(sample);
    expect(page).toBe(render(sample));
    expect(page).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(page).not.toMatch(/<script|<link(?! rel="icon" href="data:,")|@import|url\(|undefined|NaN/);
    const addresses = all(pageOf(sample), '[src], [href]').map((e) => e.getAttribute('src') ?? e.getAttribute('href'));
    expect(addresses.every((address) => /^(#|data:)/.test(address ?? ''))).toBe(true);
  });

  it('answers first, in a sentence with interval and n', () => {
    const page = pageOf(sample);
    const verdict = all(page, '.verdict')[0]?.textContent;
    expect(verdict).toBe(
      'In two hospitals that never saw the model, it discriminates: AUC 0.81 (0.69–0.89), 48 patients, 19 events.',
    );
    expect(textOf(sample)).toContain(
      'It over-predicts: 1.4 times the observed risk (observed over expected events 0.72, 0.54–0.97)',
    );
  });

  it('links every digest to its row in the table of records, and no row is named twice', () => {
    const page = pageOf(sample);
    const rows = all(page, 'tr[id]').map((row) => row.getAttribute('id'));
    expect(new Set(rows).size).toBe(rows.length);
    const links = all(page, 'a.digest').map((link) => link.getAttribute('href'));
    expect(links.length).toBeGreaterThan(40);
    expect(new Set(links)).toEqual(new Set(rows.map((id) => `#${id}`)));
    const records = [pooled.digest, sample.scannerEffect?.digest, model.lockDigest, leakAudit.digest, rqs.digest];
    for (const digest of [...records, sample.audit.headHash]) expect(rows).toContain(`record-${digest}`);
  });

  it('marks every row of the results with its record', () => {
    const tables = all(pageOf(sample), 'main > section table').filter((t) =>
      /record/.test(all(t, 'thead')[0]?.textContent ?? ''),
    );
    expect(tables.length).toBeGreaterThanOrEqual(6);
    for (const table of tables) {
      for (const row of all(table, 'tbody tr')) {
        const isEmptyItem = /not met|not reported|not applicable/.test(row.textContent);
        expect(all(row, 'a.digest').length > 0 || isEmptyItem).toBe(true);
      }
    }
  });

  it('keeps all digits behind a rounded number', () => {
    const cell = all(pageOf(withPooled({ auc: estimateOf(0.8123456, 0.69, 0.89) })), 'data').find(
      (d) => d.getAttribute('value') === '0.8123456',
    );
    expect(cell?.textContent).toBe('0.81 (0.69–0.89)');
    expect(cell?.getAttribute('title')).toContain('0.8123456, 95 % interval 0.69 to 0.89; DeLong');
  });

  it('says why a number is missing, in its place', () => {
    expect(textOf(sample)).toContain('not estimable: a prediction interval needs three sites or more, there are 2');
    const remark = { ...estimateOf(0.8, 0, 1), interval: null, reason: 'one event only' };
    expect(textOf(withPooled({ auc: remark }))).toContain('0.80 one event only');
  });

  it('has one first heading, then sections in order, each table with a caption, each picture with a name', () => {
    const page = pageOf(sample);
    const levels = all(page, 'h1, h2, h3').map((h) => Number(h.tagName[1]));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.forEach((level, index) => expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1));
    for (const table of all(page, 'table')) expect(all(table, 'caption')).toHaveLength(1);
    const pictures = all(page, 'svg');
    expect(pictures.length).toBe(2 * 5 + 3);
    for (const picture of pictures) expect(picture.getAttribute('aria-label')?.length).toBeGreaterThan(5);
  });

  it('writes whatever people typed as text', () => {
    const hostile = '<img src=x onerror=alert(1)>"\'&';
    const report: StudyReport = {
      ...withPooled({ auc: notEstimable(hostile) }),
      study: { ...sample.study, title: hostile, outcome: hostile, id: hostile },
      sites: sample.sites.map((site) => ({
        ...site,
        name: hostile,
        scanners: [{ manufacturer: hostile, model: null, kernel: null }],
      })),
    };
    const page = render(report);
    expect(page).not.toContain('<img');
    expect(all(parse(page), 'h1')[0]?.textContent).toBe(hostile);
    expect(all(parse(page), '[onerror]')).toHaveLength(0);
  });

  it('offers the numbers behind a figure as CSV with all digits', () => {
    const link = all(pageOf(sample), 'a[download="auc-by-site.csv"]')[0]?.getAttribute('href') ?? '';
    const csv = decodeURIComponent(link.replace('data:text/csv;charset=utf-8,', ''));
    expect(csv.split('\r\n').slice(0, 2)).toEqual([
      'site,patients,events,AUC,lower,upper,reason',
      'site-d,24,10,0.86,0.65,0.95,',
    ]);
  });

  it('counts the patients who could not be judged, and says why', () => {
    const { validation } = sample;
    if (!validation) throw new Error('the sample has a validation');
    expect(textOf(sample)).not.toContain('left out of all this');
    const dropped = { missingScore: 2, missingOutcome: 1 };
    expect(textOf({ ...sample, validation: { ...validation, dropped } })).toContain(
      '3 more patients are left out of all this: 2 without a feature that the model needs, 1 without an outcome.',
    );
  });

  it('says why the mean of few sites is uncertain, as long as they are few', () => {
    const [first, second] = validation.perSite;
    if (!first || !second) throw new Error('the sample has two external sites');
    const withSites = (count: number): StudyReport => {
      const codes = Array.from({ length: count }, (_, k) => `site-${k}`);
      return {
        ...sample,
        sites: codes.map((code) => ({ ...sample.sites[0], code, role: 'externalValidation' })),
        validation: { ...validation, perSite: codes.map((site) => ({ ...first, site })) },
      };
    };
    expect(textOf(sample)).toContain('Two sites cannot tell how much hospitals differ');
    expect(textOf(sample)).toContain('0.000 (0.000–4.100) two sites cannot tell');
    expect(textOf(withSites(3))).toContain('3 sites tell little about how much hospitals differ');
    expect(textOf(withSites(3))).not.toContain('cannot tell');
    expect(textOf(withSites(5))).not.toContain('Why so wide?');
    const alone = { ...second, auc: notEstimable('no patient with an event') };
    expect(textOf({ ...sample, validation: { ...validation, perSite: [first, alone] } })).not.toContain('Why so wide?');
    expect(textOf({ ...sample, validation: { ...validation, withinSiteAuc: notEstimable('no pairs') } })).not.toContain(
      'read AUC within sites',
    );
  });

  it('leaves no hole among calibration plots: a row for all together and for an odd last site', () => {
    const names = (report: StudyReport) =>
      all(pageOf(report), 'figure.lone svg').map((svg) => svg.getAttribute('aria-label'));
    expect(names(sample)).toEqual(['Calibration at all external sites']);
    const odd = { ...sample, validation: { ...validation, perSite: validation.perSite.slice(0, 1) } };
    expect(names(odd)).toEqual(['Calibration at all external sites', 'Calibration at site-d']);
  });

  it('names the first and the last of many seeds, and a record once by its most exact name', () => {
    const seeds = ['1/0', '1/1', '1/2'];
    expect(textOf({ ...sample, leakAudit: { ...leakAudit, seeds } })).toContain('seeds 1/0 to 1/2');
    const rows = all(pageOf(sample), 'table.records tbody th').map((row) => row.textContent.trim());
    const labels = rows.flatMap((row) => row.split('; '));
    expect(labels).not.toContain('validation run');
    expect(labels).toEqual(expect.arrayContaining(['validation run, all external', 'validation run, site-d']));
  });

  it('says that ledgers are not known instead of a column of dashes', () => {
    const without = { ...sample, sites: sample.sites.map((site) => ({ ...site, ledgerHead: null })) };
    const heads = (report: StudyReport) => all(pageOf(report), 'th[scope="col"]').map((th) => th.textContent.trim());
    expect(heads(sample)).toContain('ledger');
    expect(heads(without)).not.toContain('ledger');
    expect(textOf(without)).toContain('the hub does not know the heads of these ledgers');
  });

  it('explains the quality score and the states it uses', () => {
    expect(textOf(sample)).toContain('they do not say that the model helps a patient');
    expect(textOf(sample)).toContain('not met: nothing on record earns a point');
    expect(textOf(sample)).toContain('7 points: register and run a prospective validation (item 11,');
  });

  it('says that the lock came before the outcomes only where recorded times show it', () => {
    const opened = (time: string | null): StudyReport => ({
      ...sample,
      validation: {
        ...validation,
        perSite: validation.perSite.map((cohort) => ({ ...cohort, outcomesOpenedAt: time })),
      },
    });
    expect(textOf(sample)).toContain('cut-off before any external outcome was opened.');
    expect(textOf(opened('2026-11-23T12:58:00Z'))).toContain(
      'cut-off, after outcomes of an external hospital were opened.',
    );
    expect(textOf(opened(null))).toContain('locked with its harmonization and cut-off.');
    const leaked: StudyReport = { ...sample, harmonization: { ...harmonization, fittedOn: ['site-a', 'site-d'] } };
    expect(textOf(leaked)).toContain('Patients of site-d, meant for validation, took part in the fit.');
  });

  it('tells when differences between hospitals make part of the pooled result', () => {
    const within = (value: number): StudyReport => ({
      ...sample,
      validation: { ...validation, withinSiteAuc: estimateOf(value, 0.5, 0.9) },
    });
    expect(textOf(within(0.7))).toContain(
      'ranks 70 of 100 pairs in the right order, against 81 over all pairs: differences',
    );
    expect(textOf(within(0.79))).toContain('ranks 79 of 100 pairs in the right order, against 81 over all pairs.');
  });

  it('prints a study that has only begun, saying what is missing', () => {
    const text = textOf(empty);
    for (const sentence of [
      'The model has not been validated at any hospital that never saw it.',
      'No external hospital has been validated yet.',
      'Differences between scanners were not measured.',
      'No model has been locked.',
      'The study has not been scored.',
    ]) {
      expect(text).toContain(sentence);
    }
  });

  it('prints the parts that may be absent, and unusual values', () => {
    const report: StudyReport = {
      ...sample,
      study: { ...sample.study, modality: null, frozenAt: 'not frozen' },
      sites: sample.sites.map((site) => ({ ...site, eventCount: null, ledgerHead: null, scanners: [] })),
      extraction: sample.extraction && { ...sample.extraction, preset: null },
      scannerEffect: sample.scannerEffect && { ...sample.scannerEffect, pca: null },
      harmonization: {
        ...harmonization,
        isTransductive: true,
        preservedCovariates: [],
        newSites: [],
        warnings: ['Two batches differ in age.'],
      },
      leakAudit: { ...leakAudit, meanAuc: 0.7, interval: [0.6, 0.8] },
      validation: {
        ...validation,
        meta: null,
        bootstrap: null,
        decisionCurve: null,
        withinSiteAuc: notEstimable('no pairs'),
      },
      rqs: {
        ...rqs,
        strict: { ...rqs.strict, hardStops: ['Features were selected on rows meant for validation.'] },
        lenient: rqs.strict,
      },
    };
    const text = textOf(report);
    for (const words of [
      'frozen not frozen',
      'not opened',
      'not recorded',
      'It is transductive',
      'preserving no covariate',
      'Two batches differ in age.',
      'information leaks',
      'No decision curve is on record.',
      'could not be estimated: no pairs',
      'Features were selected on rows meant for validation.',
      'The lenient reading gives the same.',
    ]) {
      expect(text).toContain(words);
    }
    const none = { testedCount: 0, affectedCount: 0, share: null, meanEtaSquared: null };
    const untested = sample.scannerEffect && { ...sample.scannerEffect, before: none, after: none };
    expect(textOf({ ...report, scannerEffect: untested, leakAudit: null })).toContain('No leak audit is on record.');
  });
});

describe('verdictOf', () => {
  const headline = (auc: typeof pooled.auc) => verdictOf(withPooled({ auc })).headline;
  const calibration = (ratio: typeof pooled.auc, slope = estimateOf(1, 0.5, 1.5)) =>
    verdictOf(withPooled({ observedOverExpected: ratio, calibrationSlope: slope })).calibration;

  it('claims discrimination only where the interval excludes a coin toss', () => {
    expect(headline(estimateOf(0.7, 0.51, 0.85))).toContain('it discriminates: AUC 0.70');
    expect(headline(estimateOf(0.7, 0.5, 0.85))).toContain('it is not shown to discriminate: AUC 0.70');
    expect(headline(estimateOf(0.3, 0.1, 0.49))).toContain('the wrong way round');
    expect(headline({ ...estimateOf(0.7, 0, 1), interval: null })).toContain('uncertain: AUC 0.70, no interval');
    expect(headline(notEstimable('no patient with an event'))).toContain(
      'could not be estimated (no patient with an event)',
    );
  });

  it('claims miscalibration only where the interval excludes a ratio or slope of 1', () => {
    expect(calibration(estimateOf(0.5, 0.3, 0.99))).toContain('It over-predicts: 2.0 times the observed risk');
    expect(calibration(estimateOf(2, 1.2, 3))).toContain('It under-predicts: 0.5 times the observed risk');
    expect(calibration(estimateOf(0.8, 0.6, 1))).toContain('not shown to be wrong on average');
    expect(calibration(notEstimable('separation'))).toContain('could not be estimated (separation)');
    expect(calibration(estimateOf(0, 0, 0.9))).toContain('events where there were none');
    expect(calibration(estimateOf(1, 0.8, 1.2), estimateOf(0.6, 0.4, 0.9))).toContain(
      'too extreme: the high ones are too high, the low ones too low (calibration slope 0.60',
    );
    expect(calibration(estimateOf(1, 0.8, 1.2), estimateOf(1.6, 1.2, 2))).toContain(
      'Its risks are too timid: pulled together',
    );
    expect(calibration(estimateOf(1, 0.8, 1.2), notEstimable('separation'))).not.toContain('slope');
  });

  it('says in words that risks far too steep or flat are far too timid or extreme, with the risks given', () => {
    const timid = verdictOf(
      withPooled({
        observedOverExpected: estimateOf(1, 0.8, 1.2),
        calibrationSlope: estimateOf(8.65, 3.5, 13.8),
        calibrationGroups: [
          { predicted: 0.468, observed: 0, interval: null, patientCount: 10 },
          { predicted: 0.553, observed: 0.8, interval: null, patientCount: 10 },
        ],
      }),
    ).calibration;
    expect(timid).toContain('far too timid: pulled together');
    expect(timid).toContain('it predicts 47 to 55 %; 0 and 80 % had the event. Recalibrate before use.');
    expect(calibration(estimateOf(1, 0.8, 1.2), estimateOf(0.4, 0.2, 0.6))).toContain('far too extreme');
    expect(calibration(estimateOf(1, 0.8, 1.2), estimateOf(1.6, 1.2, 2))).not.toContain('far');
    const bare = withPooled({ calibrationSlope: estimateOf(3, 2, 4), calibrationGroups: [] });
    expect(verdictOf(bare).calibration).not.toContain('group');
  });

  it('mentions a slope that may be right without advising recalibration', () => {
    const doubtful = calibration(estimateOf(1, 0.8, 1.2), estimateOf(1.12, 0.41, 1.82));
    expect(doubtful).toContain('Nor are they shown to be too extreme or too timid (calibration slope 1.12, 0.41–1.82');
    expect(doubtful).not.toContain('Recalibrate');
    const high = calibration(estimateOf(0.5, 0.3, 0.9), estimateOf(1.12, 0.41, 1.82));
    expect(high).toContain('Its risks are not shown to be too extreme or too timid');
    expect(high).toMatch(/Recalibrate before use\.$/);
  });

  it('does not count development sites as hospitals that never saw the model', () => {
    const own = { ...pooled, site: 'site-a', digest: digestOf('own') };
    const report: StudyReport = { ...sample, validation: { ...validation, pooled: null, perSite: [own] } };
    expect(verdictOf(report).headline).toBe('The model has not been validated at any hospital that never saw it.');
  });

  it('speaks for one external site alone, and for several that were not pooled', () => {
    const one: StudyReport = {
      ...sample,
      validation: { ...validation, pooled: null, perSite: validation.perSite.slice(0, 1) },
    };
    expect(verdictOf(one).headline).toContain('In one hospital that never saw the model, it discriminates: AUC 0.86');
    const two: StudyReport = { ...sample, validation: { ...validation, pooled: null } };
    expect(verdictOf(two).headline).toContain(
      'validated in two hospitals that never saw it; their results were not pooled',
    );
  });

  it('warns of few events only when they are few, and of a harmonization that saw its patients', () => {
    expect(verdictOf(sample).limits.join(' ')).toContain('19 events are few');
    expect(verdictOf(withPooled({ eventCount: 100 })).limits.join(' ')).not.toContain('are few');
    const transductive = { ...sample, harmonization: { ...harmonization, isTransductive: true } };
    expect(verdictOf(transductive).limits.join(' ')).toContain('claims on independence do not hold');
  });
});
