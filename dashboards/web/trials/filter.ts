/** The filter in words (`method=eca,validation>=0.9`: the command line's `--where`) over columns. */
import { NarrowsError } from '../../../errors.ts';
import { type Condition, parseWhere, satisfies } from '../../../search/columns/where.ts';
import type { Filter } from './selection.ts';
import type { Field, TrialTable } from './table.ts';

export interface FilterFault {
  readonly message: string;
  readonly fix: string | null;
}

/** The filter that a text means: null where the text is empty or faulty. A faulty one filters nothing and is told. */
export function filterOf(
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
  const stranger = conditions.find(({ column }) => !table.fields.has(column));
  if (stranger) {
    // A parameter that does not vary has no column here; engines and ids of trials are asked for elsewhere.
    const fix = `This page filters by ${[...table.fields.keys()].join(', ')}.`;
    return { filter: null, fault: { message: `“${stranger.column}” is no column that varies in this sweep`, fix } };
  }
  if (conditions.length === 0) return { filter: null, fault: null };
  return {
    filter: (of, mask) => {
      for (const condition of conditions) narrow(of.fields.get(condition.column) as Field, condition, mask);
    },
    fault: null,
  };
}

function narrow(field: Field, condition: Condition, mask: Uint8Array): void {
  const { values, words } = field;
  const none = satisfies(condition, null) ? 1 : 0;
  if (words.length > 0) {
    const passing = Uint8Array.from(words, (word) => (satisfies(condition, word) ? 1 : 0));
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      mask[i] = (mask[i] as number) & (Number.isNaN(value) ? none : (passing[value] as number));
    }
    return;
  }
  for (let i = 0; i < values.length; i++) {
    if (mask[i] === 0) continue;
    const value = values[i] as number;
    mask[i] = Number.isNaN(value) ? none : satisfies(condition, value) ? 1 : 0;
  }
}
