/** The text filter of the page (`method=eca,validation>=0.9`, as the command line's `--where`). */
import { NarrowsError } from '../../../errors.ts';
import { narrow } from '../../../search/columns/column.ts';
import { type Condition, compileCondition, parseWhere } from '../../../search/columns/where.ts';
import type { Filter } from './selection.ts';
import type { Field, TrialTable } from './table.ts';

export interface FilterFault {
  readonly message: string;
  readonly fix: string | null;
}

/** Returns the filter of a text: null where it is empty or faulty, which filters nothing. */
export function parseFilter(
  text: string,
  table: TrialTable,
): { readonly filter: Filter | null; readonly fault: FilterFault | null } {
  let conditions: readonly Condition[];
  try {
    conditions = parseWhere(text);
  } catch (error) {
    if (!(error instanceof NarrowsError)) throw error;
    return { filter: null, fault: { message: error.message, fix: error.fix ?? null } };
  }
  const unknown = conditions.find(({ column }) => !table.fields.has(column));
  if (unknown) {
    // The page has no column of a parameter that does not vary, of engines, or of ids.
    const fix = `This page filters by ${[...table.fields.keys()].join(', ')}.`;
    return { filter: null, fault: { message: `“${unknown.column}” is not a column that varies in this sweep`, fix } };
  }
  if (conditions.length === 0) return { filter: null, fault: null };
  const tests = conditions.map((condition) => ({ column: condition.column, test: compileCondition(condition) }));
  return {
    filter: ({ fields }, mask) => {
      for (const { column, test } of tests) narrow(mask, fields.get(column) as Field, test);
    },
    fault: null,
  };
}
