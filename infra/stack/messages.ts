/** Messages that the processes of the embedded stack send to the process that started them. */
import type { NarrowsError } from '../../errors.ts';

/** Sent where the process cannot start. */
export interface StartFailure {
  readonly failed: string;
}

export interface WorkerReady {
  readonly ready: true;
}

export interface ApiReady {
  readonly port: number;
}

export type SupervisorMessage =
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'up' }
  | {
      readonly type: 'failed';
      readonly error: Pick<NarrowsError, 'code' | 'message' | 'kind'> & Partial<Pick<NarrowsError, 'path' | 'fix'>>;
    };
