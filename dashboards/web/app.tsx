/** Which page stands at which address. Each page is loaded when it is first shown. */
import type { FunctionComponent } from 'preact';
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from 'preact-iso';
import { exec } from 'preact-iso/router';
import { prefetchJson } from './api/http.ts';
import { Frame, markNavigation } from './parts/frame.tsx';
import { prefetchSweepAt, sweepPath } from './sweep/loading/prefetch.ts';

const Missing = lazy(() => import('./pages/missing.tsx'));

type Parameters = Readonly<Record<string, string>>;

interface PageAt {
  readonly path: string;
  readonly page: FunctionComponent & { readonly preload: () => Promise<unknown> };
  /** Asks for what it will ask for first. */
  readonly ask?: (parameters: Parameters, query: URLSearchParams) => void;
}

const sweepOf = ({ sweep = '' }: Parameters) => sweepPath(sweep);
const trialOf = ({ trial = '' }: Parameters) => `/trials/${encodeURIComponent(trial)}`;

const retrainingOf = ({ retraining = '' }: Parameters) => `/retrainings/${encodeURIComponent(retraining)}`;
const championOf = ({ champion = '' }: Parameters) => `/champions/${encodeURIComponent(champion)}`;

const asking = (pathOf: (parameters: Parameters) => string) => (parameters: Parameters) => prefetchJson(pathOf(parameters));
const askOfSweep = ({ sweep = '' }: Parameters, query: URLSearchParams) =>
  prefetchSweepAt(sweep, query.get('split') ?? undefined);

const PAGES: readonly PageAt[] = [
  { path: '/', page: lazy(() => import('./pages/sweeps.tsx')) },
  { path: '/sweeps/new', page: lazy(() => import('./pages/new-sweep.tsx')), ask: asking(() => '/datasets') },
  { path: '/sweeps/:sweep', page: lazy(() => import('./pages/sweep.tsx')), ask: askOfSweep },
  { path: '/sweeps/:sweep/interpretation', page: lazy(() => import('./pages/interpretation.tsx')), ask: asking(sweepOf) },
  { path: '/trials/:trial', page: lazy(() => import('./pages/trial.tsx')), ask: asking(trialOf) },
  { path: '/trials/:trial/explore', page: lazy(() => import('./pages/explorer.tsx')), ask: asking(trialOf) },
  { path: '/compare', page: lazy(() => import('./pages/compare.tsx')) },
  { path: '/datasets', page: lazy(() => import('./pages/datasets.tsx')), ask: asking(() => '/datasets') },
  {
    path: '/datasets/:name/:version',
    page: lazy(() => import('./pages/dataset.tsx')),
    ask: asking(({ name = '', version = '' }) => `/datasets/${encodeURIComponent(name)}/${encodeURIComponent(version)}`),
  },
  { path: '/retrainings', page: lazy(() => import('./pages/retrainings.tsx')), ask: asking(() => '/retrainings') },
  { path: '/retrainings/:retraining', page: lazy(() => import('./pages/retraining.tsx')), ask: asking(retrainingOf) },
  {
    path: '/retrainings/:retraining/runs/:run',
    page: lazy(() => import('./pages/retrain-run.tsx')),
    ask: asking(({ run = '', ...of }) => `${retrainingOf(of)}/runs/${encodeURIComponent(run)}`),
  },
  { path: '/champions', page: lazy(() => import('./pages/champions.tsx')), ask: asking(() => '/champions') },
  { path: '/champions/:champion', page: lazy(() => import('./pages/champion.tsx')), ask: asking(championOf) },
  { path: '/system', page: lazy(() => import('./pages/system.tsx')), ask: asking(() => '/system') },
  { path: '/sign-in', page: lazy(() => import('./pages/sign-in.tsx')) },
];

/**
 * Fetches the code of the page at a path while the frame is being drawn, and its first data as soon as `mayAsk` says that this session has them: one after the
 * other, these waits would add up.
 */
export async function prepare({ pathname: path, search }: Location, mayAsk: Promise<boolean>): Promise<void> {
  for (const { path: pattern, page, ask } of PAGES) {
    // Of another path it answers undefined, whatever its type says.
    const match: { readonly params: Parameters } | undefined = exec(path, pattern);
    if (match === undefined) continue;
    page.preload().catch(() => undefined);
    if (ask && (await mayAsk)) ask(match.params, new URLSearchParams(search));
    return;
  }
}

export function App() {
  return (
    <LocationProvider>
      <Frame>
        <ErrorBoundary>
          <Router onRouteChange={markNavigation}>
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
