/** Rows of a sweep's trials, and its kept models. */
import { findSweep, type SweepRow } from '../db/queries/sweeps/sweeps.ts';
import { listModels, type ModelRow } from '../db/queries/trials/models.ts';
import { type ResultRow, streamResults } from '../db/queries/trials/results.ts';
import { NarrowsError } from '../errors.ts';
import { SPLITS } from '../models/axes.ts';
import { type Condition, parseWhere } from '../search/columns/where.ts';
import type { Servers } from './servers.ts';

export type { ResultRow };

export interface ResultQuery {
  /** Null: every split. */
  readonly split: string | null;
  readonly where: readonly Condition[];
}

/** Reads the choice of rows. Throws NarrowsError `split-unknown`, `where-invalid`. */
export function parseResultQuery(split: string, where: string): ResultQuery {
  if (split !== 'all' && !(SPLITS as readonly string[]).includes(split)) {
    throw new NarrowsError('split-unknown', `"${split}" is not a valid split`, {
      path: 'split',
      fix: `use ${SPLITS.join(', ')} or all`,
    });
  }
  return { split: split === 'all' ? null : split, where: parseWhere(where) };
}

/** A sweep, and a stream of one row per trial, width or rank, and split. */
export interface Results {
  readonly sweep: SweepRow;
  readonly rows: AsyncIterable<ResultRow[]>;
}

/** Throws NarrowsError `sweep-unknown`. */
export async function readResults({ db }: Pick<Servers, 'db'>, idOrName: string, query: ResultQuery): Promise<Results> {
  const sweep = await findSweep(db.sql, idOrName);
  return { sweep, rows: streamResults(db.sql, sweep.id, query) };
}

/** Returns the kept models of a sweep, best first within a cell. Throws `sweep-unknown`. */
export async function listSweepModels({ db }: Pick<Servers, 'db'>, idOrName: string): Promise<ModelRow[]> {
  const { id } = await findSweep(db.sql, idOrName);
  return listModels(db.sql, id);
}
