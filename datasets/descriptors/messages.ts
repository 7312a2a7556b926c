import type { FrameBlock } from '../formats/frame-blocks.ts';
import type { BlockRows } from './rows.ts';

export type BlockRequest = FrameBlock;

/** One response per block, in the order of the requests. */
export type BlockResponse =
  | { readonly kind: 'rows'; readonly rows: BlockRows }
  | {
      /** Fields of a NarrowsError about the file. */
      readonly kind: 'fault';
      readonly code: string;
      readonly message: string;
      readonly path: string | undefined;
      readonly fix: string | undefined;
    };
