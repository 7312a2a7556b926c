/** Colours of trials: by method, or by covered variance on validation rows. */
import { METHODS } from '../../../../models/methods/catalogue.ts';
import { interpolateColours, type Rgb, resolveRgb } from '../../charts/colours.ts';
import { type Axis, createAxis } from '../../trials/axis.ts';
import type { Field, TrialTable } from '../../trials/table.ts';

export const COLOURINGS = ['validation', 'method'] as const;
export type Colouring = (typeof COLOURINGS)[number];

/** Colours from the lowest to the highest value. */
const STEPS = 16;
const RISING = ['--rising-0', '--rising-1', '--rising-2', '--rising-3', '--rising-4'];

/** Returns the colour of each class; the last is for trials without a value. */
export function listClassColours(colouring: Colouring): Rgb[] {
  const none = resolveRgb(['--none']);
  return colouring === 'method'
    ? [...resolveRgb(METHODS.map((method) => `--${method}`)), ...none]
    : [...interpolateColours(resolveRgb(RISING), STEPS), ...none];
}

/** Returns the class of each trial. `residual`: as on the axis of covered variance. */
export function classifyTrials(table: TrialTable, colouring: Colouring, residual: boolean): Uint8Array<ArrayBuffer> {
  const classes = new Uint8Array(table.rows);
  if (colouring === 'method') {
    const method = table.fields.get('method') as Field;
    // Categories are numbered by the server.
    const numbers = (method.categories ?? []).map((category) => (METHODS as readonly string[]).indexOf(category));
    for (let i = 0; i < classes.length; i++) classes[i] = numbers[method.values[i] ?? Number.NaN] ?? METHODS.length;
    return classes;
  }
  const axis: Axis = createAxis(table.fields.get('validation') as Field, { residual });
  const { values } = axis.field;
  for (let i = 0; i < classes.length; i++) {
    const value = values[i] ?? Number.NaN;
    classes[i] = Number.isNaN(value) ? STEPS : Math.min(STEPS - 1, (axis.position(value) * STEPS) | 0);
  }
  return classes;
}
