import { NarrowsError } from '../../errors.ts';

/** Position of a frame in a file of structures. */
export interface FramePosition {
  readonly file: string;
  /** From 0. */
  readonly number: number;
  /** Line of its number of atoms, from 1. */
  readonly line: number;
}

/** An error of the file format. */
export function structuresInvalid(place: FramePosition, why: string, fix?: string, line = place.line): NarrowsError {
  return errorAt('structures-invalid', place, why, fix, line);
}

/** An error of a valid structure that cannot be described as the manifest requires. */
export function structuresUnfit(place: FramePosition, why: string, fix?: string): NarrowsError {
  return errorAt('structures-unfit', place, why, fix, place.line);
}

function errorAt(
  code: string,
  { file, number }: FramePosition,
  why: string,
  fix: string | undefined,
  line: number,
): NarrowsError {
  return new NarrowsError(code, `${file}: frame ${number} (line ${line}): ${why}`, { path: `${file}:${line}`, fix });
}
