/** Sweeps that start from what another one has found. */
import { type DatasetDescription, descriptorColumns, joinLineage } from '../../datasets/description.ts';
import type { Database } from '../../db/client.ts';
import { findDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { listBestFindings } from '../../db/queries/sweeps/best-configurations.ts';
import { findSweep, type SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../errors.ts';
import { findOtherDescriptors } from '../../search/check-warm.ts';
import { findSamplerFault } from '../../search/continuing/enqueue.ts';
import { enqueueFindings, type SpecFromFindings } from '../../search/continuing/findings.ts';
import { specFault, throwFaults } from '../../search/fault.ts';
import type { FindingsSource, SweepSpec } from '../../search/spec.ts';

const namesOf = (description: DatasetDescription): string[] => descriptorColumns(description).map(({ name }) => name);

/**
 * As enqueueFindings, with the best configurations of another sweep, so that nothing depends on it
 * later; `description`: of the spec's dataset. Throws NarrowsError `sweep-unknown` and
 * `spec-invalid`.
 */
export async function startFromFindings(
  { sql }: Pick<Database, 'sql'>,
  spec: SweepSpec,
  { sweep: idOrName, best }: FindingsSource,
  description: DatasetDescription,
): Promise<SpecFromFindings> {
  const ofSampler = findSamplerFault(spec, 'from');
  if (ofSampler !== null) throwFaults([ofSampler]);
  const source = await findSource(sql, idOrName);
  const { dataset, datasetVersion, id, name } = source;
  const theirs = joinLineage(await findDatasetVersion(sql, `${dataset}@${datasetVersion}`));
  const other = findOtherDescriptors(namesOf(theirs), namesOf(description));
  if (other !== null) {
    const message = `${name} was trained on other descriptors: ${other}`;
    throwFaults([specFault('from', message, 'name a sweep of a dataset with the same descriptors')]);
  }
  return enqueueFindings(spec, name, await listBestFindings(sql, id), best);
}

async function findSource(sql: Database['sql'], idOrName: string): Promise<SweepRow> {
  try {
    return await findSweep(sql, idOrName);
  } catch (error) {
    if (!(error instanceof NarrowsError)) throw error;
    const { code, message, fix, kind } = error;
    throw new NarrowsError(code, `from: ${message}`, { path: 'from', ...(fix !== undefined && { fix }), kind, cause: error });
  }
}
