/** An interpretation as its page reads it: which cell is looked at, and the tables behind its figures. Pure. */

import type { CellReading, Interpretation } from '../../../models/interpretation/interpretation.ts';
import { METHODS, type Method } from '../../../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../../../text/methods.ts';
import { short } from '../charts/scale.ts';
import type { Table } from '../parts/table.ts';

export const methodsOf = (cells: readonly CellReading[]): Method[] =>
  METHODS.filter((method) => cells.some((cell) => cell.method === method));

export const widthsOf = (cells: readonly CellReading[], method?: Method): number[] =>
  [...new Set(cells.filter((cell) => method === undefined || cell.method === method).map(({ k }) => k))].sort((a, b) => a - b);

/** Of the best width, a smaller one that comes within this of it says as much. */
const ENOUGH = 0.01;

/** The cell that an address asks for; what it leaves open is the method whose components can be read, and the smallest width that is enough. */
export function cellAsked(cells: readonly CellReading[], method: string | undefined, k: string | undefined): CellReading | null {
  const own = cells.filter((cell) => cell.method === method);
  const wanted =
    own.length > 0
      ? own
      : cells.filter((cell) => cell.method === (cells.find(({ components }) => components)?.method ?? cells[0]?.method));
  const exact = wanted.find((cell) => String(cell.k) === k);
  if (exact) return exact;
  const most = Math.max(...wanted.map(({ coveredVariance }) => coveredVariance));
  const enough = wanted.filter(({ coveredVariance }) => coveredVariance >= most - ENOUGH).sort((a, b) => a.k - b.k);
  return enough[0] ?? wanted[0] ?? null;
}

/** The descriptors that go most closely with a latent: all where they are few. */
export function closestDescriptors(cell: CellReading, latent: number, most: number): number[] {
  const own = cell.latents[latent]?.correlations ?? [];
  const places = own.map((_, d) => d);
  if (own.length <= most) return places;
  const size = (d: number) => Math.abs(own[d]?.spearman ?? 0);
  return places.sort((a, b) => size(b) - size(a)).slice(0, most);
}

export function correlationTable({ descriptors }: Interpretation, { latents }: CellReading): Table {
  return {
    head: ['descriptor', 'unit', ...latents.flatMap((_, j) => [`latent ${j + 1}: Pearson`, `latent ${j + 1}: Spearman`])],
    rows: descriptors.map(({ name, unit }, d) => [
      name,
      unit,
      ...latents.flatMap(({ correlations }) => [correlations[d]?.pearson ?? null, correlations[d]?.spearman ?? null]),
    ]),
  };
}

export function componentTable({ descriptors }: Interpretation, { components }: CellReading): Table {
  const own = components ?? [];
  return {
    head: [
      'descriptor',
      'unit',
      ...own.map((_, j) => `component ${j + 1}`),
      'standard deviation',
      ...own.map((_, j) => `latent ${j + 1} per unit`),
    ],
    rows: descriptors.map(({ name, unit, deviation }, d) => [
      name,
      unit,
      ...own.map(({ coefficients }) => coefficients[d] as number),
      deviation,
      ...own.map(({ coefficients }) => (coefficients[d] as number) / deviation),
    ]),
  };
}

export function agreementTable(cells: readonly CellReading[]): Table {
  return {
    head: [
      'method',
      'k',
      'pairs of seeds',
      'largest angle / degree',
      'angle at most',
      'linear CKA',
      'CKA at least',
      'R²',
      'R² at least',
      'verdict',
    ],
    rows: cells.map(({ method, k, agreement: found }) => {
      const head = [METHOD_STYLES[method].label, k];
      if (found === null) return [...head, 0, null, null, null, null, null, null, 'one seed'];
      const verdict = found.stable ? 'stable' : 'unstable';
      if (found.kind === 'principal-angles')
        return [...head, found.pairs, found.largest.mean, found.largest.high, null, null, null, null, verdict];
      return [...head, found.pairs, null, null, found.cka.mean, found.cka.low, found.r2.mean, found.r2.low, verdict];
    }),
  };
}

/** Do the seeds of a cell find the same? In one sentence. */
export function agreementSentence({ agreement: found }: CellReading): string {
  if (found === null) return 'Found with one seed: there is nothing to hold it against.';
  if (found.kind === 'principal-angles')
    return `Over ${found.pairs} pairs of seeds the subspaces lie ${short(found.largest.mean)}° apart on average and ${short(found.largest.high)}° at most: ${found.stable ? 'stable' : 'unstable'}.`;
  return `Over ${found.pairs} pairs of seeds one set of latents tells ${short(100 * found.r2.mean)} % of another's variance, ${short(100 * found.r2.low)} % at least (linear CKA ${short(found.cka.mean)}): ${found.stable ? 'stable' : 'unstable'}.`;
}

/** How far a component is the same in every seed; '' with one seed. */
export const stabilityWord = (component: NonNullable<CellReading['components']>[number]): string =>
  component.angle === null ? '' : `, ${component.stable ? 'stable' : 'unstable'} (${short(component.angle.high, 2)}° at most)`;
