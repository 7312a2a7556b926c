/** Routes of the pages. Each page is loaded when it is first shown. */
import type { FunctionComponent } from 'preact';
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from 'preact-iso';
import { exec } from 'preact-iso/router';
import { prefetchJson } from './api/http.ts';
import { Frame, markNavigation } from './parts/frame.tsx';
import { prefetchSweepAt } from './sweep/loading/prefetch.ts';

const Missing = lazy(() => import('./pages/missing.tsx'));

type Prefetch = (parameters: Readonly<Record<string, string>>, query: URLSearchParams) => void;

/** `first`: path below /api of the first data, with the parameters of the page; or a prefetch. */
const page = (path: string, load: () => Promise<{ default: FunctionComponent }>, first?: string | Prefetch) => ({
  path,
  page: lazy(load),
  prefetch: typeof first === 'string' ? prefetchPath(first) : first,
});

const prefetchPath =
  (pattern: string): Prefetch =>
  (parameters) =>
    prefetchJson(pattern.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(parameters[name] ?? '')));

const prefetchSweepPage: Prefetch = ({ sweep = '' }, query) => prefetchSweepAt(sweep, query.get('split') ?? undefined);

const PAGES = [
  page('/', () => import('./pages/sweeps.tsx')),
  page('/sweeps/new', () => import('./pages/new-sweep.tsx'), '/datasets'),
  page('/sweeps/:sweep', () => import('./pages/sweep.tsx'), prefetchSweepPage),
  page('/sweeps/:sweep/interpretation', () => import('./pages/interpretation.tsx'), '/sweeps/:sweep'),
  page('/trials/:trial', () => import('./pages/trial.tsx'), '/trials/:trial'),
  page('/trials/:trial/explore', () => import('./pages/explorer.tsx'), '/trials/:trial'),
  page('/compare', () => import('./pages/compare.tsx')),
  page('/datasets', () => import('./pages/datasets.tsx'), '/datasets'),
  page('/datasets/:name/:version', () => import('./pages/dataset.tsx'), '/datasets/:name/:version'),
  page('/retrainings', () => import('./pages/retrainings.tsx'), '/retrainings'),
  page('/retrainings/:retraining', () => import('./pages/retraining.tsx'), '/retrainings/:retraining'),
  page('/retrainings/:retraining/runs/:run', () => import('./pages/retrain-run.tsx'), '/retrainings/:retraining/runs/:run'),
  page('/champions', () => import('./pages/champions.tsx'), '/champions'),
  page('/champions/:champion', () => import('./pages/champion.tsx'), '/champions/:champion'),
  page('/system', () => import('./pages/system.tsx'), '/system'),
  page('/sign-in', () => import('./pages/sign-in.tsx')),
];

/** Loads the code of a page, and prefetches its first data once `mayPrefetch` resolves to true. */
export async function preloadPage({ pathname: path, search }: Location, mayPrefetch: Promise<boolean>): Promise<void> {
  for (const { path: pattern, page, prefetch } of PAGES) {
    // Without a match it returns undefined, whatever its type says.
    const match: ReturnType<typeof exec> | undefined = exec(path, pattern);
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
