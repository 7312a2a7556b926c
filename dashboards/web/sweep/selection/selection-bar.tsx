/** The selection as text, above the views that it narrows. */
import { useId } from 'preact/hooks';
import { countKept, narrow } from '../../../../search/columns/column.ts';
import { formatCount, pluralise } from '../../parts/format.ts';
import { DebouncedInput } from '../../parts/page.tsx';
import { useUrl } from '../../state/url.ts';
import type { Field, TrialTable } from '../../trials/table.ts';
import { describeBrush } from '../views/descriptions.ts';
import { type PageSelection, parseTop } from './use-selection.ts';

/** A filter is applied when typing has paused for this long. */
const DEBOUNCE_MS = 350;

export function SelectionBar({ table, page }: { readonly table: TrialTable; readonly page: PageSelection }) {
  const { change } = useUrl();
  const { selection, brushes, fault, brushFaults, top } = page;
  const id = useId();
  const unscored = countUnscored(table, selection.mask);
  const narrows = !selection.isEverything || page.where !== '' || brushFaults.length > 0;
  return (
    <section class="selection-bar" aria-label="Selection">
      <div class="toolbar">
        <div class="field wide">
          <label for={`${id}-where`}>Filter</label>
          <DebouncedInput
            id={`${id}-where`}
            type="search"
            value={page.where}
            placeholder="method=eca|nnca, k<=3, validation>=0.9"
            autocomplete="off"
            spellcheck={false}
            aria-invalid={fault === null ? undefined : 'true'}
            aria-describedby={`${id}-fault`}
            onText={(where) => change({ where })}
            milliseconds={DEBOUNCE_MS}
          />
        </div>
        <div class="field">
          <label for={`${id}-top`}>Best n only</label>
          <DebouncedInput
            id={`${id}-top`}
            type="number"
            min={1}
            step={1}
            class="top-n"
            value={top === null ? '' : String(top)}
            placeholder="all"
            onText={(text) => change({ top: parseTop(text) })}
            milliseconds={DEBOUNCE_MS}
          />
        </div>
        <p class="matched number" role="status" aria-live="polite">
          <strong>{formatCount(selection.count)}</strong> of {pluralise(selection.outOf, 'trial')}
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
