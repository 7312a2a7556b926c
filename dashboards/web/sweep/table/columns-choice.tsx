/** A list of checkboxes for the columns of a view. */
import { labelOf } from '../../../../search/columns/trial-columns.ts';

export interface ColumnsChoiceProps {
  readonly summary: string;
  readonly all: readonly string[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  /** The least number of columns that stay chosen. */
  readonly least: number;
}

export function ColumnsChoice({ summary, all, chosen, onChange, least }: ColumnsChoiceProps) {
  return (
    <details class="columns-choice">
      <summary>
        {summary} ({chosen.length} of {all.length})
      </summary>
      <fieldset aria-label={summary}>
        {all.map((name) => {
          const isChosen = chosen.includes(name);
          return (
            <label key={name}>
              <input
                type="checkbox"
                checked={isChosen}
                disabled={isChosen && chosen.length <= least}
                onChange={() => onChange(isChosen ? chosen.filter((one) => one !== name) : [...chosen, name])}
              />
              {labelOf(name)}
            </label>
          );
        })}
      </fieldset>
    </details>
  );
}
