/** Which page stands at which address. Each page is loaded when it is first shown. */
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from 'preact-iso';
import { Frame, tellNavigation } from './parts/frame.tsx';

const Sweeps = lazy(() => import('./pages/sweeps.tsx'));
const NewSweep = lazy(() => import('./pages/new-sweep.tsx'));
const Sweep = lazy(() => import('./pages/sweep.tsx'));
const Interpretation = lazy(() => import('./pages/interpretation.tsx'));
const Explorer = lazy(() => import('./pages/explorer.tsx'));
const Trial = lazy(() => import('./pages/trial.tsx'));
const Compare = lazy(() => import('./pages/compare.tsx'));
const Datasets = lazy(() => import('./pages/datasets.tsx'));
const Dataset = lazy(() => import('./pages/dataset.tsx'));
const Retrainings = lazy(() => import('./pages/retrainings.tsx'));
const Retraining = lazy(() => import('./pages/retraining.tsx'));
const RetrainRun = lazy(() => import('./pages/retrain-run.tsx'));
const Champions = lazy(() => import('./pages/champions.tsx'));
const Champion = lazy(() => import('./pages/champion.tsx'));
const System = lazy(() => import('./pages/system.tsx'));
const SignIn = lazy(() => import('./pages/sign-in.tsx'));
const Missing = lazy(() => import('./pages/missing.tsx'));

export function App() {
  return (
    <LocationProvider>
      <Frame>
        <ErrorBoundary>
          <Router onRouteChange={tellNavigation}>
            <Route path="/" component={Sweeps} />
            <Route path="/sweeps/new" component={NewSweep} />
            <Route path="/sweeps/:sweep" component={Sweep} />
            <Route path="/sweeps/:sweep/interpretation" component={Interpretation} />
            <Route path="/trials/:trial" component={Trial} />
            <Route path="/trials/:trial/explore" component={Explorer} />
            <Route path="/compare" component={Compare} />
            <Route path="/datasets" component={Datasets} />
            <Route path="/datasets/:name/:version" component={Dataset} />
            <Route path="/retrainings" component={Retrainings} />
            <Route path="/retrainings/:retraining" component={Retraining} />
            <Route path="/retrainings/:retraining/runs/:run" component={RetrainRun} />
            <Route path="/champions" component={Champions} />
            <Route path="/champions/:champion" component={Champion} />
            <Route path="/system" component={System} />
            <Route path="/sign-in" component={SignIn} />
            <Route default component={Missing} />
          </Router>
        </ErrorBoundary>
      </Frame>
    </LocationProvider>
  );
}
