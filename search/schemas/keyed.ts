import { z } from 'zod';
import { suggestNearest } from '../fault.ts';

/** Declares an object whose unknown keys are reported together with the nearest known one. */
export function keyed<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? suggestNearest((issue.keys as string[])[0] ?? '', Object.keys(shape)) : undefined,
  });
}

/** Declares an object with exactly one of these keys: { grid: { steps: 3 } } is a grid. */
export const oneOf = <Spec extends { readonly kind: string }>(
  shape: Readonly<Record<Spec['kind'], z.ZodType>>,
  names: readonly Spec['kind'][],
) =>
  keyed(shape)
    .partial()
    .transform((form, context): Spec => {
      const [given, ...others] = Object.entries(form);
      if (given && others.length === 0) return { kind: given[0], ...(given[1] as object) } as Spec;
      // An unknown key has been reported.
      if (context.issues.length === 0)
        context.issues.push({ code: 'custom', message: `name exactly one of ${names.join(', ')}`, input: form });
      return z.NEVER;
    });

/** Whether no value occurs twice. */
export const isDistinct = (values: readonly unknown[]): boolean =>
  new Set(values.map((value) => JSON.stringify(value))).size === values.length;

export const count = z.int().positive();

/** A range [low, high] whose ends are valid by themselves. */
export const rising = (end: z.ZodType<number>) =>
  z.tuple([end, end]).refine(([low, high]) => low < high, 'must rise: [low, high] with low < high');
