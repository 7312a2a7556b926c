/**
 * The number of trainers of a class, as KEDA and the horizontal pod autoscaler (HPA) of Kubernetes
 * choose it for a ScaledObject of the chart. Both look every 15 s with its defaults, and are taken
 * as one here.
 *
 * References: keda.sh/docs/latest/reference/scaledobject-spec (activation, cool-down);
 * kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale (desired number,
 * tolerance, stabilisation, default policies).
 */

/** Values of the chart for a class: `autoscaling` in infra/helm/narrows/values.yaml. */
export interface ScalingValues {
  readonly min: number;
  readonly max: number;
  readonly packsPerTrainer: number;
  readonly pollingSeconds: number;
  readonly cooldownSeconds: number;
  readonly scaleDownSeconds: number;
}

/** A number of trainers, and what the next one depends on; times in seconds. */
export interface Scale {
  readonly trainers: number;
  /** Time of the last look that saw packs; null: there has been none. */
  readonly activeAt: number | null;
  /** Numbers that the HPA found right, before it limited them. */
  readonly desired: readonly { readonly at: number; readonly trainers: number }[];
}

export const initialScale = ({ min }: ScalingValues): Scale => ({ trainers: min, activeAt: null, desired: [] });

/** Ratio of load to capacity at which the HPA changes nothing: 1, give or take this. */
const TOLERANCE = 0.1;

/** The HPA adds as many trainers at a look, or doubles them, whichever is more. */
const ADDED_AT_ONCE = 4;

/** Returns the scale after a look, at this time, that saw so many packs. */
export function nextScale(values: ScalingValues, { trainers, activeAt, desired }: Scale, at: number, packs: number): Scale {
  const { min, max, packsPerTrainer, cooldownSeconds, scaleDownSeconds } = values;
  const isActive = packs > 0;
  // Between none and the first, KEDA decides; the HPA rests at none.
  if (trainers === 0) return { trainers: isActive ? Math.max(1, min) : min, activeAt: isActive ? at : activeAt, desired };
  if (!isActive && min === 0 && (activeAt === null || at - activeAt > cooldownSeconds)) return { trainers: 0, activeAt, desired };

  const load = packs / (packsPerTrainer * trainers);
  const right = Math.abs(load - 1) > TOLERANCE ? Math.ceil(packs / packsPerTrainer) : trainers;
  const recent = [...desired.filter((one) => at - one.at < scaleDownSeconds), { at, trainers: right }];
  // Fewer only once fewer have been enough for the whole window; more at once.
  const stable = right < trainers ? Math.min(trainers, Math.max(...recent.map((one) => one.trainers))) : right;
  const reachable = Math.min(stable, Math.max(trainers + ADDED_AT_ONCE, 2 * trainers));
  return {
    trainers: Math.max(1, min, Math.min(max, reachable)),
    activeAt: isActive ? at : activeAt,
    desired: recent,
  };
}
