/** Routes of the pages. Each page is loaded when it is first shown. */
import type { FunctionComponent } from 'preact';
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from 'preact-iso';
import { exec } from 'preact-iso/router';
import { prefetchJson } from './api/http.ts';
import { Frame, markNavigation } from './parts/frame.tsx';
import { championPath, retrainingPath, runPath, sweepPath, trialPath, versionPath } from './parts/paths.ts';
import { prefetchSweepAt } from './sweep/loading/prefetch.ts';

const Missing = lazy(() => import('./pages/missing.tsx'));

type Parameters = Readonly<Record<string, string>>;

interface PageRoute {
  readonly path: string;
  readonly page: FunctionComponent & { readonly preload: () => Promise<unknown> };
  /** Prefetches the first data of the page. */
  readonly prefetch?: (parameters: Parameters, query: URLSearchParams) => void;
}

const prefetchPath = (pathOf: (parameters: Parameters) => string) => (parameters: Parameters) => prefetchJson(pathOf(parameters));
const prefetchTrial = prefetchPath(({ trial = '' }) => trialPath(trial));

const PAGES: readonly PageRoute[] = [
  { path: '/', page: lazy(() => import('./pages/sweeps.tsx')) },
  { path: '/sweeps/new', page: lazy(() => import('./pages/new-sweep.tsx')), prefetch: prefetchPath(() => '/datasets') },
  {
    path: '/sweeps/:sweep',
    page: lazy(() => import('./pages/sweep.tsx')),
    prefetch: ({ sweep = '' }, query) => prefetchSweepAt(sweep, query.get('split') ?? undefined),
  },
  {
    path: '/sweeps/:sweep/interpretation',
    page: lazy(() => import('./pages/interpretation.tsx')),
    prefetch: prefetchPath(({ sweep = '' }) => sweepPath(sweep)),
  },
  { path: '/trials/:trial', page: lazy(() => import('./pages/trial.tsx')), prefetch: prefetchTrial },
  { path: '/trials/:trial/explore', page: lazy(() => import('./pages/explorer.tsx')), prefetch: prefetchTrial },
  { path: '/compare', page: lazy(() => import('./pages/compare.tsx')) },
  { path: '/datasets', page: lazy(() => import('./pages/datasets.tsx')), prefetch: prefetchPath(() => '/datasets') },
  {
    path: '/datasets/:name/:version',
    page: lazy(() => import('./pages/dataset.tsx')),
    prefetch: prefetchPath(({ name = '', version = '' }) => versionPath(name, version)),
  },
  { path: '/retrainings', page: lazy(() => import('./pages/retrainings.tsx')), prefetch: prefetchPath(() => '/retrainings') },
  {
    path: '/retrainings/:retraining',
    page: lazy(() => import('./pages/retraining.tsx')),
    prefetch: prefetchPath(({ retraining = '' }) => retrainingPath(retraining)),
  },
  {
    path: '/retrainings/:retraining/runs/:run',
    page: lazy(() => import('./pages/retrain-run.tsx')),
    prefetch: prefetchPath(({ retraining = '', run = '' }) => runPath(retraining, run)),
  },
  { path: '/champions', page: lazy(() => import('./pages/champions.tsx')), prefetch: prefetchPath(() => '/champions') },
  {
    path: '/champions/:champion',
    page: lazy(() => import('./pages/champion.tsx')),
    prefetch: prefetchPath(({ champion = '' }) => championPath(champion)),
  },
  { path: '/system', page: lazy(() => import('./pages/system.tsx')), prefetch: prefetchPath(() => '/system') },
  { path: '/sign-in', page: lazy(() => import('./pages/sign-in.tsx')) },
];

/** Loads the code of a page, and prefetches its first data once `mayPrefetch` resolves to true. */
export async function preloadPage({ pathname: path, search }: Location, mayPrefetch: Promise<boolean>): Promise<void> {
  for (const { path: pattern, page, prefetch } of PAGES) {
    // Without a match it returns undefined, whatever its type says.
    const match: { readonly params: Parameters } | undefined = exec(path, pattern);
    if (match === undefined) continue;
    page.preload().catch(() => undefined);
    if (prefetch && (await mayPrefetch)) prefetch(match.params, new URLSearchParams(search));
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
