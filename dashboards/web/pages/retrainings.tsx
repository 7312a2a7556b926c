/** All retrainings with their schedules and last runs. */
import type { Retraining } from '../../contract/retraining.ts';
import { Command } from '../parts/command.tsx';
import { formatCount, pluralise } from '../parts/format.ts';
import { VersionLink } from '../parts/links.tsx';
import { Empty, Show } from '../parts/load-states.tsx';
import { PageHead } from '../parts/page.tsx';
import { retrainingPath, runPath } from '../parts/paths.ts';
import { type Column, RecordTable } from '../parts/record-table.tsx';
import { Timestamp } from '../parts/time.tsx';
import { RunTag, ScheduleTag } from '../retraining/tags.tsx';
import { useRetrainingVersion } from '../state/live.ts';
import { useJson } from '../state/load.ts';

export default function RetrainingsPage() {
  const version = useRetrainingVersion(null);
  const list = useJson<{ items: Retraining[] }>('/retrainings', {}, version);
  return (
    <>
      <PageHead title="Retraining">
        <p class="soft small">When new data arrive, challengers are trained and promoted where they beat the champions.</p>
      </PageHead>
      <Show of={list} what="retrainings" height="16rem">
        {({ items }) =>
          items.length === 0 ? (
            <NoRetrainings />
          ) : (
            <>
              <RecordTable label="Retrainings" rows={items} columns={COLUMNS} keyOf={({ name }) => name} />
              <p class="pager">{pluralise(items.length, 'retraining')}</p>
            </>
          )
        }
      </Show>
    </>
  );
}

const COLUMNS: readonly Column<Retraining>[] = [
  { title: 'Name', header: true, cell: ({ name }) => <a href={retrainingPath(name)}>{name}</a> },
  {
    title: 'Data',
    cell: ({ target, dataset, newest }) => (
      <>
        {target} of {dataset}
        {newest && (
          <div class="soft small">
            <VersionLink dataset={dataset} version={newest.version} />, {pluralise(newest.rows, 'row')}
          </div>
        )}
      </>
    ),
  },
  {
    title: 'Schedule',
    class: 'nowrap',
    cell: ({ schedule }) => (
      <>
        {schedule.words} <ScheduleTag of={schedule} />
      </>
    ),
  },
  { title: 'Next run', cell: ({ schedule }) => <Timestamp at={schedule.next[0] ?? null} /> },
  {
    title: 'Champions',
    number: true,
    cell: ({ name, champions }) =>
      champions === 0 ? '0' : <a href={`/champions?retraining=${encodeURIComponent(name)}`}>{formatCount(champions)}</a>,
  },
  {
    title: 'Last run',
    class: 'nowrap',
    cell: ({ name, lastRun }) =>
      lastRun === null ? (
        'none'
      ) : (
        <>
          <RunTag outcome={lastRun.outcome} />{' '}
          <a href={runPath(name, lastRun.runId)}>
            <Timestamp at={lastRun.startedAt} />
          </a>
        </>
      ),
  },
];

function NoRetrainings() {
  return (
    <Empty title="No retrainings yet">
      <p>A retraining needs a sweep spec, a schedule, and a folder for new data:</p>
      <Command>narrows retrain start sweep.yaml --every 1h --watch-dir incoming</Command>
      <p>Or see a demo on the shipped data of water molecules, in two minutes:</p>
      <Command>narrows demo-retrain</Command>
    </Empty>
  );
}
