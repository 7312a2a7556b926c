/** The models in use of every retraining. */
import type { Champion } from '../../contract/retraining.ts';
import { getJson } from '../api/http.ts';
import { Command } from '../parts/command.tsx';
import { pluralise } from '../parts/format.ts';
import { PageTitle } from '../parts/frame.tsx';
import { Show } from '../parts/load-states.tsx';
import { ChampionsTable } from '../retraining/champions-table.tsx';
import { useRetrainingVersion } from '../state/live.ts';
import { useLoad } from '../state/load.ts';
import { useUrl } from '../state/url.ts';

export default function ChampionsPage() {
  const news = useRetrainingVersion(null);
  const { parameters, change } = useUrl();
  const { retraining = '' } = parameters;
  const champions = useLoad('champions', (signal) => getJson<{ items: Champion[] }>('/champions', {}, signal), news);
  return (
    <>
      <div class="page-head">
        <div>
          <PageTitle>Champions</PageTitle>
          <p class="soft small">The model in use for each dataset, target, method and width, and since when.</p>
        </div>
      </div>
      <Show of={champions} what="champions" height="20rem">
        {({ items }) =>
          items.length === 0 ? (
            <Beginning />
          ) : (
            <List of={items} retraining={retraining} onRetraining={(name) => change({ retraining: name })} />
          )
        }
      </Show>
    </>
  );
}

function List({
  of,
  retraining,
  onRetraining,
}: {
  readonly of: readonly Champion[];
  readonly retraining: string;
  readonly onRetraining: (name: string) => void;
}) {
  const names = [...new Set(of.map((one) => one.retraining))];
  const shown = of
    .filter((one) => retraining === '' || one.retraining === retraining)
    .sort((a, b) => a.dataset.localeCompare(b.dataset) || a.target.localeCompare(b.target));
  return (
    <>
      <div class="toolbar">
        <div class="field">
          <label for="retraining">Retraining</label>
          <select id="retraining" value={retraining} onChange={(event) => onRetraining(event.currentTarget.value)}>
            <option value="">any</option>
            {[...new Set([...names, ...(retraining === '' ? [] : [retraining])])].map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </div>
      </div>
      {shown.length === 0 ? (
        <div class="state">
          <p>{retraining} has no champion yet.</p>
        </div>
      ) : (
        <ChampionsTable of={shown} several />
      )}
      <p class="pager">
        {shown.length} of {pluralise(of.length, 'champion')}
      </p>
    </>
  );
}

function Beginning() {
  return (
    <div class="state">
      <h2>No champion yet</h2>
      <p>A retraining puts the best model of each method and width in use, and replaces it when a better one comes:</p>
      <Command>narrows retrain start sweep.yaml --every 1h --watch-dir incoming</Command>
    </div>
  );
}
