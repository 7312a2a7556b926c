/** Messages between the engine and its threads. */

import type { TrialReport } from '../../training/report.ts';
import type { PackData, TrialTask } from '../../training/task.ts';
import type { DataAddresses } from './layout.ts';

/** Start data of a thread. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Word 0: the thread stops its trial where it is not 0. */
  readonly stop: Int32Array;
}

export type ToThread =
  | { readonly kind: 'data'; readonly dataId: number; readonly data: PackData; readonly placed: DataAddresses }
  | { readonly kind: 'forget'; readonly dataId: number }
  | { readonly kind: 'trial'; readonly dataId: number; readonly task: TrialTask; readonly checkpointSeconds: number };

export type FromThread =
  | { readonly kind: 'progress'; readonly epoch: number; readonly validation: number }
  | { readonly kind: 'checkpoint'; readonly epoch: number; readonly bytes: Uint8Array }
  | { readonly kind: 'report'; readonly report: TrialReport }
  | { readonly kind: 'stopped' };
