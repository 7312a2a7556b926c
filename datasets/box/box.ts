/** Reads files from outside in boxes: see docs/decisions/0019-boxes.md. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NarrowsError } from '../../errors.ts';
import type { Matrix } from '../../models/axes.ts';
import { availableProcessors } from '../../models/engines/processors.ts';
import { createTurns } from '../../turns.ts';
import type { ArchiveSummary } from '../archives/read.ts';
import type { OwnScratch, ScratchFile } from '../files/scratch.ts';
import type { CheckedDataset } from '../import/check.ts';
import type { TrainedOn } from '../import/model-input.ts';
import { boundsFor, type InputSize } from './bounds.ts';
import { openBoxFolder } from './folders.ts';
import type { HandedDataset, HandedMatrix } from './handover.ts';
import { measureInput } from './input-size.ts';
import type { Kind, Tasks } from './messages.ts';
import { type BoxOptions, type BoxOutcome, runBox } from './process.ts';

/** As checkDatasetFolder, and throws NarrowsErrors of runBox. */
export const checkInBox = (
  directory: string,
  scratch: OwnScratch,
  { name, ...options }: BoxOptions & { readonly name?: string | undefined } = {},
): Promise<CheckedDataset> =>
  runTwice('check', { directory, name }, { subject: directory, size: measureInput(directory) }, scratch, options, takeDataset);

/** As checkInBox, of the folder in a zip archive: see openArchiveFolder. */
export const checkArchiveInBox = (
  archive: string,
  scratch: OwnScratch,
  { maxBytes, ...options }: BoxOptions & { readonly maxBytes?: number | undefined } = {},
): Promise<CheckedDataset> =>
  runTwice(
    'archive',
    { archive, maxBytes },
    { subject: 'the archive', size: { ...measureInput(archive), structures: 0 } },
    scratch,
    options,
    takeDataset,
  );

/** As readModelInput, and throws NarrowsErrors of runBox. */
export const readInputInBox = (
  path: string,
  trained: TrainedOn,
  scratch: OwnScratch,
  options: BoxOptions = {},
): Promise<Matrix> =>
  runTwice('input', { path, trained }, { subject: path, size: measureInput(locate(path)) }, scratch, options, takeWhole);

/** As describeModelInput, and throws NarrowsErrors of runBox. */
export const describeInputInBox = (
  text: string,
  trained: TrainedOn,
  scratch: OwnScratch,
  options: BoxOptions = {},
): Promise<Matrix> =>
  runTwice(
    'structures',
    { text, trained },
    { subject: 'structures', size: { bytes: text.length, structures: text.length } },
    scratch,
    options,
    takeWhole,
  );

/** As checkArchive, and throws NarrowsErrors of runBox. */
export const checkSweepsInBox = (file: string, scratch: OwnScratch, options: BoxOptions = {}): Promise<ArchiveSummary> =>
  runTwice('sweeps', { file }, { subject: file, size: measureInput(file) }, scratch, options, async (summary) => summary);

type Adopt = (name: string) => Promise<ScratchFile>;

// Loaded while the box starts: whatever is loaded before it delays it.
const loadHandover = () => import('./handover.ts');

const takeDataset = async (handed: HandedDataset, adopt: Adopt): Promise<CheckedDataset> =>
  (await loadHandover()).takeDataset(handed, adopt);

async function takeWhole(handed: HandedMatrix, adopt: Adopt): Promise<Matrix> {
  const [{ takeMatrix }, { readMatrix }] = await Promise.all([loadHandover(), import('../import/spool.ts')]);
  return readMatrix(await takeMatrix(handed, adopt));
}

/** Runs a task again, once, where its process was ended from outside: that says nothing of it. */
async function runTwice<K extends Kind, T>(
  kind: K,
  task: Tasks[K]['takes'],
  { subject, size }: { readonly subject: string; readonly size: InputSize },
  scratch: OwnScratch,
  options: BoxOptions,
  take: (result: Tasks[K]['gives'], adopt: Adopt) => Promise<T>,
): Promise<T> {
  const { isBackground = false, signal, onEnd } = options;
  const bounds = boundsFor(size, { cores: availableProcessors(), isBackground });
  const attempt = async () => {
    await using folder = openBoxFolder(scratch.directory);
    const adopt = (name: string) => scratch.adoptFile(join(folder.path, name));
    const request = { kind, task, subject, folder: folder.path, bounds, size };
    const takeOver = (result: Tasks[K]['gives']) => take(result, adopt);
    if (!isBackground) return await runBox(request, options, takeOver);
    const { runBoxInBackground } = await import('./background.ts');
    return await runBoxInBackground(request, signal, takeOver);
  };
  const recorded = async () => {
    try {
      const taken = await attempt();
      onEnd?.('read');
      return taken;
    } catch (error) {
      onEnd?.(outcomeOf(error, signal));
      throw error;
    }
  };
  const run = () =>
    recorded().catch((error: unknown) => {
      if (isReaderLost(error)) return recorded();
      throw error;
    });
  return isBackground ? inTurn(run) : run();
}

const isReaderLost = (error: unknown): boolean => error instanceof NarrowsError && error.code === 'reader-lost';

function outcomeOf(error: unknown, signal: AbortSignal | undefined): BoxOutcome {
  if (signal?.aborted) return 'aborted';
  if (isReaderLost(error)) return 'lost';
  return error instanceof NarrowsError && error.kind === 'invalid' ? 'refused' : 'failed';
}

/** Boxes in the background at one time: each takes a core and some hundred MB. */
const inTurn = createTurns(Math.max(2, availableProcessors()));

/** Returns the file or folder that a path with a part after `#`, or with wildcards, is about. */
function locate(path: string): string {
  const candidates = [path, path.replace(/#.*$/s, ''), dirname(path.replace(/\*.*$/s, '*'))];
  return candidates.find((candidate) => existsSync(candidate)) ?? path;
}
