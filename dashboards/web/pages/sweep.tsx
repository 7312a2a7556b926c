/** One sweep: progress, covered variance of its methods, and all trials. */
import '../sweep/sweep.css';
import { useRef } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { countExpected } from '../../../search/states.ts';
import type { SweepDetail } from '../../contract/sweeps.ts';
import { getJson } from '../api/http.ts';
import { Failed, Loading } from '../parts/load-states.tsx';
import { LoadedPage } from '../parts/page.tsx';
import { sweepPath } from '../parts/paths.ts';
import { useInterval } from '../state/interval.ts';
import { useRevision } from '../state/live.ts';
import { useJson, useLoad } from '../state/load.ts';
import { useUrl } from '../state/url.ts';
import { Head } from '../sweep/head.tsx';
import { prefetchSweep } from '../sweep/loading/prefetch.ts';
import { useTrials } from '../sweep/loading/use-trials.ts';
import { CoverageSection } from '../sweep/views/coverage-section.tsx';
import { HistorySection } from '../sweep/views/history-section.tsx';
import { ImportanceSection } from '../sweep/views/importance-section.tsx';
import { ParetoSection } from '../sweep/views/pareto-section.tsx';
import { RungsSection } from '../sweep/views/rungs-section.tsx';
import { SliceSection } from '../sweep/views/slice-section.tsx';
import { Views } from '../sweep/views/views.tsx';

/** Refresh interval of a running sweep, in milliseconds. */
const REFRESH_MS = 1000;
/** The same where nothing is written of it: trainers may have come or gone. */
const IDLE_REFRESH_MS = 10_000;

export default function SweepPage() {
  const { params } = useRoute();
  // The key resets the state of the page for another sweep.
  return <Loader key={params.sweep} reference={params.sweep ?? ''} />;
}

function Loader({ reference }: { readonly reference: string }) {
  const loaded = useSweep(reference, useUrl().parameters.split);
  return (
    <LoadedPage of={loaded} title={reference} what="the sweep" height="60rem">
      {(sweep) => <Sweep sweep={sweep} onDone={loaded.reload} />}
    </LoadedPage>
  );
}

/** Loads a sweep by id or name, and reloads it as its revision rises. */
function useSweep(reference: string, split: string | undefined) {
  const isFirst = useRef(true);
  const idOf = useLoad(`id of ${reference}`, async (signal) => {
    const sweep = await getJson<SweepDetail>(sweepPath(reference), {}, signal);
    // Prefetches what the rest of the page needs.
    if (isFirst.current) prefetchSweep(sweep, split);
    isFirst.current = false;
    return sweep;
  });
  const sweepId = idOf.data?.sweepId ?? '';
  const revision = useRevision(sweepId, REFRESH_MS);
  const known = idOf.data?.revision ?? 0;
  const ticks = useInterval(idOf.data?.state === 'running' ? IDLE_REFRESH_MS : null);
  const isNewer = revision > known || ticks > 0;
  const fresh = useJson<SweepDetail>(sweepId !== '' && isNewer ? sweepPath(sweepId) : null, {}, `${revision} ${ticks}`);
  if (fresh.data === null && fresh.failure === null) return idOf;
  const reload = () => {
    idOf.reload();
    fresh.reload();
  };
  // What was loaded before the first one was reloaded is older.
  const isLatest = fresh.data !== null && fresh.data.revision >= known;
  return { ...fresh, data: isLatest ? fresh.data : idOf.data, reload };
}

function Sweep({ sweep, onDone }: { readonly sweep: SweepDetail; readonly onDone: () => void }) {
  const { parameters } = useUrl();
  const { table, version, failure } = useTrials(sweep.sweepId, sweep.parameters);
  const residual = parameters.spread === 'close';
  return (
    <div class="sweep stack">
      <div>
        <Head sweep={sweep} onDone={onDone} />
      </div>
      <CoverageSection sweep={sweep} residual={residual} />
      <div class="columns wide-columns">
        <ParetoSection sweep={sweep} residual={residual} />
        <HistorySection sweep={sweep} residual={residual} />
      </div>
      <SliceSection sweep={sweep} residual={residual} />
      <RungsSection sweep={sweep} />
      {failure && <Failed failure={failure} />}
      {table ? (
        <Views sweep={sweep} table={table} version={version} residual={residual}>
          <ImportanceSection sweep={sweep} />
        </Views>
      ) : (
        !failure && <Loading what={`${countExpected(sweep.counts)} trials`} height="60rem" />
      )}
    </div>
  );
}
