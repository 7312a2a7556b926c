/** The selection as text, above the views that it narrows. */
import { useId } from 'preact/hooks';
import { countKept, narrow } from '../../../../search/columns/column.ts';
import { formatCount, pluralise } from '../../parts/format.ts';
import { useDebouncedText } from '../../state/debounce.ts';
import type { Field, TrialTable } from '../../trials/table.ts';
import { describeBrush } from '../views/descriptions.ts';
import { type PageSelection, parseTop } from './use-selection.ts';

/** A filter is applied when typing has paused for this long. */
const REST_MS = 350;

export function SelectionBar({
  table,
  page,
  onWhere,
  onTop,
}: {
  readonly table: TrialTable;
  readonly page: PageSelection;
  readonly onWhere: (where: string) => void;
  readonly onTop: (top: number | null) => void;
}) {
  const { selection, brushes, fault, brushFaults, top } = page;
  const id = useId();
  const unscored = countUnscored(table, selection.mask);
  const narrows = !selection.isEverything || page.where !== '' || brushFaults.length > 0;
  return (
    <section class="selection-bar" aria-label="Selection">
      <div class="toolbar">
        <div class="field wide">
          <label for={`${id}-where`}>Filter</label>
          <Typed
            id={`${id}-where`}
            value={page.where}
            placeholder="method=eca|nnca, k<=3, validation>=0.9"
            invalid={fault !== null}
            describedBy={`${id}-fault`}
            onChange={onWhere}
          />
        </div>
        <div class="field">
          <label for={`${id}-top`}>Best n only</label>
          <Typed
            id={`${id}-top`}
            value={top === null ? '' : String(top)}
            placeholder="all"
            numeric
            onChange={(text) => onTop(parseTop(text))}
          />
        </div>
        <p class="matched number" role="status" aria-live="polite">
          <strong>{formatCount(selection.count)}</strong> of {pluralise(table.rows, 'trial')}
          {unscored > 0 && <span class="soft">; {formatCount(unscored)} of these without covered variance</span>}
        </p>
        <button type="button" class="end" aria-disabled={narrows ? undefined : 'true'} onClick={() => narrows && page.clear()}>
          Clear selection
        </button>
      </div>
      <div id={`${id}-fault`} class="field" role="alert">
        {fault && (
          <p class="fault">
            Filter ignored: {fault.message}. {fault.fix}
          </p>
        )}
        {brushFaults.length > 0 && <p class="fault">Ignored, not valid in this address: {brushFaults.join('; ')}.</p>}
      </div>
      {brushes.size > 0 && (
        <ul class="brushes" aria-label="Brushes">
          {[...brushes].map(([name, brush]) => (
            <li key={name}>
              <button
                type="button"
                onClick={() => page.brush(name, null)}
                aria-label={`Remove brush: ${describeBrush(table, name, brush)}`}
              >
                {describeBrush(table, name, brush)} <span aria-hidden="true">×</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function countUnscored({ fields }: TrialTable, selected: Uint8Array): number {
  const mask = selected.slice();
  narrow(mask, fields.get('validation') as Field, (value) => value === null);
  return countKept(mask);
}

/** A debounced text field. */
function Typed({
  id,
  value,
  placeholder,
  invalid = false,
  numeric = false,
  describedBy,
  onChange,
}: {
  readonly id: string;
  readonly value: string;
  readonly placeholder: string;
  readonly invalid?: boolean;
  readonly numeric?: boolean;
  readonly describedBy?: string;
  readonly onChange: (text: string) => void;
}) {
  const [text, setText] = useDebouncedText(value, onChange, REST_MS);
  const shared = {
    id,
    value: text,
    placeholder,
    'aria-describedby': describedBy,
    onInput: (event: { currentTarget: HTMLInputElement }) => setText(event.currentTarget.value),
  };
  return numeric ? (
    <input {...shared} type="number" min={1} step={1} class="top-n" />
  ) : (
    <input {...shared} type="search" autocomplete="off" spellcheck={false} aria-invalid={invalid ? 'true' : undefined} />
  );
}
