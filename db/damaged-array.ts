/** The error for a stored array that cannot be read back as it was written. */
import { NarrowsError } from '../errors.ts';
import type { Queryable } from './client.ts';
import { findArrayUses } from './queries/lifecycle/arrays.ts';

/** Most names in a message. */
const MOST_NAMES = 5;

/**
 * Returns NarrowsError `dataset-corrupt`, which names the datasets that have the array and the
 * unfinished sweeps on them; `dataset-missing` for an array that no dataset has.
 */
export async function damagedArrayError(
  sql: Queryable,
  sha256: string,
  damage: 'missing' | 'changed',
  cause?: unknown,
): Promise<NarrowsError> {
  const { datasets, sweeps } = await findArrayUses(sql, sha256);
  if (damage === 'missing' && datasets.length === 0)
    return new NarrowsError('dataset-missing', `there is no stored array ${sha256}`, { kind: 'not-found' });
  const what = damage === 'missing' ? 'is missing' : 'is damaged: its hash differs';
  const users = [
    ...(datasets.length > 0 ? [`of ${listNames(datasets)}`] : []),
    ...(sweeps.length > 0 ? [`needed by the unfinished ${listNames(sweeps)}`] : []),
  ];
  return new NarrowsError('dataset-corrupt', [`the stored array ${sha256} ${what}`, ...users].join('; '), {
    path: 'dataset',
    fix: 'import the folder of the dataset again ("narrows data import DIR"), which replaces the array; then "narrows sweep retry"',
    kind: 'failure',
    cause,
  });
}

function listNames(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return rest > 0 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${rest} more` : names.join(', ');
}
