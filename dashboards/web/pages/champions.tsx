/** The current champions of all retrainings. */
import type { Champion } from '../../contract/retraining.ts';
import { Command } from '../parts/command.tsx';
import { pluralise } from '../parts/format.ts';
import { Empty, Show } from '../parts/load-states.tsx';
import { ALL, optionsOf, PageHead, SelectField } from '../parts/page.tsx';
import { ChampionsTable } from '../retraining/champions-table.tsx';
import { useRetrainingVersion } from '../state/live.ts';
import { useJson } from '../state/load.ts';
import { useUrl } from '../state/url.ts';

export default function ChampionsPage() {
  const version = useRetrainingVersion(null);
  const champions = useJson<{ items: Champion[] }>('/champions', {}, version);
  return (
    <>
      <PageHead title="Champions">
        <p class="soft small">The model in use for each dataset, target, method and width.</p>
      </PageHead>
      <Show of={champions} what="champions" height="20rem">
        {({ items }) => (items.length === 0 ? <NoChampions /> : <List of={items} />)}
      </Show>
    </>
  );
}

function List({ of }: { readonly of: readonly Champion[] }) {
  const { parameters, change } = useUrl();
  const { retraining = '' } = parameters;
  const names = new Set(of.map((one) => one.retraining));
  if (retraining !== '') names.add(retraining);
  const shown = of
    .filter((one) => retraining === '' || one.retraining === retraining)
    .sort((a, b) => a.dataset.localeCompare(b.dataset) || a.target.localeCompare(b.target));
  return (
    <>
      <div class="toolbar">
        <SelectField
          id="retraining"
          label="Retraining"
          value={retraining}
          options={[ALL, ...optionsOf(names)]}
          onChange={(name) => change({ retraining: name })}
        />
      </div>
      {shown.length === 0 ? (
        <Empty>
          <p>{retraining} has no champion yet.</p>
        </Empty>
      ) : (
        <ChampionsTable of={shown} isMixed />
      )}
      <p class="pager">
        {shown.length} of {pluralise(of.length, 'champion')}
      </p>
    </>
  );
}

function NoChampions() {
  return (
    <Empty title="No champions yet">
      <p>A retraining registers the best model of each method and width, and replaces it when a better one is found:</p>
      <Command>narrows retrain start sweep.yaml --every 1h --watch-dir incoming</Command>
    </Empty>
  );
}
