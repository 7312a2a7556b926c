/** What every format answers for one reference. */
import type { Matrix } from '../models/axes.ts';

export interface ArraySource {
  /** [rows, columns]. */
  matrix(): Promise<Matrix>;
  /** [rows, values of a row] of an array of any number of axes. */
  rows(): Promise<Matrix>;
  /** A single column in float64. */
  numbers(): Promise<Float64Array>;
  /** Names of the columns; null where they have none. */
  header(): Promise<readonly string[] | null>;
  /** A column as text; the only one, or the one called `id`, where no name is given. */
  column(name?: string): Promise<string[]>;
}
