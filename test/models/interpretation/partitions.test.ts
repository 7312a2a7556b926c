import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Matrix } from '../../../models/axes.ts';
import { agreementOverPartitions, type PartitionFinding } from '../../../models/interpretation/partitions.ts';
import { stream } from '../../../models/random.ts';
import type { AxisScaling } from '../../../models/scaling.ts';

const scalingOf = (deviation: readonly number[], kept: readonly number[] = [0, 1, 2]): AxisScaling => ({
  kept: Uint32Array.from(kept),
  mean: new Float64Array(kept.length),
  deviation: Float64Array.from(deviation),
  columns: 3,
  constants: [],
});

const { normal } = stream(5, 'partitions');
const latents: Matrix = { rows: 300, columns: 1, data: Float32Array.from({ length: 300 }, normal) };

/** A unit vector over standardised descriptors whose physical covector is `w`. */
function finding(scaling: AxisScaling, w: readonly number[], own: Matrix = latents): PartitionFinding {
  const v = [...scaling.kept].map((column, i) => (w[column] as number) * (scaling.deviation[i] as number));
  const length = Math.hypot(...v);
  return { scaling, components: Float32Array.from(v, (value) => value / length), latents: own };
}

test('one physical direction is the same on every partition, whatever each was standardised by', () => {
  const first = scalingOf([1, 2, 3]);
  const found = agreementOverPartitions(
    [finding(first, [1, 1, 0]), finding(scalingOf([1.1, 1.8, 3.3]), [1, 1, 0]), finding(scalingOf([5, 2, 1]), [2, 2, 0])],
    first,
  );
  assert.ok(found.kind === 'principal-angles');
  assert.equal(found.pairs, 3);
  assert.ok(found.largest.high < 1e-3 && found.stable, `${found.largest.high} degrees`);
});

test('the angle is measured in the standardised descriptors of the first partition', () => {
  const first = scalingOf([1, 2, 1]);
  // Standardised by the first partition: (1, 2, 0) and (1, 0, 0), atan(2) apart.
  const found = agreementOverPartitions([finding(first, [1, 1, 0]), finding(scalingOf([4, 4, 4]), [1, 0, 0])], first);
  assert.ok(found.kind === 'principal-angles');
  assert.ok(Math.abs(found.largest.mean - (Math.atan(2) * 180) / Math.PI) < 1e-4, `${found.largest.mean}`);
  assert.equal(found.stable, false);
});

test('a descriptor that does not vary on another partition counts as 0 there', () => {
  const first = scalingOf([1, 1, 1]);
  const found = agreementOverPartitions([finding(first, [1, 0, 1]), finding(scalingOf([1, 1], [0, 1]), [1, 0, 0])], first);
  assert.ok(found.kind === 'principal-angles');
  assert.ok(Math.abs(found.largest.mean - 45) < 1e-4, `${found.largest.mean}`);
});

test('latents without components are compared as functions on the same rows', () => {
  const first = scalingOf([1, 1, 1]);
  const bent: Matrix = { ...latents, data: latents.data.map((value) => Math.exp(value)) };
  const strange: Matrix = { ...latents, data: Float32Array.from({ length: 300 }, normal) };
  const none = (own: Matrix): PartitionFinding => ({ scaling: first, components: null, latents: own });
  const same = agreementOverPartitions([none(latents), none(bent)], first);
  assert.ok(same.kind === 'latents' && same.stable, JSON.stringify(same));
  const other = agreementOverPartitions([none(latents), none(strange)], first);
  assert.ok(other.kind === 'latents' && !other.stable && other.r2.high < 0.2, JSON.stringify(other));
});
