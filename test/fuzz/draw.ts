/** Seeded choices: an input follows from the seed, its target and its number alone. */
import { stream } from '../../models/random.ts';

export interface Draw {
  /** Returns a whole number from 0 up to `limit`, excluded. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly [T, ...T[]] | readonly T[]): T;
  bytes(count: number): Buffer;
}

export function drawOf(seed: number, target: string, index: number): Draw {
  const { uniform } = stream(seed, `fuzz ${target}`, index);
  const below = (limit: number) => Math.floor(uniform() * limit);
  return {
    below,
    chance: (probability) => uniform() < probability,
    pick: (list) => {
      if (list.length === 0) throw new RangeError('nothing to pick from');
      return list[below(list.length)] as (typeof list)[number];
    },
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => below(256))),
  };
}
