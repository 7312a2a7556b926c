/** Messages between a process and the box that reads files for it. */
import type { Fault } from '../../errors.ts';
import type { ArchiveSummary } from '../archives/read.ts';
import type { TrainedOn } from '../import/model-input.ts';
import type { Bounds, InputSize } from './bounds.ts';
import type { HandedDataset, HandedMatrix } from './handover.ts';

/** Tasks by kind, each with what it takes and gives. */
export interface Tasks {
  readonly check: {
    readonly takes: { readonly directory: string; readonly name?: string | undefined };
    readonly gives: HandedDataset;
  };
  readonly archive: {
    readonly takes: { readonly archive: string; readonly maxBytes?: number | undefined };
    readonly gives: HandedDataset;
  };
  readonly input: { readonly takes: { readonly path: string; readonly trained: TrainedOn }; readonly gives: HandedMatrix };
  readonly structures: { readonly takes: { readonly text: string; readonly trained: TrainedOn }; readonly gives: HandedMatrix };
  /** Archived sweeps. */
  readonly sweeps: { readonly takes: { readonly file: string }; readonly gives: ArchiveSummary };
}

export type Kind = keyof Tasks;

export interface Request<K extends Kind = Kind> {
  readonly kind: K;
  readonly task: Tasks[K]['takes'];
  /** Names the input in errors as long as no file of it is read. */
  readonly subject: string;
  /** Private folder for files that are handed over by name. */
  readonly folder: string;
  readonly bounds: Bounds;
  /** Size of the input, from which the bounds follow. */
  readonly size: InputSize;
}

export type Message<K extends Kind = Kind> =
  | { readonly kind: 'reading'; readonly file: string }
  /** The size of the files in an archive, as its directory states it. */
  | { readonly kind: 'unpacking'; readonly size: InputSize }
  | { readonly kind: 'done'; readonly result: Tasks[K]['gives'] }
  | { readonly kind: 'fault'; readonly fault: Fault }
  /** Any other error. */
  | { readonly kind: 'failed'; readonly error: Error };
