/** The selection of sweeps to compare: the chosen ones and a search for more. */

import { useId, useState } from 'preact/hooks';
import { MOST_COMPARED_SWEEPS } from '../../../models/evaluation/comparison.ts';
import type { Page } from '../../contract/shared.ts';
import type { SweepSummary } from '../../contract/sweeps.ts';
import { getJson } from '../api/http.ts';
import { StateTag } from '../parts/labels.tsx';
import { Show } from '../parts/load-states.tsx';
import { sweepPath } from '../parts/paths.ts';
import { Timestamp } from '../parts/time.tsx';
import { useThrottled } from '../state/live.ts';
import { useLoad } from '../state/load.ts';

const FOUND = 8;

interface ChooseProps {
  readonly chosen: readonly string[];
  readonly nameOf: (idOrName: string) => string;
  readonly onChange: (chosen: readonly string[]) => void;
}

export function Choose({ chosen, nameOf, onChange }: ChooseProps) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const search = useThrottled(typed.trim(), 250);
  const loaded = useLoad(`compare search ${search}`, (signal) =>
    getJson<Page<SweepSummary>>('/sweeps', { search: search === '' ? null : search, limit: FOUND + chosen.length }, signal),
  );
  const isFull = chosen.length >= MOST_COMPARED_SWEEPS;
  return (
    <section class="card choose" aria-labelledby={id}>
      <h2 id={id}>Sweeps</h2>
      {chosen.length > 0 && (
        <ul class="chosen" aria-label="Chosen">
          {chosen.map((one) => (
            <li key={one}>
              <a href={sweepPath(one)}>{nameOf(one)}</a>
              <button
                type="button"
                class="plain"
                aria-label={`Remove ${nameOf(one)}`}
                onClick={() => onChange(chosen.filter((other) => other !== one))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <details open={chosen.length < 2}>
        <summary>Add a sweep</summary>
        <div class="field">
          <label for={`${id}-search`}>Search by name, dataset or target</label>
          <input id={`${id}-search`} type="search" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </div>
        <div class="found-room">
          <Show of={loaded} what="sweeps" height="7rem">
            {({ items, matched }) => {
              const open = items
                .filter(({ sweepId, name }) => !chosen.includes(sweepId) && !chosen.includes(name))
                .slice(0, FOUND);
              if (matched === 0) return <p class="small soft">No sweep matches.</p>;
              return (
                <>
                  <ul class="found">
                    {open.map((sweep) => (
                      <li key={sweep.sweepId}>
                        <button type="button" disabled={isFull} onClick={() => onChange([...chosen, sweep.sweepId])}>
                          Add<span class="unseen"> {sweep.name}</span>
                        </button>
                        <span>
                          <strong>{sweep.name}</strong> {sweep.target} of {sweep.dataset.name} <StateTag state={sweep.state} />{' '}
                          <span class="soft small">
                            <Timestamp at={sweep.startedAt} />
                          </span>
                        </span>
                      </li>
                    ))}
                  </ul>
                  <p class="small soft">
                    {open.length} of {matched} shown{chosen.length > 0 && `, ${chosen.length} chosen`}
                    {isFull && `; ${MOST_COMPARED_SWEEPS} at most`}.
                  </p>
                </>
              );
            }}
          </Show>
        </div>
      </details>
    </section>
  );
}
