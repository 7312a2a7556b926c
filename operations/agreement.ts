/** Whether two sweeps find the same: their best models on the same structures. */
import type { Queryable } from '../db/client.ts';
import { findSweep, type SweepRow } from '../db/queries/sweeps/sweeps.ts';
import { findBestTrials, loadModelBytes } from '../db/queries/trials/models.ts';
import { NarrowsError } from '../errors.ts';
import type { Matrix } from '../models/axes.ts';
import { type AcrossAgreement, agreementAcross } from '../models/interpretation/across.ts';
import type { Method } from '../models/methods/catalogue.ts';
import { physicalPart } from '../models/standardisation.ts';
import type { Storage } from './servers.ts';
import { sweepData } from './sweep-data.ts';

export interface CellAgreement {
  readonly method: Method;
  readonly k: number;
  readonly trials: readonly [string, string];
  readonly agreement: AcrossAgreement;
}

/** Agreement of two sweeps, by method and width. */
export interface SweepAgreement {
  /** Ids, as named. */
  readonly sweeps: readonly [string, string];
  readonly rows: readonly CellAgreement[];
}

/**
 * Compares the best models of two sweeps on the test structures of the first. Throws NarrowsError
 * `sweep-unknown`, `nothing-to-compare`, `descriptors-differ`, `weights-dropped`.
 */
export async function readAgreement({ db, blobs }: Storage, first: string, second: string): Promise<SweepAgreement> {
  const sweeps = [await findSweep(db.sql, first), await findSweep(db.sql, second)] as const;
  const rows: CellAgreement[] = [];
  const structures = async () => physicalPart((await sweepData(db.sql, blobs, sweeps[0])).pack, 'test').x;
  for await (const row of compareModels(db.sql, sweeps, structures)) rows.push(row);
  return { sweeps: [sweeps[0].id, sweeps[1].id], rows };
}

/**
 * Yields every method and width that both sweeps kept a model of, compared on structures x [N, D]
 * of the first in physical units. Throws NarrowsError `nothing-to-compare`, `descriptors-differ`,
 * `weights-dropped`.
 */
export async function* compareModels(
  sql: Queryable,
  [first, second]: readonly [SweepRow, SweepRow],
  structures: () => Promise<Matrix>,
): AsyncGenerator<CellAgreement> {
  const cells = first.spec.methods.flatMap((method) => first.spec.space.k.map((k) => ({ method, k })));
  const [own, theirs] = await Promise.all([findBestTrials(sql, first.id, cells), findBestTrials(sql, second.id, cells)]);
  const pairs = own.flatMap(({ method, k, trialId }) => {
    const other = theirs.find((one) => one.method === method && one.k === k);
    return other ? [{ method, k, trials: [trialId, other.trialId] as const }] : [];
  });
  if (pairs.length === 0) {
    throw new NarrowsError(
      'nothing-to-compare',
      `${first.name} and ${second.name} share no method and width with a completed trial`,
      {
        fix: 'see "narrows model ls SWEEP" for what each has',
        kind: 'failure',
      },
    );
  }
  const x = await structures();
  for (const { method, k, trials } of pairs) {
    const [a, b] = await Promise.all([loadModelBytes(sql, trials[0]), loadModelBytes(sql, trials[1])]);
    yield { method, k, trials, agreement: agreementAcross(a, b, k, x) };
  }
}
