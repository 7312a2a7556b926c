/** Runs the task of a box: each loads only the readers that it needs. */

import type { ReadMonitor } from '../import/monitor.ts';
import { boundsOfContent, type InputSize } from './bounds.ts';
import { formatBytes, tooCostlyError } from './errors.ts';
import { handDataset, handMatrix } from './handover.ts';
import { sumSizes } from './input-size.ts';
import type { Kind, Message, Request, Tasks } from './messages.ts';
import { createNamedScratch } from './named-scratch.ts';

/** Runs the task and reports its progress. Throws its faults. */
export async function runTask<K extends Kind>(
  request: Request<K>,
  report: (progress: Extract<Message, { kind: 'reading' | 'unpacking' }>) => void,
): Promise<Tasks[K]['gives']> {
  return RUNNERS[request.kind](request.task, prepare(request, report));
}

type Surroundings = ReturnType<typeof prepare>;

/** Returns scratch files and a monitor that keep to the bounds. */
function prepare(
  { folder, bounds: initial, size }: Pick<Request, 'folder' | 'bounds' | 'size'>,
  report: Parameters<typeof runTask>[1],
) {
  let current = '';
  let bounds: Pick<Request['bounds'], 'scratch' | 'rows' | 'columns'> = initial;
  const refuse = (what: string, file = current) => tooCostlyError(file, what, size.bytes);
  const scratch = createNamedScratch(folder, (total) => {
    if (total > bounds.scratch) throw refuse(`${formatBytes(bounds.scratch)} of temporary files`);
  });
  const monitor: ReadMonitor = {
    begin(file) {
      if (file !== current) report({ kind: 'reading', file });
      current = file;
    },
    requireSize(reference, rows, columns) {
      if (rows > bounds.rows) throw refuse(`${bounds.rows} rows`, reference);
      if (columns > bounds.columns) throw refuse(`${bounds.columns} columns`, reference);
    },
  };
  /** Extends the bounds to those of the content of an archive. */
  const unpack = (size: InputSize) => {
    bounds = boundsOfContent(size);
    report({ kind: 'unpacking', size });
  };
  return { scratch, monitor, nameOf: scratch.nameOf, maxScratch: initial.scratch, unpack };
}

type Runners = { readonly [K in Kind]: (task: Tasks[K]['takes'], surroundings: Surroundings) => Promise<Tasks[K]['gives']> };

const RUNNERS: Runners = {
  async check({ directory, name }, { nameOf, scratch, monitor }) {
    const { checkDatasetFolder } = await import('../import/check.ts');
    return handDataset(await checkDatasetFolder(directory, scratch, { name, monitor }), nameOf);
  },
  async archive({ archive, maxBytes = Number.POSITIVE_INFINITY }, { nameOf, scratch, monitor, maxScratch, unpack }) {
    // Most archives that are no datasets are refused before anything else is loaded.
    const { openArchiveFolder } = await import('../sources/archive-folder.ts');
    await using folder = await openArchiveFolder(archive, scratch.directory, Math.min(maxBytes, maxScratch));
    unpack(sumSizes(folder.members));
    const { checkDatasetFolder } = await import('../import/check.ts');
    return handDataset(await checkDatasetFolder(folder, scratch, { monitor }), nameOf);
  },
  async input({ path, trained }, { nameOf, scratch, monitor }) {
    const { readModelInput } = await import('../import/model-input.ts');
    return handMatrix(await readModelInput(path, trained, { scratch, monitor }), nameOf);
  },
  async structures({ text, trained }, { nameOf, scratch, monitor }) {
    const { describeModelInput } = await import('../import/model-input.ts');
    return handMatrix(await describeModelInput(text, trained, { scratch, monitor }), nameOf);
  },
  async sweeps({ file }, { maxScratch }) {
    const { checkArchive } = await import('../archives/read.ts');
    return checkArchive(file, maxScratch);
  },
};
