/** Sweeps that go on from others which have ended: more trials, seeds or widths. */
import type { Queryable } from '../../db/client.ts';
import { findDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { findSweep, findSweepsById, type SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { listTrainerSpeeds } from '../../db/queries/trainers.ts';
import { countAdoptable } from '../../db/queries/trials/adoption.ts';
import { listPoints } from '../../db/queries/trials/proposals.ts';
import { NarrowsError } from '../../errors.ts';
import { cellName } from '../../models/methods/catalogue.ts';
import { type ExtensionRequest, extendSpec } from '../../search/continuing/extension.ts';
import { estimateTraining } from '../../search/estimate.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import { cellsOf } from '../../search/space.ts';
import type { StatedSpec, SweepSpec } from '../../search/spec.ts';
import { specDocument } from '../../search/spec-document.ts';
import { isFinished } from '../../search/states.ts';
import type { Servers } from '../servers.ts';
import { type CheckedSpec, checkSpec, type PlanSweep, type SpecSources } from './check.ts';
import { resumeStart, sweepIdOf } from './start.ts';

/** The larger sweep; it has the other's name unless `name` is given. */
type NamedRequest = ExtensionRequest & { readonly name?: string | undefined };

/** A sweep that is to extend another one. */
export interface Extension {
  /** Follows from the other sweep and the request, so that a repeated request can be recognised. */
  readonly id: string;
  /** Its estimate is for the trials that are to be trained. */
  readonly checked: CheckedSpec;
  readonly parent: Pick<SweepRow, 'id' | 'name'>;
  /** Trials that are those of the other sweep, and are not trained again. */
  readonly adopted: number;
  /** All others. */
  readonly trained: number;
}

const extensionId = (parentId: string, name: string, { trials, seeds, k, epochs }: ExtensionRequest): string =>
  sweepIdOf('extension', parentId, name, JSON.stringify({ trials, seeds, k, epochs }));

/**
 * Goes on with the extension that the same request started before, and returns its id; null where
 * none did. By now its name may be that of the sweep that it extends, so that the request names the
 * extension itself: it would not make it any larger. Throws NarrowsError `sweep-unknown`, and
 * `extension-ended` where it was cancelled or has failed.
 */
export async function resumeExtension(
  servers: Servers,
  idOrName: string,
  { name, ...request }: NamedRequest,
): Promise<string | null> {
  const { sql } = servers.db;
  const found = await findSweep(sql, idOrName);
  const parents = [found.id, ...(found.spec.extends ? [found.spec.extends] : [])];
  const ids = parents.map((parent) => extensionId(parent, name ?? found.name, request));
  const [started] = await findSweepsById(sql, ids);
  if (started === undefined) return null;
  await resumeStart(servers, started.id);
  const now = await findSweep(sql, started.id);
  if (now.state === 'cancelled' || now.state === 'failed') throw extensionEndedError(now);
  return now.id;
}

function extensionEndedError({ id, name, state, message, spec }: SweepRow): NarrowsError {
  const reason = message === null ? '' : `: ${message}`;
  return new NarrowsError('extension-ended', `${name} (${id}) is this extension of ${spec.extends}, and is ${state}${reason}`, {
    path: 'sweep',
    fix: `train the rest with "narrows sweep retry ${id}", or give another extension a name of its own with --name`,
    kind: 'failure',
  });
}

/**
 * Plans a sweep of which every trial of another one is a trial. Throws NarrowsError
 * `sweep-unknown`, `sweep-running`, `sweep-failed`, `dataset-newer`, and those of extendSpec and
 * checkSpec.
 */
export async function planExtension(
  sources: SpecSources,
  idOrName: string,
  { name, ...request }: NamedRequest,
  cores: number,
  plan?: PlanSweep,
): Promise<Extension> {
  const { sql } = sources.db;
  const parent = await findSweep(sql, idOrName);
  requireResults(parent);
  await requireNewest(sql, parent);
  const spec = extendSpec(parent.spec, request, await listPoints(sql, parent.id, 0), parent.limits);
  const dataset = `${parent.dataset}@${parent.datasetVersion.slice(0, 12)}`;
  const ownName = name ?? parent.name;
  const [stated] = parseSweepSpec(specDocument(spec, dataset), ownName) as [StatedSpec];
  const checked = await checkSpec(sources, { ...stated, extends: parent.id }, cores, plan);
  const counts = await countAdoptable(sql, parent.id, sharedCells(parent.spec, checked.spec));
  const adoptedOf = new Map(counts.map(({ method, trials }) => [method, trials]));
  const methods = checked.plan.methods.map((one) => {
    const left = one.trials - (adoptedOf.get(one.method) ?? 0);
    return { ...one, trials: left, flops: (one.flops * left) / one.trials };
  });
  const estimate = estimateTraining(checked.spec, { methods }, await listTrainerSpeeds(sql), cores);
  const trained = methods.reduce((sum, { trials }) => sum + trials, 0);
  const id = extensionId(parent.id, ownName, request);
  return { id, checked: { ...checked, estimate }, parent, adopted: checked.plan.trials - trained, trained };
}

/** Returns the names of the cells whose configurations are the same in both sweeps. */
function sharedCells(spec: SweepSpec, extended: SweepSpec): string[] {
  const own = cellsOf(spec);
  return cellsOf(extended)
    .filter((cell) => own.some(({ method, k }) => method === cell.method && k === cell.k))
    .map(cellName);
}

function requireResults({ name, state, message }: SweepRow): void {
  if (!isFinished(state)) {
    throw new NarrowsError('sweep-running', `${name} is ${state}: only what has ended is extended`, {
      path: 'sweep',
      fix: `wait for its end, or cancel it: "narrows sweep cancel ${name}"`,
      kind: 'failure',
    });
  }
  if (state === 'failed') {
    throw new NarrowsError('sweep-failed', `${name} is failed${message === null ? '' : `: ${message}`}`, {
      path: 'sweep',
      fix: `remove the cause, and train its trials with "narrows sweep retry ${name}" first`,
      kind: 'failure',
    });
  }
}

/** A sweep of older data would be extended by trials of them, which one may not notice. */
async function requireNewest(sql: Queryable, { name, dataset, datasetVersion }: SweepRow): Promise<void> {
  const { version } = await findDatasetVersion(sql, dataset);
  if (version === datasetVersion) return;
  const versions = [datasetVersion, version].map((one) => `${dataset}@${one.slice(0, 12)}`);
  throw new NarrowsError('dataset-newer', `${name} was trained on ${versions[0]}, and the newest data are ${versions[1]}`, {
    path: 'dataset',
    fix: `train on the newest data from what it has found: "narrows sweep start SPEC --from ${name}"`,
    kind: 'failure',
  });
}
