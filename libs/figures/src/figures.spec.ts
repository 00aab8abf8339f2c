import fc from 'fast-check';
import {
  bytesWords,
  calibrationFigure,
  count,
  decisionCurveFigure,
  estimateWords,
  featureEffectsFigure,
  fixed,
  forestFigure,
  grouped,
  intervalWords,
  listOf,
  networkFigure,
  pcaFigure,
  riskDistributionFigure,
  scoreFigure,
  siteStyles,
  survivalFigure,
  type Figure,
} from './index.js';
import {
  calibration,
  decision,
  distribution,
  document,
  effects,
  forest,
  network,
  page,
  pca,
  quality,
  ratioForest,
  sites,
  smoothCalibration,
  survival,
} from './samples.fixture.js';

type Draw = (width?: number, doc?: typeof document) => Figure;
const options = (width?: number, doc = document) => ({ document: doc, ...(width !== undefined && { width }) });
const figures: [string, Draw][] = [
  ['pca', (w, d) => pcaFigure(pca, options(w, d))],
  ['feature effects', (w, d) => featureEffectsFigure(effects, options(w, d))],
  ['forest', (w, d) => forestFigure(forest, options(w, d))],
  ['calibration', (w, d) => calibrationFigure(calibration, options(w, d))],
  ['decision curve', (w, d) => decisionCurveFigure(decision, options(w, d))],
  ['forest of ratios', (w, d) => forestFigure(ratioForest, options(w, d))],
  ['smooth calibration', (w, d) => calibrationFigure(smoothCalibration, options(w, d))],
  ['survival', (w, d) => survivalFigure(survival, options(w, d))],
  ['risk distribution', (w, d) => riskDistributionFigure(distribution, options(w, d))],
  ['network', (w, d) => networkFigure(network, options(w, d))],
  ['score', (w, d) => scoreFigure(quality, options(w, d))],
];

/** The elements of a drawn picture. */
function elements(svg: string, selector: string) {
  return [...page(svg).querySelectorAll(selector)];
}
/** Where the text that starts so stands, by its own place and those of the groups that hold it. */
function placeOf(svg: string, words: string): { x: number; y: number } {
  let element = elements(svg, 'text').find((t) => t.textContent.startsWith(words)) ?? null;
  if (!element) throw new Error(`no text ${words}`);
  let [x, y] = [0, 0];
  for (; element; element = element.parentElement) {
    const place = /translate\(([\d.-]+),([\d.-]+)\)/.exec(element.getAttribute('transform') ?? '');
    x += Number(place?.[1] ?? 0);
    y += Number(place?.[2] ?? 0);
  }
  return { x, y };
}
const texts = (svg: string) => elements(svg, 'text').map((t) => t.textContent);

describe.each(figures)('the %s figure', (_name, draw) => {
  it('is the same for the same data, in another document too', () => {
    expect(draw(720, page())).toEqual(draw());
    expect(draw(350).svg).not.toEqual(draw().svg);
  });

  it.each([320, 350, 720, 1100])('fits any page at width %d: no id, style, class or script', (width) => {
    const { svg } = draw(width);
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).not.toMatch(/<(?!svg)[^>]*aria-label| id=| style=| class=|<style|<script|url\(|NaN|undefined|Infinity/);
  });

  it('names and describes itself, and carries its numbers as a table', () => {
    const { svg, caption, alternative, table } = draw();
    expect(elements(svg, 'svg')[0]?.getAttribute('role')).toBe('img');
    expect(elements(svg, 'title')[0]?.textContent).toBe(elements(svg, 'svg')[0]?.getAttribute('aria-label'));
    expect(elements(svg, 'desc')[0]?.textContent.length).toBeGreaterThan(20);
    expect(caption).toMatch(/\d.*\.$/s);
    expect(alternative).toMatch(/\d/);
    expect(table.rows.length).toBeGreaterThan(0);
    for (const row of table.rows) expect(row).toHaveLength(table.columns.length);
  });
});

describe('forestFigure', () => {
  const first = forest.rows[0];
  if (!first) throw new Error('no row');

  it('puts each square where the axis says its AUC is', () => {
    const { svg } = forestFigure(forest, options());
    const ticks = elements(svg, '[data-part="x-axis tick label"] text').map((t) => {
      const x = Number(/translate\(([\d.]+)/.exec(t.getAttribute('transform') ?? '')?.[1]);
      return { x, value: Number(t.textContent) };
    });
    const [low, high] = [ticks[0], ticks.at(-1)];
    if (!low || !high) throw new Error('no axis');
    const marks = elements(svg, '[data-part="dot"] path').map((p) => {
      const x = Number(/translate\(([\d.]+)/.exec(p.getAttribute('transform') ?? '')?.[1]);
      return low.value + ((x - low.x) / (high.x - low.x)) * (high.value - low.value);
    });
    expect(marks).toHaveLength(2);
    forest.rows.forEach((row, index) => expect(marks[index]).toBeCloseTo(row.auc.value ?? NaN, 2));
  });

  it('says why an AUC cannot be estimated in its place, and draws no mark for it', () => {
    const reason = 'no patient with an event';
    const row = { ...first, eventCount: 0, auc: { value: null, interval: null, reason } };
    const figure = forestFigure({ ...forest, rows: [row], pooled: null }, options());
    expect(texts(figure.svg)).toContain(reason);
    expect(elements(figure.svg, '[data-part="dot"] path')).toHaveLength(0);
    expect(figure.alternative).toContain('not estimable');
    expect(figure.table.rows[0]).toEqual(['site-d', 24, 0, null, null, null, reason]);
  });

  it('shows where one more site would lie', () => {
    const prediction = { value: 0.8, interval: [0.5, 0.95] as const, reason: null };
    const figure = forestFigure({ ...forest, prediction }, options());
    expect(texts(figure.svg)).toContain('one more site (95 %)');
    expect(figure.alternative).toContain('0.50–0.95');
  });

  it('writes hostile site names as text', () => {
    const site = '<script>alert("1")</script>&';
    const { svg } = forestFigure({ ...forest, sites: [site], rows: [{ ...first, site }] }, options());
    expect(svg).not.toContain('<script');
    expect(elements(svg, 'script')).toHaveLength(0);
    expect(texts(svg)).toContain(site);
  });
});

describe('the other figures', () => {
  it('counts affected features in the titles, and orders the table by the effect before', () => {
    const { svg, table } = featureEffectsFigure({ ...effects, features: [...effects.features].reverse() }, options());
    const before = effects.features.filter((f) => f.isAffectedBefore).length;
    const after = effects.features.filter((f) => f.isAffectedAfter).length;
    expect(texts(svg)).toEqual(
      expect.arrayContaining([`Before: ${before} of 80 affected`, `After: ${after} of 80 affected`]),
    );
    const etas = table.rows.map((row) => Number(row[1]));
    expect(etas).toEqual([...etas].sort((a, b) => b - a));
  });

  it('orders features of equal effect by name, and survives having none', () => {
    const feature = { etaSquaredBefore: 0.1, etaSquaredAfter: 0, isAffectedBefore: true, isAffectedAfter: false };
    const features = ['b', 'a'].map((name) => ({ ...feature, name }));
    const { table } = featureEffectsFigure({ ...effects, features }, options());
    expect(table.rows.map((row) => row[0])).toEqual(['a', 'b']);
    expect(featureEffectsFigure({ ...effects, features: [] }, options()).svg).not.toContain('NaN');
  });

  it('draws ellipses only where no patient may be shown, and names sites that coincide in a key', () => {
    const still = sites.map((site) => ({
      site,
      patientCount: 9,
      centre: [1, 1] as const,
      covariance: [1, 0, 1] as const,
      points: null,
    }));
    const { svg, table, caption } = pcaFigure({ ...pca, before: still, after: still }, options());
    expect(elements(svg, '[data-part="dot"] circle')).toHaveLength(3);
    expect(caption).not.toContain('mark for each patient');
    expect(table.rows).toHaveLength(10);
    // Once each, in the key: both panels are crowded.
    expect(texts(svg).filter((words) => sites.includes(words))).toEqual(sites);
    const apart = still.map((cloud, k) => ({ ...cloud, centre: [20 * k, 20 * k] as const }));
    const named = pcaFigure({ ...pca, before: apart, after: apart }, options());
    expect(texts(named.svg).filter((words) => sites.includes(words))).toHaveLength(10);
    expect(elements(named.svg, '[data-part="dot"] > *')).toHaveLength(0);
    const half = pcaFigure({ ...pca, before: apart, after: still }, options(350));
    expect(texts(half.svg).filter((words) => sites.includes(words))).toHaveLength(10);
    const none = pcaFigure({ ...pca, before: [], after: [] }, options());
    expect(none.svg).not.toContain('NaN');
    const flat = still.map((cloud) => ({ ...cloud, covariance: [0, 0, 0] as const }));
    expect(pcaFigure({ ...pca, before: flat, after: flat }, options()).svg).not.toContain('NaN');
  });

  it('says at how many declared thresholds the model is better than both simple policies', () => {
    const points = [0.1, 0.3, 0.5].map((threshold) => ({
      threshold,
      model: 0.1,
      all: threshold < 0.4 ? 0.2 : -0.2,
      interval: null,
    }));
    const { alternative } = decisionCurveFigure({ ...decision, points }, options());
    expect(alternative).toContain('at 1 of 2 thresholds between 0.20 and 0.60');
    expect(decisionCurveFigure({ ...decision, points: [] }, options()).svg).not.toContain('NaN');
  });

  it('draws calibration without a histogram or intervals, and as many bars as bins with one', () => {
    const bare = { ...calibration, histogram: null, groups: calibration.groups.map((g) => ({ ...g, interval: null })) };
    expect(elements(calibrationFigure(bare, options()).svg, '[data-part="rect"] rect')).toHaveLength(0);
    expect(elements(calibrationFigure(calibration, options()).svg, '[data-part="rect"] rect')).toHaveLength(20);
    expect(texts(calibrationFigure(calibration, options()).svg)).toContain('O:E 0.72 (0.54–0.97)');
  });

  it('writes the measures of calibration below the plot, where no curve can run', () => {
    const { svg } = calibrationFigure(calibration, options(350));
    const height = Number(/height="(\d+)"/.exec(svg)?.[1]);
    const heightOf = (words: string) => placeOf(svg, words).y;
    const axis = heightOf('Predicted risk');
    for (const words of ['O:E 0.72', 'slope 0.94', 'in the large']) {
      expect(heightOf(words)).toBeGreaterThan(axis + 10);
      expect(heightOf(words)).toBeLessThan(height - 10);
    }
  });

  it('reads a calibration curve where its interval allows, and says why a measure is missing', () => {
    const captionOf = (change: object) => calibrationFigure({ ...calibration, ...change }, options()).caption;
    const slope = (low: number, high: number) => ({ slope: { value: 1, interval: [low, high], reason: null } });
    expect(captionOf({})).toMatch(/^Fewer events than predicted\. Dots/);
    expect(captionOf(slope(1.1, 9))).toContain('steeper than the dashed line: the risks lie too close together.');
    expect(captionOf(slope(0.1, 0.9))).toContain('flatter than the dashed line: the risks are too extreme.');
    const more = { observedOverExpected: { value: 2, interval: [1.1, 3], reason: null } };
    expect(captionOf({ ...more, ...slope(0.9, 1.1) })).toMatch(/^More events than predicted\. Dots/);
    expect(captionOf({ slope: { value: null, interval: null, reason: 'separation' } })).toContain(
      'slope is not estimable: separation.',
    );
  });

  it('keeps titles clear of the panel above them on a phone', () => {
    const { svg } = pcaFigure(pca, options(350));
    const frames = elements(svg, '[data-part="frame"] rect, rect[data-part="frame"]');
    const upper = frames[0];
    if (!upper) throw new Error('no frame');
    const bottom = Number(upper.getAttribute('y')) + Number(upper.getAttribute('height'));
    expect(placeOf(svg, 'After harmonization').y - bottom).toBeGreaterThan(18);
  });

  it('breaks a net benefit that falls below the plot instead of drawing it along the floor', () => {
    const points = [0.1, 0.2, 0.3, 0.4].map((threshold, k) => ({
      threshold,
      model: [0.2, -1, -1, 0.1][k] ?? 0,
      all: 0.2 - k,
      interval: null,
    }));
    const { svg } = decisionCurveFigure({ ...decision, points }, options());
    const [model] = elements(svg, '[data-part="line"] path').map((path) => path.getAttribute('d') ?? '');
    expect(model?.match(/M/g)).toHaveLength(2);
  });

  it('leaves out stems where so many features would grow together to a block', () => {
    const many = Array.from({ length: 400 }, (_, k) => ({ ...effects.features[0], name: `f${k}` }));
    const stems = (features: typeof effects.features) =>
      elements(featureEffectsFigure({ ...effects, features }, options()).svg, '[data-part="rule"] line').length;
    expect(stems(effects.features)).toBe(160);
    expect(stems(many)).toBe(0);
  });

  it('tells sites and hub apart in words, for a site never heard of too', () => {
    const { svg, caption } = networkFigure(network, options());
    expect(texts(svg)).toContain('external validation · 24 patients · waits for approval');
    expect(caption).toContain('87.9 kB in all');
    const lone = { ...network, sites: network.sites.slice(4).map((site) => ({ ...site, patientCount: null })) };
    expect(texts(networkFigure(lone, options(350)).svg)).toContain('waits for approval');
  });

  it('writes points of every cell, negative ones with a real minus', () => {
    const items = quality.items.map((item) =>
      item.number === 12 ? { ...item, points: -5, state: 'NOT_MET' as const } : item,
    );
    const { svg } = scoreFigure({ ...quality, items }, options());
    expect(texts(svg)).toEqual(expect.arrayContaining(['−5/5', '3/3', '0/7']));
  });
});

describe('siteStyles', () => {
  it('keeps the colours of sites for sites: the model has another', () => {
    const used = [...siteStyles(Array.from({ length: 8 }, (_, k) => `site-${k}`)).values()].map((s) => s.colour);
    const model = /stroke="(#\w+)"/.exec(calibrationFigure(calibration, options()).svg)?.[1];
    expect(model).toBeDefined();
    expect(used).not.toContain(model);
  });

  it('gives 40 sites 40 different pairs of colour and shape, and keeps them when sites are added', () => {
    const names = Array.from({ length: 40 }, (_, k) => `site-${k}`);
    const styles = siteStyles(names);
    expect(new Set([...styles.values()].map((s) => `${s.colour} ${s.symbol}`)).size).toBe(40);
    expect(siteStyles(names.slice(0, 5)).get('site-3')).toEqual(styles.get('site-3'));
  });
});

describe('words', () => {
  it('writes numbers as people read them', () => {
    expect([fixed(-0.001), fixed(-1.5, 1), fixed(2)]).toEqual(['0.00', '−1.5', '2.00']);
    expect(intervalWords([-0.2, 0.4])).toBe('−0.20 to 0.40');
    expect(estimateWords({ value: 0.81, interval: [0.69, 0.89], reason: null })).toBe('0.81 (0.69–0.89)');
    expect(estimateWords({ value: 0.81, interval: null, reason: null })).toBe('0.81 (no interval)');
    expect([count(1, 'patient'), count(1322, 'feature')]).toEqual(['1 patient', '1,322 features']);
    expect([bytesWords(912), bytesWords(20480), bytesWords(1_300_000)]).toEqual(['912 B', '20.5 kB', '1.3 MB']);
    expect([listOf([]), listOf(['a']), listOf(['a', 'b']), listOf(['a', 'b', 'c'])]).toEqual([
      '',
      'a',
      'a and b',
      'a, b and c',
    ]);
  });

  it('groups digits without changing the number', () => {
    fc.assert(fc.property(fc.nat(), (n) => Number(grouped(n).replace(/,/g, '')) === n));
  });
});
