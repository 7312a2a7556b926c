/** Computes targets that are moments of the spectra of another target within energy windows. */
import { NarrowsError } from '../../errors.ts';
import type { Matrix } from '../../models/axes.ts';
import { type Moment, moments, trapezoidWeights } from '../../models/moments.ts';
import type { TargetColumn } from '../description.ts';
import type { MomentsTarget, SpectraTarget } from '../manifest.ts';

export interface Spectra {
  readonly about: SpectraTarget;
  readonly energies: readonly number[];
  /** Returns whole rows in order: see SpooledMatrix. */
  chunks(): AsyncIterable<Matrix>;
}

/** Share of a step by which a limit of a window may miss its grid point. */
const GRID_TOLERANCE = 0.01;

/** Fewer energies have no width. */
const MIN_ENERGIES = 3;

/** Computes a column per window and moment. Throws `window-invalid`, `moments-undefined`. */
export function computeMoments(
  target: string,
  { moments: { windows, each } }: MomentsTarget,
  spectra: Spectra,
): { readonly columns: readonly TargetColumn[]; chunks(): AsyncGenerator<Matrix> } {
  const { about } = spectra;
  const parts = Object.entries(windows).map(([window, ends]) => {
    const path = `targets.${target}.moments.windows.${window}`;
    const { from, to } = findWindow(spectra, window, ends, path);
    const energies = Float64Array.from(spectra.energies.slice(from, to));
    return { window, path, from, to, energies, weights: trapezoidWeights(energies) };
  });
  const columns = parts.flatMap(({ window }) =>
    each.map((moment) => ({ name: `${window} ${moment}`, unit: momentUnit(moment, about) })),
  );
  return {
    columns,
    async *chunks() {
      let first = 0;
      for await (const y of spectra.chunks()) {
        const data = new Float32Array(y.rows * columns.length);
        let at = 0;
        for (let row = 0; row < y.rows; row++) {
          for (const { window, path, from, to, energies, weights } of parts) {
            const found = moments(energies, weights, y.data.subarray(row * y.columns + from, row * y.columns + to));
            for (const moment of each) {
              if (found.area > 0 && Number.isFinite(Math.fround(found[moment]))) data[at++] = found[moment];
              else throw undefinedMomentError(`${about.file}: row ${first + row}`, window, path, moment, found.area);
            }
          }
        }
        yield { rows: y.rows, columns: columns.length, data };
        first += y.rows;
      }
    },
  };
}

function momentUnit(moment: Moment, { unit, energyUnit }: SpectraTarget): string {
  if (moment === 'skewness') return '1';
  if (moment !== 'area') return energyUnit;
  return /^[\p{L}\d]+$/u.test(unit) ? `${unit} ${energyUnit}` : `(${unit}) ${energyUnit}`;
}

/** Returns the grid points [from, to) of a window. */
function findWindow(
  { about, energies }: Spectra,
  window: string,
  [low, high]: readonly [number, number],
  path: string,
): { from: number; to: number } {
  const { file, energyUnit } = about;
  const [first = Number.NaN] = energies;
  const last = energies.at(-1) ?? Number.NaN;
  const near = (GRID_TOLERANCE * (last - first)) / Math.max(1, energies.length - 1);
  const grid = `the energies of ${file} range from ${first} to ${last} ${energyUnit}`;
  const range = `the window "${window}" (${low} to ${high} ${energyUnit})`;
  if (low < first - near || high > last + near) {
    throw new NarrowsError('window-invalid', `${range} extends beyond the spectra`, { path, fix: grid });
  }
  const from = energies.findIndex((energy) => energy >= low - near);
  const to = energies.findLastIndex((energy) => energy <= high + near) + 1;
  if (to - from >= MIN_ENERGIES) return { from, to };
  const count = Math.max(0, to - from);
  const message = `${range} contains ${count} energies; moments need at least ${MIN_ENERGIES}`;
  throw new NarrowsError('window-invalid', message, { path, fix: `widen it; ${grid}, in ${energies.length} points` });
}

function undefinedMomentError(row: string, window: string, path: string, moment: Moment, area: number): NarrowsError {
  const why =
    area > 0
      ? `has no ${moment} within the window "${window}": negative intensities, or a single energy that has any`
      : `has the area ${Number(area.toPrecision(4))} within the window "${window}"; moments need a positive area`;
  return new NarrowsError('moments-undefined', `${row} ${why}`, {
    path,
    fix: 'choose another window, subtract less background, or remove the row (counted from 0) from every array',
  });
}
