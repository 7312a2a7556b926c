/** The decoder's answer along each latent. */
import type { CellReading } from '../models/interpretation/interpretation.ts';
import { cellLabel } from '../text/methods.ts';
import { cellId } from './cells.ts';
import type { Figure, Panel, Point } from './model.ts';
import { domainOf, plain, short, withUnit } from './numbers.ts';
import { columnAxis, columnCells, columnHead, columnPlaces, NAMED_COLUMNS, type Target, valueLabel } from './target.ts';

export function responsesFigure(target: Target, cell: CellReading): Figure {
  const { name, unit, columns } = target;
  const isColumns = unit === null;
  const drawn = Math.min(columns.length, NAMED_COLUMNS);
  const along = "The decoder's answer along each latent, from its 2nd percentile to its 98th, the other latents at their medians";
  return {
    id: `response-${cellId(cell)}`,
    title: `What a latent does to ${isColumns ? `each column of ${name}` : 'the spectrum'}: ${cellLabel(cell)}`,
    caption: isColumns
      ? `${along}.${drawn < columns.length ? ` ${drawn} of ${columns.length} columns drawn.` : ''}`
      : `${along}.`,
    panels: isColumns ? columnPanels(target, cell) : spectrumPanels(target, cell),
    legend: isColumns ? [] : [{ kind: 'ramp', label: 'latent', low: '2nd percentile', high: '98th percentile' }],
    panelWidth: isColumns ? 290 : 380,
    table: () => ({
      head: [
        ...columnHead(target),
        ...cell.latents.flatMap(({ response: { at } }, j) => at.map((value) => `latent ${j + 1} = ${plain(value)}`)),
      ],
      rows: columns.map((_, e) => [
        ...columnCells(target, e),
        ...cell.latents.flatMap(({ response: { spectra } }) => spectra.map((spectrum) => spectrum[e] ?? null)),
      ]),
    }),
  };
}

function spectrumPanels(target: Target, cell: CellReading): Panel[] {
  const places = columnPlaces(target);
  const y = { label: valueLabel(target), domain: domainOf(cell.latents.flatMap(({ response }) => response.spectra.flat())) };
  return cell.latents.map(({ response: { at, spectra } }, j): Panel => {
    const range = `${short(at[0] ?? 0)} to ${short(at.at(-1) ?? 0)}`;
    return {
      title: `latent ${j + 1}: ${range}`,
      description: `Decoded spectra along latent ${j + 1}, ${range}`,
      height: 250,
      x: columnAxis(target),
      y,
      marks: spectra.map((spectrum, i) => ({
        kind: 'line',
        runs: [spectrum.map((value, e): Point => [places[e] ?? e, value])],
        colour: i / Math.max(1, spectra.length - 1),
        width: 1.75,
      })),
    };
  });
}

/** Columns with units of their own share no axis: a panel for each latent and column. */
function columnPanels({ columns }: Target, { latents, method }: CellReading): Panel[] {
  return latents.flatMap(({ response: { at, spectra } }, j) =>
    columns.slice(0, NAMED_COLUMNS).map(({ name, unit }, column): Panel => {
      const points = at.map((t, i): Point => [t, spectra[i]?.[column] ?? Number.NaN]);
      return {
        title: `${name} along latent ${j + 1}`,
        description: `${name} along latent ${j + 1}`,
        height: 200,
        x: { label: `latent ${j + 1}`, domain: domainOf(at), ticks: 4 },
        y: { label: withUnit(name, unit), domain: domainOf(points.map(([, value]) => value)), ticks: 4 },
        marks: [{ kind: 'line', runs: [points], colour: method }],
      };
    }),
  );
}
