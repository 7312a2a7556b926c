/** Agreement of what trials find on different partitions of the rows. */
import type { Matrix } from '../axes.ts';
import type { AxisScaling } from '../scaling.ts';
import { directionsIn, orthonormalRows } from './across.ts';
import { type Agreement, pairwiseAgreement } from './pairwise.ts';

/** A trial of the configuration that is best on its partition. */
export interface PartitionFinding {
  /** Standardisation of the descriptors by the partition's training rows. */
  readonly scaling: AxisScaling;
  /** V [k, D] over the descriptors that the scaling keeps, orthonormal rows; null for EDNN. */
  readonly components: Float32Array | null;
  /** [n, k] of rows that every partition has, in the same order for all findings. */
  readonly latents: Matrix;
}

/** Returns findings with their directions in the standardised descriptors of `own`. */
export const inScaling = (findings: readonly PartitionFinding[], own: AxisScaling) =>
  findings.map(({ scaling, components, latents }) => ({
    latents,
    components: components && orthonormalRows(directionsIn(own, components, scaling), own.kept.length),
  }));

/**
 * Returns the agreement over all pairs of partitions, with directions in the standardised
 * descriptors of `own`. Partitions differ in their training rows and choice of configuration, so
 * that directions which collinear descriptors leave open differ as well, which seeds alone need
 * not show.
 */
export function agreementOverPartitions(findings: readonly PartitionFinding[], own: AxisScaling): Agreement {
  return pairwiseAgreement(inScaling(findings, own), own.kept.length);
}
