import type { TrialReport } from '../../training/report.ts';
import type { PackData, TrialTask } from '../../training/task.ts';

/** What the thread starts with. */
export interface ThreadStart {
  /** Where a binding built by gpu:setup lies; null: nowhere. */
  readonly folder: string | null;
  /** Set to 1: stop what is being trained. */
  readonly stop: Int32Array;
  /** Most trials that the device trains at once. */
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
  /** The pack is done, or was stopped. */
  | { readonly kind: 'done' }
  | { readonly kind: 'broken'; readonly message: string };
