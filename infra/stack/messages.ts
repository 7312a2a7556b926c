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

/** Asks whether the main thread of a process runs. */
export interface Question {
  readonly question: number;
}

/** Sent at once, with the number of the question: an earlier answer may still be on its way. */
export interface Answer {
  readonly answer: number;
}

export type SupervisorMessage =
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'up' }
  | {
      readonly type: 'failed';
      readonly error: Pick<NarrowsError, 'code' | 'message' | 'kind'> & Partial<Pick<NarrowsError, 'path' | 'fix'>>;
    };
