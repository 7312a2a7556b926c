import { NarrowsError } from '../../errors.ts';

/** Where a frame stands in a file of structures. */
export interface FramePosition {
  readonly file: string;
  /** From 0. */
  readonly number: number;
  /** Line of its number of atoms, from 1. */
  readonly line: number;
}

/** The file is not what its format asks for. */
export function structuresInvalid(place: FramePosition, why: string, fix?: string, line = place.line): NarrowsError {
  return at('structures-invalid', place, why, fix, line);
}

/** The structure can be read, but not be described as the manifest asks. */
export function structuresUnfit(place: FramePosition, why: string, fix?: string): NarrowsError {
  return at('structures-unfit', place, why, fix, place.line);
}

function at(code: string, { file, number }: FramePosition, why: string, fix: string | undefined, line: number): NarrowsError {
  return new NarrowsError(code, `${file}: frame ${number} (line ${line}): ${why}`, { path: `${file}:${line}`, fix });
}
