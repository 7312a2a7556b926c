/** Validation of hidden layers that are stated by depth, width and taper. */
import { z } from 'zod';
import { combineLayers, spreadWidths } from '../layers/combine.ts';
import { count, isDistinct, keyed, rising } from './keyed.ts';

export const MAX_LAYERS = 8;

/** Maximum architectures of a space: results and pages list each of them. */
const MAX_ARCHITECTURES = 1000;

const listOf = <T extends z.ZodType>(value: T) =>
  z.array(value).min(1, 'names no value').max(MAX_ARCHITECTURES).refine(isDistinct, 'names a value twice');

const layers = count.max(MAX_LAYERS);

/** Numbers of layers: one, or all from low to high. */
const depths = z.union(
  [
    layers.transform((one) => [one]),
    rising(layers).transform(([low, high]) => Array.from({ length: high - low + 1 }, (_, i) => low + i)),
  ],
  { error: 'expected a number of layers, or a range of them: [low, high]' },
);

const widthForms = keyed({
  choice: listOf(count).optional(),
  log: rising(count).optional(),
  uniform: rising(count).optional(),
  steps: z.int().min(2).max(MAX_ARCHITECTURES).optional(),
});

/** Widths of the first layer: one, a choice, or whole numbers spread over a range. */
const widths = z.union([count.transform((one) => [one]), widthForms.transform(listWidths)], {
  error: 'expected a width, or one of { choice: [...] }, { log: [low, high] }, { uniform: [low, high] }',
});

function listWidths({ steps, ...forms }: z.output<typeof widthForms>, context: z.RefinementCtx): number[] {
  const given = Object.values(forms).filter((form) => form !== undefined);
  if (given.length !== 1) {
    context.addIssue({ code: 'custom', message: 'name exactly one of choice, log, uniform' });
    return z.NEVER;
  }
  if (forms.log) return spreadWidths('log', forms.log, steps);
  if (forms.uniform) return spreadWidths('uniform', forms.uniform, steps);
  if (steps !== undefined) {
    context.addIssue({ code: 'custom', message: 'steps divide a range: a choice has none', path: ['steps'] });
    return z.NEVER;
  }
  return forms.choice ?? [];
}

const ratio = z.number().positive().max(1, 'layers cannot widen: at most 1');

/** Ratios of the width of a layer to that of the one before. */
const tapers = z.union([ratio.transform((one) => [one]), keyed({ choice: listOf(ratio) }).transform(({ choice }) => choice)], {
  error: 'expected a ratio, or { choice: [...] }',
});

const combination = keyed({
  choice: z.undefined('names architectures, as depth and width do: use one or the other').optional(),
  depth: depths.optional(),
  width: widths.optional(),
  taper: tapers.prefault(1),
});

/**
 * Returns the architectures of { depth, width, taper } as a constant or { choice: [...] }; returns
 * every other form as it is.
 */
export const layerForm = z.unknown().transform((input, context): unknown => {
  const isForm = input !== null && typeof input === 'object' && !Array.isArray(input);
  if (!isForm || Object.keys(input).every((key) => key === 'choice')) return input;
  const { success, data, error } = combination.safeParse(input);
  if (!success) {
    for (const issue of error.issues) context.issues.push({ ...issue, input } as (typeof context.issues)[number]);
    return z.NEVER;
  }
  const { depth, width, taper } = data;
  if (depth === undefined || width === undefined) {
    const path = depth === undefined ? 'depth' : 'width';
    context.addIssue({ code: 'custom', message: 'is missing: name both depth and width', path: [path] });
    return z.NEVER;
  }
  const combinations = depth.length * width.length * taper.length;
  if (combinations > MAX_ARCHITECTURES) {
    const message = `names ${combinations} architectures: use fewer steps, at most ${MAX_ARCHITECTURES} in all`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
  const [first, ...others] = combineLayers({ depths: depth, widths: width, tapers: taper });
  return others.length === 0 ? first : { choice: [first, ...others] };
});
