/** Versions of datasets removed, with the arrays that no other version has. */
import type { Database } from '../../db/client.ts';
import { findDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { measureArrays } from '../../db/queries/lifecycle/arrays.ts';
import { deleteVersions, listVersions, listVersionUses, type VersionUse } from '../../db/queries/lifecycle/dataset-removal.ts';
import { purgeMarked } from '../../db/queries/lifecycle/removal.ts';
import { deleteUnusedArrays, registerStrays } from '../../db/queries/lifecycle/unused-arrays.ts';
import { NarrowsError } from '../../errors.ts';
import { formatVersion } from '../../text/format.ts';
import type { Storage } from '../servers.ts';
import { type Space, withReclaim } from './reclaim.ts';

export interface DatasetPlan {
  readonly name: string;
  /** Newest first. */
  readonly versions: readonly string[];
  /** Bytes of the arrays that only these versions have. */
  readonly bytes: number;
}

export interface DatasetRemoval extends DatasetPlan {
  readonly arrays: number;
  /** False where an import at work kept unused arrays: the next removal or prune deletes them. */
  readonly isComplete: boolean;
  readonly space: Space;
}

/**
 * Plans the removal of a version, or of all versions of a dataset. Throws NarrowsError
 * `dataset-missing`, `version-ambiguous`, and `dataset-in-use` where something needs one of them.
 */
export async function planDatasetRemoval({ sql }: Pick<Database, 'sql'>, reference: string): Promise<DatasetPlan> {
  const { name } = await findDatasetVersion(sql, reference);
  const prefix = reference.split('@')[1] ?? '';
  const versions = await listVersions(sql, name, prefix);
  if (prefix !== '' && versions.length > 1) {
    const named = versions.map((version) => formatVersion(name, version)).join(', ');
    throw new NarrowsError('version-ambiguous', `"${reference}" may be ${named}`, { path: 'name', fix: 'write more digits' });
  }
  requireUnused(name, await listVersionUses(sql, name, versions));
  return { name, versions, bytes: await measureArrays(sql, name, versions) };
}

/**
 * Removes the planned versions, all or none. Throws NarrowsError `dataset-in-use` where something
 * has come to need one of them since, and those of InstallationBlobs.check.
 */
export async function removeDataset(
  { db, blobs }: Storage,
  plan: DatasetPlan,
  { compact }: { readonly compact: boolean },
): Promise<DatasetRemoval> {
  const { name, versions } = plan;
  await blobs.check();
  const { result, space } = await withReclaim(db, { compact }, async () => {
    // A sweep whose removal was interrupted needs nothing any more.
    await purgeMarked(db.sql);
    requireUnused(name, await deleteVersions(db.sql, name, versions).catch(throwReferenced(name)));
    await registerStrays(db.sql, blobs);
    const { arrays, bytes, isComplete } = await deleteUnusedArrays(db.sql, blobs);
    return { result: { arrays, bytes, isComplete }, hasDeleted: true };
  });
  return { ...plan, ...result, space };
}

/** SQLSTATE. */
const FOREIGN_KEY_VIOLATION = '23503';

/** Translates the refusal of the database: rows of a sweep that is being removed refer to it. */
const throwReferenced =
  (name: string) =>
  (error: unknown): never => {
    if ((error as { code?: string }).code !== FOREIGN_KEY_VIOLATION) throw error;
    throw new NarrowsError('dataset-in-use', `${name} cannot be removed now: a sweep on it is being removed`, {
      path: 'name',
      fix: 'run the command again when that is done',
      kind: 'failure',
      cause: error,
    });
  };

const REASONS: Readonly<Record<VersionUse['kind'], (name: string) => string>> = {
  sweep: (name) => `the sweep ${name} was trained on it`,
  appended: (name) => `${name.slice(0, 12)} was appended to it`,
  retraining: (name) => `the retraining ${name} works with it`,
};

function requireUnused(name: string, uses: readonly VersionUse[]): void {
  const [first] = uses;
  if (!first) return;
  const reasons = uses.map((use) => `${formatVersion(name, use.version)}: ${REASONS[use.kind](use.name)}`);
  const shown = reasons.length > 5 ? [...reasons.slice(0, 5), `and ${reasons.length - 5} more`] : reasons;
  throw new NarrowsError('dataset-in-use', `${name} cannot be removed: ${shown.join('; ')}`, {
    path: 'name',
    fix: 'remove what needs it first: "narrows sweep rm SWEEP", "narrows retrain remove NAME", or the newer version',
    kind: 'failure',
  });
}
