/** Covered variance by method and width of the bottleneck. */
import { useState } from 'preact/hooks';
import { sweepCoverageFigure } from '../../../../figures/covered-variance.ts';
import { countExpected } from '../../../../search/states.ts';
import { describeComparison } from '../../../../text/comparison.ts';
import { describeWidths } from '../../../../text/widths.ts';
import type { Coverage, SweepDetail } from '../../../contract/sweeps.ts';
import { getJson } from '../../api/http.ts';
import { FigureView, Panels } from '../../charts/figure-view.tsx';
import { formatCount, pluralise } from '../../parts/format.ts';
import { Empty, Show } from '../../parts/load-states.tsx';
import { trialPath } from '../../parts/paths.ts';
import { useRevision } from '../../state/live.ts';
import { useLoad } from '../../state/load.ts';
import { useUrl } from '../../state/url.ts';
import { chooseSplit, coveragePath } from '../loading/prefetch.ts';
import { Switch } from './switch.tsx';

/** The best of 100,000 trials changes slowly. */
const INTERVAL_MS = 2500;

export function CoverageSection({ sweep, residual }: { readonly sweep: SweepDetail; readonly residual: boolean }) {
  const { parameters, change } = useUrl();
  const isEnded = sweep.finishedAt !== null && sweep.state !== 'running' && sweep.state !== 'paused';
  const asked = isEnded ? chooseSplit(parameters.split, sweep.state) : 'validation';
  // The revision that the page was opened with is not news.
  const [opened] = useState(sweep.revision);
  const revision = useRevision(sweep.sweepId, INTERVAL_MS, opened);
  const loaded = useLoad(
    `coverage ${sweep.sweepId} ${asked} ${sweep.state}`,
    (signal) => getJson<Coverage>(coveragePath(sweep.sweepId), { split: asked }, signal),
    // A finished sweep may be retried, and has no test scores then: its state is read first.
    isEnded ? sweep.revision : revision,
  );
  const figure = sweepCoverageFigure(
    loaded.data,
    { name: sweep.name, split: asked, isEnded },
    { isMissing: residual, widths: sweep.widths, hrefOf: ({ bestTrial }) => trialPath(bestTrial) },
  );
  return (
    <FigureView figure={figure}>
      <div class="toolbar">
        <Switch
          label="Scores on"
          value={asked}
          options={{ validation: 'validation', test: 'test' }}
          off={isEnded ? {} : { test: 'Test scores are read once, when the sweep has finished.' }}
          onChange={(split) => change({ split })}
        />
        <Switch
          label="Scale"
          value={residual ? 'residual' : 'linear'}
          options={{ linear: 'linear', residual: 'close to 1' }}
          onChange={(value) => change({ spread: value === 'residual' ? 'close' : null })}
        />
      </div>
      <Show of={loaded} what="covered variance" height="26rem">
        {(coverage) =>
          coverage.rows.length === 0 ? (
            <Empty>
              <p>No trial has completed yet: {formatCount(countExpected(sweep.counts))} are planned.</p>
            </Empty>
          ) : (
            <div class="coverage-and-words">
              <div class="coverage">
                <Panels figure={figure} />
                <p class="soft small number" role="status">
                  {formatCount(coverage.trials)} of {pluralise(countExpected(coverage), 'trial')} completed.
                </p>
              </div>
              <Reading coverage={coverage} sweep={sweep} isEnded={isEnded} />
            </div>
          )
        }
      </Show>
    </FigureView>
  );
}

/** The same sentences as the command line's. */
function Reading({
  coverage,
  sweep: { target, sufficientWidths = [] },
  isEnded,
}: {
  readonly coverage: Coverage;
  readonly sweep: SweepDetail;
  readonly isEnded: boolean;
}) {
  const { emulator, baselines, split } = coverage;
  const reference = emulator ? [{ name: 'emulator', k: null, coveredVariance: emulator.mean, estimate: emulator }] : [];
  const text = describeComparison({ ...coverage, target, baselines: [...reference, ...baselines] });
  return (
    <div class="reading">
      {split === 'validation' && <p class="soft small">On validation, which flatters what was chosen by it:</p>}
      {[...text.split('\n'), ...describeWidths(sufficientWidths, isEnded)].map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  );
}
