/** Synthetic columns as the server sends them. */
import type { Columns } from '../../../../dashboards/contract/columns.ts';
import { type Decoded, decode } from '../../../../dashboards/web/trials/decode.ts';
import { createTable, mergeOutcomes, type TrialTable } from '../../../../dashboards/web/trials/table.ts';

export const PARAMETERS = [
  { name: 'learningRate', kind: 'log' as const, low: 1e-4, high: 1e-1 },
  { name: 'hidden', kind: 'choice' as const, values: ['16', '32-32'] },
  { name: 'batch', kind: 'choice' as const, values: [1, 10, 100] },
];

/** Method turns fastest, then k of 1..3; the learning rate rises over the plan. */
export function planColumns(rows: number): Columns {
  return {
    rows,
    about: {},
    columns: [
      { name: 'method', values: Uint8Array.from({ length: rows }, (_, i) => i % 3), categories: ['ednn', 'eca', 'nnca'] },
      { name: 'k', values: Uint16Array.from({ length: rows }, (_, i) => 1 + (Math.floor(i / 3) % 3)) },
      { name: 'learningRate', values: Float64Array.from({ length: rows }, (_, i) => 1e-4 * 1000 ** (i / Math.max(1, rows - 1))) },
      { name: 'hidden', values: Uint8Array.from({ length: rows }, (_, i) => (i % 7 === 0 ? 1 : 0)), categories: ['16', '32-32'] },
    ],
  };
}

export const plan = (rows: number): Decoded => decode(planColumns(rows));

export interface Ended {
  readonly index: number;
  readonly outcome?: 'rung' | 'completed' | 'pruned' | 'diverged' | 'failed';
  readonly validation?: number;
}

/** In an order of the server's own. */
const CATEGORIES = ['failed', 'diverged', 'pruned', 'completed', 'rung'];

export function outcomeColumns(revision: number, ended: readonly Ended[], categories: readonly string[] = CATEGORIES): Columns {
  return {
    rows: ended.length,
    about: { revision },
    columns: [
      { name: 'index', values: Uint32Array.from(ended, ({ index }) => index) },
      { name: 'outcome', values: Uint8Array.from(ended, ({ outcome = 'completed' }) => categories.indexOf(outcome)), categories },
      { name: 'rung', values: new Uint8Array(ended.length) },
      { name: 'validation', values: Float64Array.from(ended, ({ validation = Number.NaN }) => validation) },
      { name: 'epochs', values: new Uint32Array(ended.length).fill(40) },
      { name: 'seconds', values: new Float64Array(ended.length).fill(1.5), unit: 's' },
      { name: 'finishedAt', values: new Float64Array(ended.length).fill(1.8e12) },
    ],
  };
}

export const outcomes = (revision: number, ended: readonly Ended[]): Decoded => decode(outcomeColumns(revision, ended));

/** Every trial completed, the later the better, from 0 to 1 (excluded). */
export function filled(rows: number): TrialTable {
  const table = createTable(plan(rows), PARAMETERS);
  mergeOutcomes(
    table,
    outcomes(
      1,
      Array.from({ length: rows }, (_, index) => ({ index, validation: index / rows })),
    ),
  );
  return table;
}

/** Six trials; 0..3 ended with 0.1, 0.9, none (diverged), 0.5; 4 and 5 have not started. */
export function six(): TrialTable {
  const table = createTable(plan(6), PARAMETERS);
  mergeOutcomes(
    table,
    outcomes(1, [
      { index: 0, validation: 0.1 },
      { index: 1, validation: 0.9 },
      { index: 2, outcome: 'diverged' },
      { index: 3, validation: 0.5 },
    ]),
  );
  return table;
}
