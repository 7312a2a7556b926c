/** A structure, whatever its file format. */
import type { FramePosition } from './frame-errors.ts';

export interface Frame extends FramePosition {
  readonly species: readonly string[];
  /** [atoms, 3], in angstrom by convention. */
  readonly positions: Float64Array;
  /** Three vectors [3, 3]; null where the comment has none. */
  readonly lattice: Float64Array | null;
  /** Vectors of the lattice along which the structure repeats. */
  readonly periodic: Periodicity;
  /** A number for each atom, such as the column `tags` of ASE; null where there are none. */
  readonly tags: Int32Array | null;
  /** Keys of the comment line, without quotes. */
  readonly values: ReadonlyMap<string, string>;
  /** Text of the comment line that gives a cell in a form that is not read. */
  readonly unreadCell: string | null;
}

export type Periodicity = readonly [boolean, boolean, boolean];
