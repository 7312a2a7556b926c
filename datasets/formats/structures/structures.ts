/** The known formats of structures: xyz, with any number of frames, and the input of FEFF. */
import { parseFrames } from './extxyz.ts';
import { parseFeffInput } from './feff.ts';
import { isFeffFile } from './file-names.ts';
import type { Frame } from './frame.ts';
import { type FrameBlock, type FrameSource, MAX_FRAME_BYTES, splitFrameBlocks, tooLargeError } from './frame-blocks.ts';
import { structuresInvalid } from './frame-errors.ts';

/** Yields blocks of whole frames of every file in turn: see splitFrameBlocks. */
export async function* splitSources(sources: Iterable<FrameSource>, size?: number): AsyncGenerator<FrameBlock> {
  for (const source of sources) {
    let isEmpty = true;
    for await (const block of isFeffFile(source.file) ? readWhole(source) : splitFrameBlocks(source, size)) {
      isEmpty = false;
      yield block;
    }
    if (!isEmpty || source.name === null) continue;
    throw structuresInvalid({ ...source, number: 0, line: 1 }, 'it contains no structure', 'write the file again, or remove it');
  }
}

/** Yields the frames of a block. Throws NarrowsError `structures-invalid` with the line. */
export function* parseBlock(block: FrameBlock): Generator<Frame> {
  if (isFeffFile(block.file)) yield parseFeffInput(block);
  else yield* parseFrames(block);
}

async function* readWhole({ file, name, chunks }: FrameSource): AsyncGenerator<FrameBlock> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_FRAME_BYTES) throw tooLargeError({ file, name, number: 0, line: 1 }, `${MAX_FRAME_BYTES / 2 ** 20} MiB`);
    parts.push(chunk.slice());
  }
  yield { bytes: new Uint8Array(Buffer.concat(parts)), file, name, frame: 0, line: 1 };
}
