/** What the engine and its threads tell each other. */

import type { TrialReport } from '../../training/report.ts';
import type { PackData, TrialTask } from '../../training/task.ts';
import type { DataAddresses } from './layout.ts';

/** What a thread starts with. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Word 0: not 0 asks the thread to stop its trial. */
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
