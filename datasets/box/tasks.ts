/** Runs the task of a box: each loads only the readers that it needs. */

import type { ReadMonitor } from '../import/monitor.ts';
import { formatBytes, tooCostlyError } from './errors.ts';
import { handDataset, handMatrix } from './handover.ts';
import type { Kind, Request, Tasks } from './messages.ts';
import { createNamedScratch } from './named-scratch.ts';

/** Runs the task; `begin` is called with each file before it is read. Throws its faults. */
export async function runTask<K extends Kind>(request: Request<K>, begin: (file: string) => void): Promise<Tasks[K]['gives']> {
  return RUNNERS[request.kind](request.task, prepare(request, begin));
}

type Surroundings = ReturnType<typeof prepare>;

/** Returns scratch files and a monitor that keep to the bounds. */
function prepare({ folder, bounds, bytes }: Pick<Request, 'folder' | 'bounds' | 'bytes'>, begin: (file: string) => void) {
  let current = '';
  const refuse = (what: string, file = current) => tooCostlyError(file, what, bytes);
  const scratch = createNamedScratch(folder, (total) => {
    if (total > bounds.scratch) throw refuse(`${formatBytes(bounds.scratch)} of temporary files`);
  });
  const monitor: ReadMonitor = {
    begin(file) {
      if (file !== current) begin(file);
      current = file;
    },
    requireSize(reference, rows, columns) {
      if (rows > bounds.rows) throw refuse(`${bounds.rows} rows`, reference);
      if (columns > bounds.columns) throw refuse(`${bounds.columns} columns`, reference);
    },
  };
  return { scratch, monitor, nameOf: scratch.nameOf, maxScratch: bounds.scratch };
}

type Runners = { readonly [K in Kind]: (task: Tasks[K]['takes'], surroundings: Surroundings) => Promise<Tasks[K]['gives']> };

const RUNNERS: Runners = {
  async check({ directory, name }, { nameOf, scratch, monitor }) {
    const { checkDatasetFolder } = await import('../import/check.ts');
    return handDataset(await checkDatasetFolder(directory, scratch, { name, monitor }), nameOf);
  },
  async input({ path, trained }, { nameOf, scratch, monitor }) {
    const { readModelInput } = await import('../import/model-input.ts');
    return handMatrix(await readModelInput(path, trained, { scratch, monitor }), nameOf);
  },
  async structures({ text, trained }, { nameOf, scratch, monitor }) {
    const { describeModelInput } = await import('../import/model-input.ts');
    return handMatrix(await describeModelInput(text, trained, { scratch, monitor }), nameOf);
  },
  async unpack({ archive, maxBytes = Number.POSITIVE_INFINITY }, { maxScratch }) {
    const { unpackDataset } = await import('../sources/unpack.ts');
    return unpackDataset(archive, Math.min(maxBytes, maxScratch));
  },
};
