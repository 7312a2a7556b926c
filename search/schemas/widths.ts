/** Validation of widths: stated ones, and the search for the smallest that suffices. */
import { z } from 'zod';
import { METHOD_DEFINITIONS, METHODS } from '../../models/methods/catalogue.ts';
import { isRising } from '../../models/vectors.ts';
import { type SpecFault, specFault } from '../fault.ts';
import { DEFAULT_MARGIN, DEFAULT_MAX_WIDTH, type SweepSpec } from '../spec.ts';
import { keyOf, stoppingOf } from '../stopping/table.ts';
import { count, keyed } from './keyed.ts';

const MAX_WIDTHS = 1000;

/** Returns the widths that a search may try; without a maximum, as many as the data allow. */
const searched = ({
  max,
  margin = DEFAULT_MARGIN,
}: {
  readonly max?: number | undefined;
  readonly margin?: number | undefined;
}) => ({
  k: Array.from({ length: max ?? DEFAULT_MAX_WIDTH }, (_, i) => i + 1),
  auto: { margin, ...(max === undefined && { isOpen: true as const }) },
});

const stated = (k: readonly number[]) => ({ k, auto: undefined });

const FORMS = 'expected a width, a list of widths such as [1, 2, 3], or auto for the smallest that suffices';

/** A width, a list of them, or a search: 'auto', { auto: { max: 16, margin: 0.01 } }. */
export const widths = z.union(
  [
    count.transform((one) => stated([one])),
    z
      .array(count)
      .min(1, 'the space is empty: name at least one width')
      .max(MAX_WIDTHS)
      .refine(isRising, 'must rise, each width once')
      .transform(stated),
    z
      .string()
      .refine((word) => word === 'auto', FORMS)
      .transform(() => searched({})),
    z
      .strictObject(
        { auto: keyed({ max: count.max(MAX_WIDTHS).optional(), margin: z.number().gt(0).lt(1).optional() }).transform(searched) },
        { error: ({ code }) => (code === 'unrecognized_keys' ? 'list widths: [1, 2, 3]; known here: auto' : undefined) },
      )
      .transform(({ auto }) => auto),
  ],
  { error: FORMS },
);

/** Yields parts of a spec that do not go together with a search for widths. */
export function* checkWidthSearch(spec: SweepSpec): Generator<SpecFault> {
  if (!spec.space.auto) return;
  const emulating = METHODS.filter((method) => METHOD_DEFINITIONS[method].trainsEmulator);
  if (!spec.methods.some((method) => emulating.includes(method))) {
    const message = `a search for widths compares them with the full emulator, which only ${emulating.join(' and ')} trains`;
    yield specFault('methods', message, `add ${emulating.join(' or ')}, or name the widths in space.k`);
  }
  const stopping = stoppingOf(spec);
  if (stopping) {
    const path = keyOf(stopping);
    const message = `a search for widths compares the scores of whole trainings, and ${path} ends some of them early`;
    yield specFault(path, message, `leave ${path} out, or name the widths in space.k`);
  }
  if (spec.budget) {
    const message = 'a budget is divided among all widths, and a search decides which of them are trained';
    yield specFault('budget', message, 'leave the budget out, or name the widths in space.k');
  }
  if (spec.warm) {
    const message = 'warm starts need a model of each width, and a search decides which widths are trained';
    yield specFault('warm', message, 'leave warm starts out, or name the widths in space.k');
  }
}
