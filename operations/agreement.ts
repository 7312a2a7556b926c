/** Do two sweeps find the same? Their best models, on the test structures of the first. */
import type { BlobStore } from '../db/blobs.ts';
import type { Queryable } from '../db/client.ts';
import type { SweepRow } from '../db/queries/sweeps/sweeps.ts';
import { findBestTrials, loadModelBytes } from '../db/queries/trials/results.ts';
import { NarrowsError } from '../errors.ts';
import type { Matrix } from '../models/axes.ts';
import { type AcrossAgreement, agreementAcross } from '../models/interpretation/across.ts';
import type { Method } from '../models/methods/catalogue.ts';
import { physicalPart } from '../models/scaling-fit.ts';
import { sweepData } from './sweep-data.ts';

export interface CellAgreement {
  readonly method: Method;
  readonly k: number;
  readonly trials: readonly [string, string];
  readonly agreement: AcrossAgreement;
}

/**
 * Every method and width that both sweeps kept a model of, on structures x [N, D] of the first in
 * physical units. Throws NarrowsError `nothing-to-compare`, `descriptors-differ`,
 * `weights-dropped`.
 */
export async function* agreementOf(
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

/** The test structures of a sweep, in physical units. */
export async function testStructures(sql: Queryable, blobs: BlobStore, sweep: SweepRow): Promise<Matrix> {
  return physicalPart((await sweepData(sql, blobs, sweep)).pack, 'test').x;
}
