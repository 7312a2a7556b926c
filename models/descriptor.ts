/** Descriptors: columns of X, and the interatomic distance that a column encodes, if any. */

/** The column holds `numerator` / R: an element of a Coulomb matrix, with Z_i Z_j as numerator. */
export interface InverseDistance {
  readonly numerator: number;
  /** Unit of R. */
  readonly unit: string;
  /** The two atoms, by label: `Ge0`, `O1`. */
  readonly pair?: readonly [string, string] | undefined;
}

export interface DescriptorColumn {
  readonly name: string;
  readonly unit: string;
  readonly distance?: InverseDistance | undefined;
}

/** Columns whose values can be compared with each other. */
export interface SharedScale {
  readonly columns: readonly number[];
  /** They are counts, such as bins of a histogram: any column may have what another one has. */
  readonly isCount: boolean;
}
