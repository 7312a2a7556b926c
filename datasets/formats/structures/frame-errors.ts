import { NarrowsError } from '../../../errors.ts';

/** Position of a frame in a file of structures. */
export interface FramePosition {
  readonly file: string;
  /** Text in place of the wildcards of a pattern of files; null for a single file. */
  readonly name: string | null;
  /** From 0. */
  readonly number: number;
  /** Line of its number of atoms, from 1. */
  readonly line: number;
}

/** "frame 3", or "runs/07/feff.inp" where each frame has a file. */
export const nameFrame = ({ file, name, number }: FramePosition): string =>
  name === null ? `frame ${number}` : number === 0 ? file : `frame ${number} of ${file}`;

const frameError =
  (code: string) =>
  ({ file, number, line: start }: FramePosition, why: string, fix?: string, line = start): NarrowsError =>
    new NarrowsError(code, `${file}: frame ${number} (line ${line}): ${why}`, { path: `${file}:${line}`, fix });

/** An error of the file format. */
export const structuresInvalid = frameError('structures-invalid');

/** An error of a valid structure that cannot be described as the manifest requires. */
export const structuresUnfit = frameError('structures-unfit');
