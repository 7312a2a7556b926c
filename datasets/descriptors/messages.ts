import type { FrameBlock } from '../formats/frame-blocks.ts';
import type { BlockRows } from './rows.ts';

export type BlockRequest = FrameBlock;

/** One for each block, in their order. */
export type BlockResponse =
  | { readonly kind: 'rows'; readonly rows: BlockRows }
  | {
      /** A fault of the file: what a NarrowsError is made of. */
      readonly kind: 'fault';
      readonly code: string;
      readonly message: string;
      readonly path: string | undefined;
      readonly fix: string | undefined;
    };
