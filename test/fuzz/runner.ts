/** How an input is made and run, in processes that are replaced after a fault. */
import type { Files } from './datasets.ts';

/** Null: the input was read or refused as it should. */
export type Fault = { readonly kind: 'crash' | 'hang' | 'unhandled'; readonly message: string } | null;

export interface FuzzRequest {
  readonly target: string;
  readonly index: number;
  /** Whether it is read in a box. */
  readonly isBoxed?: boolean;
}

export interface Runner {
  read(request: FuzzRequest): Promise<Fault>;
  /** Returns the files of an input, to be kept. */
  files(index: number, target: string): Promise<Files>;
  /** Largest resident memory so far, in bytes, of boxes and of the server. */
  peak(): number;
  stop(): Promise<void>;
}
