import type { TrialReport } from '../../training/report.ts';
import type { PackData, TrialTask } from '../../training/task.ts';

/** Start data of the thread. */
export interface ThreadStart {
  /** Folder of a binding built by gpu:setup; null: none. */
  readonly folder: string | null;
  /** Set to 1: the thread stops training. */
  readonly stop: Int32Array;
  /** Maximum number of trials on the device at once. */
  readonly atOnce: number;
}

export type ToThread = {
  readonly kind: 'pack';
  readonly data: PackData;
  readonly tasks: readonly TrialTask[];
  readonly checkpointSeconds: number;
};

export type FromThread =
  | { readonly kind: 'report'; readonly report: TrialReport }
  | { readonly kind: 'progress'; readonly trialId: string; readonly epoch: number; readonly validation: number }
  | { readonly kind: 'checkpoint'; readonly trialId: string; readonly epoch: number; readonly bytes: Uint8Array }
  /** The pack is finished or was stopped. */
  | { readonly kind: 'done' }
  | { readonly kind: 'broken'; readonly message: string };
