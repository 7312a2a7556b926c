/** Routes of the pages. Each page is loaded when it is first shown. */
import type { FunctionComponent } from 'preact';
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from 'preact-iso';
import { exec } from 'preact-iso/router';
import type { PagePath } from '../contract/pages.ts';
import { prefetchJson } from './api/http.ts';
import { Frame, markNavigation } from './parts/frame.tsx';
import { prefetchSweepAt } from './sweep/loading/prefetch.ts';

const Missing = lazy(() => import('./pages/missing.tsx'));

type Prefetch = (parameters: Readonly<Record<string, string>>, query: URLSearchParams) => void;

/** `first`: path below /api of the first data, with the parameters of the page; or a prefetch. */
const page = (load: () => Promise<{ default: FunctionComponent }>, first?: string | Prefetch) => ({
  page: lazy(load),
  prefetch: typeof first === 'string' ? prefetchPath(first) : first,
});

const prefetchPath =
  (pattern: string): Prefetch =>
  (parameters) =>
    prefetchJson(pattern.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(parameters[name] ?? '')));

const prefetchSweepPage: Prefetch = ({ sweep = '' }, query) => prefetchSweepAt(sweep, query.get('split') ?? undefined);

/** In the order in which they are compared with the path of a URL. */
const PAGES: Readonly<Record<PagePath, ReturnType<typeof page>>> = {
  '/': page(() => import('./pages/sweeps.tsx')),
  '/sweeps/new': page(() => import('./pages/new-sweep.tsx'), '/datasets'),
  '/sweeps/:sweep': page(() => import('./pages/sweep.tsx'), prefetchSweepPage),
  '/sweeps/:sweep/interpretation': page(() => import('./pages/interpretation.tsx'), '/sweeps/:sweep'),
  '/trials/:trial': page(() => import('./pages/trial.tsx'), '/trials/:trial'),
  '/trials/:trial/explore': page(() => import('./pages/explorer.tsx'), '/trials/:trial'),
  '/compare': page(() => import('./pages/compare.tsx')),
  '/datasets': page(() => import('./pages/datasets.tsx'), '/datasets'),
  '/datasets/:name/:version': page(() => import('./pages/dataset.tsx'), '/datasets/:name/:version'),
  '/retrainings': page(() => import('./pages/retrainings.tsx'), '/retrainings'),
  '/retrainings/:retraining': page(() => import('./pages/retraining.tsx'), '/retrainings/:retraining'),
  '/retrainings/:retraining/runs/:run': page(() => import('./pages/retrain-run.tsx'), '/retrainings/:retraining/runs/:run'),
  '/champions': page(() => import('./pages/champions.tsx'), '/champions'),
  '/champions/:champion': page(() => import('./pages/champion.tsx'), '/champions/:champion'),
  '/system': page(() => import('./pages/system.tsx'), '/system'),
  '/sign-in': page(() => import('./pages/sign-in.tsx')),
};

/** Loads the code of a page, and prefetches its first data once `mayPrefetch` resolves to true. */
export async function preloadPage({ pathname: path, search }: Location, mayPrefetch: Promise<boolean>): Promise<void> {
  for (const [pattern, { page, prefetch }] of Object.entries(PAGES)) {
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
            {Object.entries(PAGES).map(([path, { page }]) => (
              <Route key={path} path={path} component={page} />
            ))}
            <Route default component={Missing} />
          </Router>
        </ErrorBoundary>
      </Frame>
    </LocationProvider>
  );
}
