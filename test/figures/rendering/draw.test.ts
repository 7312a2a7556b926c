import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Figure, lineSample, type Mark, type Panel, runsOf } from '../../../figures/model.ts';
import { figureSvg } from '../../../figures/rendering/draw.ts';
import { figuresPage } from '../../../figures/rendering/html.ts';
import { apart, layOut } from '../../../figures/rendering/layout.ts';

const style = { colour: 'ednn' } as const;
const MARKS: readonly Mark[] = [
  { kind: 'line', runs: [[[0, 0]], [[1, 1]]], ...style, label: 'a' },
  { kind: 'points', points: [[0.5, 0.5]], ...style },
  {
    kind: 'points',
    points: [[1, 0.25]],
    ...style,
    symbol: 'eca',
    fill: 'empty',
    labels: [{ text: 'a < b', href: '/x?a=1&b=2' }],
  },
  { kind: 'intervals', along: 'y', spans: [[0.5, 0, 1]], ...style, role: 'interval' },
  { kind: 'bars', spans: [[0.5, -1]], ...style },
  { kind: 'band', low: 0.2, high: 0.4, ...style },
  { kind: 'rule', axis: 'y', at: 0.5, label: 'half', ...style },
  { kind: 'rule', axis: 'x', at: 0.5, label: 'middle', ...style },
  { kind: 'text', at: [0, 0], text: 'here', ...style },
];
const PANEL: Panel = {
  title: 'panel',
  description: 'what it shows',
  height: 142,
  x: { label: 'x / eV', domain: [0, 2] },
  y: { label: 'y', domain: [0, 1] },
  marks: MARKS,
};
const FIGURE: Figure = {
  id: 'one',
  title: 'A & B',
  caption: 'Caption.',
  panels: [PANEL, { ...PANEL, title: 'second' }],
  legend: [lineSample('line', 'soft', '2 2'), { kind: 'ramp', label: 'latent', low: '−1', high: '1' }],
  panelWidth: 300,
  table: () => ({ head: ['a', 'b,c'], rows: [[1 / 3, null]] }),
};

/** Checks that tags nest and attributes are quoted, as an XML parser would. */
function assertWellFormed(xml: string): void {
  const open: string[] = [];
  const rest = xml.replace(/<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g, (_, close, tag, __, empty) => {
    if (close) assert.equal(open.pop(), tag);
    else if (!empty) open.push(tag);
    return '';
  });
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest, /[<>]/);
  assert.doesNotMatch(xml, /&(?!amp;|lt;|gt;|quot;)/);
}

test('a figure becomes well-formed SVG with a title, a description and no missing number', () => {
  const text = figureSvg(FIGURE);
  assertWellFormed(text);
  assert.match(text, /^<svg [^>]*role="img" aria-labelledby="one-t one-d"/);
  assert.match(text, /<title id="one-t">A &amp; B<\/title><desc id="one-d">what it shows; what it shows<\/desc>/);
  assert.doesNotMatch(text, /NaN|undefined|var\(/);
  for (const word of ['x / eV', 'second', 'latent: −1 to 1', 'a &lt; b', '/x?a=1&amp;b=2']) assert.ok(text.includes(word), word);
});

test('ids differ from panel to panel, so that several fit on one page', () => {
  const ids = [...figureSvg(FIGURE).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
});

test('scales lead from data to pixels and back', () => {
  const { x, y, box } = layOut(PANEL, 300);
  assert.deepEqual([x(0), x(2), y(0), y(1)], [box.left, box.right, box.bottom, box.top]);
  assert.ok(Math.abs(x.invert(x(0.7)) - 0.7) < 1e-12);
  assert.deepEqual(
    y.ticks.map(({ label }) => label),
    ['0.0', '0.5', '1.0'],
  );
});

test('names take the place of ticks, and the room that they need', () => {
  const named: Panel = { ...PANEL, y: { label: '', domain: [-0.5, 1.5], names: ['short', 'a rather long name'] } };
  const wide = layOut(named, 600);
  assert.deepEqual(wide.y.ticks[1], { at: 1, label: 'a rather long name' });
  assert.ok(wide.letters >= 'a rather long name'.length);
  assert.ok(layOut(named, 200).box.left < 110, 'on a narrow page they are shortened');
});

test('labels that would overlap move apart', () => {
  assert.deepEqual(apart([10, 12, 50], 14), [10, 24, 50]);
  assert.deepEqual(apart([50, 12, 10], 14), [50, 24, 10]);
});

test('marks far outside a panel end near it', () => {
  const far: Mark = { kind: 'line', runs: [runsOf([0, 1], [0, -1e9])[0] ?? []], ...style };
  const text = figureSvg({ ...FIGURE, panels: [{ ...PANEL, marks: [far] }] });
  const paths = [...text.matchAll(/ d="([^"]+)"/g)].map(([, d]) => d ?? '').join(' ');
  const numbers = [...paths.matchAll(/\d+(?:\.\d+)?/g)].map(([number]) => Number(number));
  assert.ok(Math.max(...numbers) < 2000, String(Math.max(...numbers)));
});

test('curves are interrupted where values are missing', () => {
  assert.deepEqual(runsOf([1, 2, 3, 4], [5, null, Number.NaN, 6]), [[[1, 5]], [[4, 6]]]);
});

test('a page has each figure with its table and its CSV', () => {
  const page = figuresPage({ title: 'Page', sentences: ['One < two.'] }, [
    FIGURE,
    { ...FIGURE, id: 'bare', panels: [], legend: [] },
  ]);
  assert.equal([...page.matchAll(/<svg viewBox/g)].length, 2);
  assert.match(page, /<figure id="bare">[\s\S]*<details open>/);
  assert.ok(page.includes('One &lt; two.'));
  const csv = /base64,([^"]+)"/.exec(page)?.[1] ?? '';
  assert.equal(Buffer.from(csv, 'base64').toString(), 'a,"b,c"\n0.3333333,\n');
});

test('a logarithmic axis has round ticks, as many as fit, and equal distances for equal ratios', () => {
  const ticksOf = (domain: readonly [number, number], width = 500) => {
    const panel: Panel = { ...PANEL, x: { label: 'n', domain, scale: 'log' } };
    return layOut(panel, width).x.ticks.map(({ label }) => label);
  };
  assert.deepEqual(ticksOf([80, 1200]), ['100', '200', '500', '1000']);
  assert.deepEqual(ticksOf([0.002, 30]), ['0.01', '0.1', '1', '10']);
  assert.deepEqual(ticksOf([1e-9, 1e9]).length <= 6, true);
  // Less than a step of its decade.
  assert.deepEqual(
    ticksOf([1010, 1190]),
    ['1020', '1040', '1060', '1080', '1100', '1120', '1140', '1160', '1180'],
    'those of an even scale',
  );
  const { x } = layOut({ ...PANEL, x: { label: 'n', domain: [1, 1000], scale: 'log' } }, 400);
  assert.ok(Math.abs(x(10) - x(1) - (x(1000) - x(100))) < 1e-9);
  assert.ok(Math.abs(x.invert(x(42)) - 42) < 1e-9);
});
