import type { FrameBlock } from '../formats/frame-blocks.ts';
import type { Rows } from './rows.ts';

export type ToThread = FrameBlock;

/** One for each block, in their order. */
export type FromThread =
  | { readonly kind: 'rows'; readonly rows: Rows }
  | {
      /** A fault of the file: what a NarrowsError is made of. */
      readonly kind: 'fault';
      readonly code: string;
      readonly message: string;
      readonly path: string | undefined;
      readonly fix: string | undefined;
    };
