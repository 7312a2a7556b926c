/** The `split` of a spec: the shares of train, validation and test, and the partitions. */
import { z } from 'zod';
import { DEFAULT_SHARES, foldShares, type SplitSpec } from '../spec.ts';
import { keyed } from './keyed.ts';

/** Maximum partitions of a sweep: more are a typing error. */
const MAX_PARTITIONS = 1000;

/** Shares are written with a few digits: sums are not exact. */
const [SUM_TOLERANCE, TEST_TOLERANCE] = [1e-6, 1e-3];

const fraction = z.number().gt(0, 'must be above 0: no part of the split may be empty').lt(1);

const document = keyed({
  train: fraction.optional(),
  validation: fraction.optional(),
  test: fraction.optional(),
  seed: z.int().nonnegative().default(1),
  by: z.enum(['random', 'group']).default('random'),
  repeats: z.int().positive().max(MAX_PARTITIONS).optional(),
  folds: z.int().min(2, 'must be at least 2: one fold would leave no rows to train on').max(MAX_PARTITIONS).optional(),
});

/** A split with all shares: those that it leaves out are the default, or follow from its folds. */
export const split = document.transform((given, context): SplitSpec => {
  const { seed, by, repeats, folds } = given;
  const fail = (path: readonly string[], message: string) => {
    context.addIssue({ code: 'custom', message, path: [...path] });
    return z.NEVER;
  };
  if (folds === undefined) {
    const shares = { ...DEFAULT_SHARES, ...sharesOf(given) };
    if (!sumsToOne(shares)) return fail([], 'train, validation and test must sum to 1');
    return { ...shares, seed, by, ...(repeats !== undefined && repeats > 1 && { repeats }) };
  }
  if (repeats !== undefined) return fail(['repeats'], 'cannot be combined with folds: leave one of them out');
  const { test, train, validation } = foldShares(folds);
  if (given.test !== undefined && Math.abs(given.test - test) > TEST_TOLERANCE) {
    return fail(['test'], `must be ${short(test)} with ${folds} folds, each of which is tested once: leave it out`);
  }
  const shares = { train, validation, ...sharesOf(given), test };
  if (!sumsToOne(shares)) {
    const sum = short(train + validation);
    return fail([], `train and validation must sum to ${sum} with ${folds} folds: give both, or leave both out`);
  }
  return { ...shares, seed, by, folds };
});

/** Returns the shares that are given. */
const sharesOf = ({ train, validation, test }: z.output<typeof document>): Partial<Shares> => ({
  ...(train !== undefined && { train }),
  ...(validation !== undefined && { validation }),
  ...(test !== undefined && { test }),
});

type Shares = Pick<SplitSpec, 'train' | 'validation' | 'test'>;

const sumsToOne = ({ train, validation, test }: Shares): boolean => Math.abs(train + validation + test - 1) < SUM_TOLERANCE;

/** 0.3333. */
const short = (share: number): string => String(Number(share.toPrecision(4)));
