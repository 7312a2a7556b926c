/** Which page stands at which address. Each page is loaded when it is first shown. */
import type { FunctionComponent } from 'preact';
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from 'preact-iso';
import { exec } from 'preact-iso/router';
import type { SweepDetail } from '../contract/sweeps.ts';
import { askJson } from './api/http.ts';
import { Frame, tellNavigation } from './parts/frame.tsx';
import { askSweep } from './sweep/first.ts';

const Missing = lazy(() => import('./pages/missing.tsx'));

type Parameters = Readonly<Record<string, string>>;

interface PageAt {
  readonly path: string;
  readonly page: FunctionComponent & { readonly preload: () => Promise<unknown> };
  /** The address under `/api` that it asks for first. */
  readonly first?: (parameters: Parameters) => string;
  /** Asks for more, by what the first answer says. */
  readonly next?: (answer: never, query: URLSearchParams) => void;
}

const sweepOf = ({ sweep = '' }: Parameters) => `/sweeps/${encodeURIComponent(sweep)}`;
const trialOf = ({ trial = '' }: Parameters) => `/trials/${encodeURIComponent(trial)}`;

const retrainingOf = ({ retraining = '' }: Parameters) => `/retrainings/${encodeURIComponent(retraining)}`;
const championOf = ({ champion = '' }: Parameters) => `/champions/${encodeURIComponent(champion)}`;

const nextOfSweep = (sweep: SweepDetail, query: URLSearchParams) => askSweep(sweep, query.get('split') ?? undefined);

const PAGES: readonly PageAt[] = [
  { path: '/', page: lazy(() => import('./pages/sweeps.tsx')) },
  { path: '/sweeps/new', page: lazy(() => import('./pages/new-sweep.tsx')), first: () => '/datasets' },
  { path: '/sweeps/:sweep', page: lazy(() => import('./pages/sweep.tsx')), first: sweepOf, next: nextOfSweep },
  { path: '/sweeps/:sweep/interpretation', page: lazy(() => import('./pages/interpretation.tsx')), first: sweepOf },
  { path: '/trials/:trial', page: lazy(() => import('./pages/trial.tsx')), first: trialOf },
  { path: '/trials/:trial/explore', page: lazy(() => import('./pages/explorer.tsx')), first: trialOf },
  { path: '/compare', page: lazy(() => import('./pages/compare.tsx')) },
  { path: '/datasets', page: lazy(() => import('./pages/datasets.tsx')), first: () => '/datasets' },
  {
    path: '/datasets/:name/:version',
    page: lazy(() => import('./pages/dataset.tsx')),
    first: ({ name = '', version = '' }) => `/datasets/${encodeURIComponent(name)}/${encodeURIComponent(version)}`,
  },
  { path: '/retrainings', page: lazy(() => import('./pages/retrainings.tsx')), first: () => '/retrainings' },
  { path: '/retrainings/:retraining', page: lazy(() => import('./pages/retraining.tsx')), first: retrainingOf },
  {
    path: '/retrainings/:retraining/runs/:run',
    page: lazy(() => import('./pages/retrain-run.tsx')),
    first: ({ run = '', ...of }) => `${retrainingOf(of)}/runs/${encodeURIComponent(run)}`,
  },
  { path: '/champions', page: lazy(() => import('./pages/champions.tsx')), first: () => '/champions' },
  { path: '/champions/:champion', page: lazy(() => import('./pages/champion.tsx')), first: championOf },
  { path: '/system', page: lazy(() => import('./pages/system.tsx')), first: () => '/system' },
  { path: '/sign-in', page: lazy(() => import('./pages/sign-in.tsx')) },
];

/**
 * Fetches the code of the page at a path while the frame is being drawn, and its first data as soon as `mayAsk` says that this session has them: one after the
 * other, these waits would add up.
 */
export async function prepare({ pathname: path, search }: Location, mayAsk: Promise<boolean>): Promise<void> {
  for (const { path: pattern, page, first, next } of PAGES) {
    // Of another path it answers undefined, whatever its type says.
    const match: { readonly params: Parameters } | undefined = exec(path, pattern);
    if (match === undefined) continue;
    page.preload().catch(() => undefined);
    if (first && (await mayAsk))
      askJson<never>(first(match.params), {}, next && ((answer) => next(answer, new URLSearchParams(search))));
    return;
  }
}

export function App() {
  return (
    <LocationProvider>
      <Frame>
        <ErrorBoundary>
          <Router onRouteChange={tellNavigation}>
            {PAGES.map(({ path, page }) => (
              <Route key={path} path={path} component={page} />
            ))}
            <Route default component={Missing} />
          </Router>
        </ErrorBoundary>
      </Frame>
    </LocationProvider>
  );
}
