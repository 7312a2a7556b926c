/**
 * Squared errors of single test rows, from which the uncertainty that comes from a finite test set
 * is estimated. In the scaled units of the score, which is 1 - sum(errors) / sum(spreads).
 */

/** Test rows of one partition of a dataset; the same for all trials scored on them. */
export interface TestRows {
  /** Squared distance of each row's target from the column means of the test rows, [nTest]. */
  readonly spreads: Float64Array;
  /** The same for the row's structure, [nTest]. */
  readonly structureSpreads: Float64Array;
  /** Resampling unit of each row, [nTest]: its group where the split is by group, else itself. */
  readonly units: Int32Array;
  /** Stratum of each row, [nTest], where the split is stratified by a series; else null. */
  readonly strata: Int32Array | null;
}

/** A trial or baseline on its test rows; the arrays of TestRows are shared by all of them. */
export interface TestErrors extends TestRows {
  /** Squared error of each row, summed over outputs, [nTest]. */
  readonly errors: Float64Array;
  /** Squared error of each row's expanded structure, [nTest]; null without an expansion. */
  readonly structureErrors: Float64Array | null;
}
