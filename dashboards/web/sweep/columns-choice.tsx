/** Which columns a view shows, in which order. */
import { labelOf } from './table.ts';

export interface ColumnsChoiceProps {
  readonly summary: string;
  readonly all: readonly string[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  /** So many must stay. */
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

/** The names of a list in an address that the sweep has as columns, each once; what stands in for it where that leaves nothing. */
export function namesOf(text: string | undefined, known: readonly string[], otherwise: readonly string[]): readonly string[] {
  const names = [...new Set((text ?? '').split(','))].filter((name) => known.includes(name));
  return names.length > 0 ? names : otherwise;
}

/** With one of them moved by a place. */
export function moved(names: readonly string[], name: string, by: -1 | 1): readonly string[] {
  const from = names.indexOf(name);
  const to = from + by;
  if (from < 0 || to < 0 || to >= names.length) return names;
  const next = [...names];
  [next[from], next[to]] = [next[to] as string, next[from] as string];
  return next;
}
