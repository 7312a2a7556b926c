/** Quantities along a series (a pressure): known, and reconstructed from components, by width. */
import type { Interpretation } from '../models/interpretation/interpretation.ts';
import { cellLabel, METHOD_STYLES } from '../text/methods.ts';
import { methodsOf, widthsOf } from './cells.ts';
import { type Figure, lineSample, type Panel, type Point } from './model.ts';
import { domainOf, short, withUnit } from './numbers.ts';

const DASHES = ['', '6 3', '2 3', '8 3 2 3'];

/** One figure for each quantity; none where the data have no series. */
export function seriesFigures({ cells: all, quantities, series }: Interpretation): Figure[] {
  const cells = all.flatMap(({ method, k, series: found }) => (found ? [{ method, k, series: found }] : []));
  const [first] = cells;
  if (!first) return [];
  const about = series ?? { name: 'series', unit: '' };
  const { points } = first.series;
  const isNumeric = points.every(({ value }) => Number.isFinite(Number(value)));
  const places = points.map(({ value }, i) => (isNumeric ? Number(value) : i));
  const widths = widthsOf(cells);
  const shade = (k: number) => (widths.length === 1 ? 0.4 : (0.9 * widths.indexOf(k)) / (widths.length - 1));
  const dash = (k: number) => DASHES[widths.indexOf(k) % DASHES.length] ?? '';
  const single = points.filter(({ rows }) => rows === 1).map(({ value }) => value);
  const x = {
    label: withUnit(about.name, about.unit),
    domain: domainOf(places),
    ...(!isNumeric && { names: points.map(({ value }) => value) }),
  };
  return quantities.map(({ name, unit }, q): Figure => {
    const known = points.map((point, i): Point => [places[i] ?? i, point.known[q] ?? Number.NaN]);
    const y = {
      label: withUnit(name, unit),
      domain: domainOf(
        cells.flatMap((cell) =>
          cell.series.points.flatMap((point) => [point.known[q], point.reconstructed[q]?.low, point.reconstructed[q]?.high]),
        ),
      ),
    };
    const errors = cells.map((cell) => `${cellLabel(cell)}: ${short(cell.series.errors[q] ?? Number.NaN)}`).join('; ');
    return {
      id: `series-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
      title: `${name} along the ${about.name}, reconstructed from the components`,
      caption: `Mean latents of the test rows at each ${about.name}, expanded; bars span the seeds, points are the known means of the same rows. ${withUnit('Root mean square error over the groups', unit)}: ${errors}; without any component ${short(first.series.spread[q] ?? Number.NaN)}.${single.length > 0 ? ` Of one row only, hence no mean: ${single.join(', ')}.` : ''}`,
      panels: methodsOf(cells).map(
        (method): Panel => ({
          title: METHOD_STYLES[method].label,
          description: `${name} along the ${about.name}: known and reconstructed by ${METHOD_STYLES[method].label}`,
          height: 270,
          x,
          y,
          marks: [
            ...cells
              .filter((cell) => cell.method === method)
              .flatMap(({ k, series: { points: own } }) => {
                const found = own.flatMap(({ reconstructed }, i) => {
                  const range = reconstructed[q];
                  return range ? [{ at: places[i] ?? i, ...range }] : [];
                });
                return [
                  { kind: 'line', runs: [found.map(({ at, mean }): Point => [at, mean])], colour: shade(k), dash: dash(k) },
                  {
                    kind: 'intervals',
                    along: 'y',
                    spans: found.map(({ at, low, high }) => [at, low, high] as const),
                    colour: shade(k),
                  },
                ] as const;
              }),
            { kind: 'points', points: known, colour: 'ink', opacity: 1 },
          ],
        }),
      ),
      legend: [
        ...widths.map((k) => lineSample(`k = ${k}`, shade(k), dash(k))),
        { kind: 'sample', shape: 'point', label: 'known', colour: 'ink' },
      ],
      panelWidth: 360,
      table: () => ({
        head: [
          x.label,
          'rows',
          'known',
          ...cells.flatMap((cell) => [cellLabel(cell), `${cellLabel(cell)}: lowest seed`, `${cellLabel(cell)}: highest seed`]),
        ],
        rows: points.map(({ value, rows, known: values }, i) => [
          value,
          rows,
          values[q] ?? null,
          ...cells.flatMap(({ series: { points: own } }) => {
            const found = own[i]?.reconstructed[q];
            return [found?.mean ?? null, found?.low ?? null, found?.high ?? null];
          }),
        ]),
      }),
    };
  });
}
