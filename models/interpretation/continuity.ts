/** Continuity of components, in order and sign, from one model to the next. */
import { projectionOf } from '../stored/model.ts';
import { unpackModel } from '../stored/model-file.ts';
import { dot } from '../vectors.ts';
import { anglesToSpan, directionsIn } from './across.ts';

export interface ComponentContinuity {
  /** Index of a component of the second model, from 1. */
  readonly component: number;
  /** Index of the matching component of the first model: the nearest that is not taken. */
  readonly was: number;
  /** -1: it points the other way, so that high is low. */
  readonly sign: 1 | -1;
  /** Between the two directions, in [0, 90]. */
  readonly degrees: number;
  /** False: it is another component now, and the old name would mislead. */
  readonly kept: boolean;
}

export interface Continuity {
  /** Principal angles between the two subspaces, degrees, rising. */
  readonly angles: readonly number[];
  readonly components: readonly ComponentContinuity[];
}

/** cos 26° is 0.9: the two then share four fifths of their variance. */
const KEPT_DEGREES = 26;

/**
 * Components of two models of one method and width, in the first one's standardised descriptors;
 * pairs are taken nearest first. What only one of them keeps, as a descriptor that began to vary
 * with new rows, counts as 0. Null for EDNN, which has none.
 */
export function continuity(first: Uint8Array, second: Uint8Array, k: number): Continuity | null {
  const [a, b] = [unpackModel(first), unpackModel(second)];
  const [own, other] = [a.scaling.x, b.scaling.x];
  const [V, W] = [projectionOf(a, k), projectionOf(b, k)];
  if (!V || !W) return null;
  const D = own.kept.length;
  const directions = directionsIn(own, W, other);
  const pairs = Array.from({ length: k * k }, (_, i) => {
    const [was, component] = [Math.floor(i / k), i % k];
    const cosine = cosineOf(V.subarray(was * D, (was + 1) * D), directions.subarray(component * D, (component + 1) * D));
    return { was, component, cosine };
  }).sort((p, q) => Math.abs(q.cosine) - Math.abs(p.cosine));
  const components: ComponentContinuity[] = [];
  const taken = { was: new Set<number>(), component: new Set<number>() };
  for (const { was, component, cosine } of pairs) {
    if (taken.was.has(was) || taken.component.has(component)) continue;
    taken.was.add(was);
    taken.component.add(component);
    const degrees = (Math.acos(Math.min(1, Math.abs(cosine))) * 180) / Math.PI;
    const [sign, kept] = [cosine < 0 ? -1 : 1, degrees <= KEPT_DEGREES] as const;
    components.push({ component: component + 1, was: was + 1, sign, degrees, kept });
  }
  components.sort((p, q) => p.component - q.component);
  return { angles: anglesToSpan(V, directions, D), components };
}

/** A direction of length 0 is orthogonal to all others. */
function cosineOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const lengths = Math.sqrt(dot(a, a) * dot(b, b));
  return lengths > 0 ? dot(a, b) / lengths : 0;
}
