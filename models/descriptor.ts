/** What a column of X stands for, and the quantity behind it where the column can be turned back into one. */

/** The column holds `numerator` / R: an element of a Coulomb matrix, with Z_i Z_j as numerator. */
export interface InverseDistance {
  readonly numerator: number;
  /** Of R. */
  readonly unit: string;
  /** The two atoms, by label: `Ge0`, `O1`. */
  readonly pair?: readonly [string, string] | undefined;
}

export interface DescriptorColumn {
  readonly name: string;
  readonly unit: string;
  readonly distance?: InverseDistance | undefined;
}

/** A quantity of the structure that a descriptor's value stands for. */
export interface DerivedQuantity {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
}

/**
 * The distance behind a value, R = numerator / value; null where the column has none, and where the value is not above 0: an expansion may leave the
 * range of what a distance can be.
 */
export function derivedQuantity({ name, distance }: DescriptorColumn, value: number): DerivedQuantity | null {
  if (distance === undefined || !(value > 0)) return null;
  const { numerator, unit, pair } = distance;
  return { name: `R(${pair ? pair.join('-') : name})`, unit, value: numerator / value };
}
