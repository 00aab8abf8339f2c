import { link, rect, text } from '@observablehq/plot';
import { draw, GROUND, widthOf, type Figure, type FigureOptions } from './figure.js';
import { siteStyles } from './palette.js';
import { bytesWords, count } from './words.js';

export interface NetworkData {
  readonly hub: string;
  readonly sites: readonly {
    readonly code: string;
    readonly name: string;
    /** In words: `released`, `waits for approval`. */
    readonly state: string;
    /** Everything that left the site. */
    readonly bytesReleased: number;
    readonly patientCount: number | null;
    /** `development` or `external validation`. */
    readonly role: string;
    /** Age of the last contact in words; null when never. */
    readonly lastContact: string | null;
  }[];
}

const ROW = 58;

/** Sites on the left, the hub on the right; on each line what left the site, under each name its state. */
export function networkFigure(data: NetworkData, options: FigureOptions): Figure {
  const { width, isNarrow } = widthOf(options);
  const styles = siteStyles(data.sites.map((site) => site.code));
  const box = isNarrow ? 196 : 440;
  const hubLeft = width - (isNarrow ? 60 : 100);
  const height = Math.max(1, data.sites.length) * ROW + 16;
  const middle = height / 2;
  const sites = data.sites.map((site, index) => ({
    ...site,
    y: 8 + index * ROW + ROW / 2,
    colour: styles.get(site.code)?.colour ?? 'currentColor',
    opacity: site.bytesReleased > 0 ? 1 : 0.3,
    head: isNarrow ? site.code : `${site.code} · ${site.name}`,
    below: [
      ...(isNarrow ? [] : [site.role]),
      ...(site.patientCount === null || isNarrow ? [] : [count(site.patientCount, 'patient')]),
      site.state,
      ...(site.lastContact === null || isNarrow ? [] : [`seen ${site.lastContact}`]),
    ].join(' · '),
    bytes: bytesWords(site.bytesReleased),
  }));
  const alternative = sites.map((s) => `${s.code} (${s.role}): ${s.state}, ${s.bytes} left the site.`).join(' ');
  const svg = draw(options.document, 'Sites and hub', alternative, {
    width,
    height,
    margin: 0,
    x: { domain: [0, width], range: [0, width], axis: null },
    y: { domain: [0, height], range: [0, height], axis: null },
    marks: [
      link(sites, {
        x1: box,
        y1: 'y',
        x2: hubLeft,
        y2: (s: { y: number }) => middle + (s.y - middle) * 0.25,
        stroke: 'colour',
        strokeWidth: 2,
        strokeOpacity: 'opacity',
      }),
      rect(sites, {
        x1: 1,
        x2: box,
        y1: (s: { y: number }) => s.y - 23,
        y2: (s: { y: number }) => s.y + 23,
        stroke: 'currentColor',
        strokeOpacity: 0.35,
        fill: 'none',
        rx: 4,
      }),
      rect(sites, {
        x1: 1,
        x2: 7,
        y1: (s: { y: number }) => s.y - 23,
        y2: (s: { y: number }) => s.y + 23,
        fill: 'colour',
      }),
      text(sites, { x: 16, y: 'y', text: 'head', textAnchor: 'start', dy: -9, fontWeight: 600 }),
      text(sites, { x: 16, y: 'y', text: 'below', textAnchor: 'start', dy: 10, fillOpacity: 0.85 }),
      text(sites, {
        x: (box + hubLeft) / 2,
        y: (s: { y: number }) => s.y + (middle - s.y) * 0.375,
        text: 'bytes',
        fontVariant: 'tabular-nums',
        stroke: GROUND,
        strokeWidth: 6,
        fill: 'currentColor',
      }),
      rect([0], {
        x1: hubLeft,
        x2: width - 1,
        y1: 8,
        y2: height - 8,
        stroke: 'currentColor',
        strokeOpacity: 0.6,
        fill: 'none',
        rx: 4,
      }),
      text([data.hub], { x: (hubLeft + width) / 2, y: middle, text: [data.hub], fontWeight: 600 }),
    ],
  });
  const total = data.sites.reduce((sum, site) => sum + site.bytesReleased, 0);
  const caption = `What left each site: ${bytesWords(total)} in all, no image among them. ${count(data.sites.length, 'site')}.`;
  const table = {
    columns: ['site', 'name', 'role', 'state', 'patients', 'bytes released', 'last contact'],
    rows: data.sites.map((s) => [s.code, s.name, s.role, s.state, s.patientCount, s.bytesReleased, s.lastContact]),
  };
  return { svg, caption, alternative, table };
}
