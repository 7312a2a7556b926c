/** One run of a retraining: data, drift, challenges, decisions and notifications. */
import { challengesFigure } from '../../../figures/challenges.ts';
import { driftFigure, formatProbability } from '../../../figures/drift.ts';
import { short } from '../../../figures/numbers.ts';
import '../retraining/retraining.css';
import { useRoute } from 'preact-iso';
import { cellLabel } from '../../../text/methods.ts';
import { describeChallenge, describeDrift, describeOutcome } from '../../../text/retraining.ts';
import type { Challenge, Drift, RetrainRunDetail } from '../../contract/retraining.ts';
import { FigureView, Panels } from '../charts/figure-view.tsx';
import { Facts } from '../parts/facts.tsx';
import { formatCount, formatDuration, pluralise } from '../parts/format.ts';
import { MethodName, StateTag } from '../parts/labels.tsx';
import { SweepLink, TrialLink, VersionLink } from '../parts/links.tsx';
import { LoadedPage, PageHead, Section } from '../parts/page.tsx';
import { championPath, retrainingPath, runPath } from '../parts/paths.ts';
import { RecordTable } from '../parts/record-table.tsx';
import { Timestamp } from '../parts/time.tsx';
import { durationOf, EventList } from '../retraining/lists.tsx';
import { RunTag, VerdictTag } from '../retraining/tags.tsx';
import { useInterval } from '../state/interval.ts';
import { useRetrainingVersion } from '../state/live.ts';
import { useJson } from '../state/load.ts';

/** Refresh interval in milliseconds: progress of a run's sweeps raises no event. */
const STAGE_MS = 2000;

export default function RetrainRunPage() {
  const { retraining = '', run = '' } = useRoute().params;
  return <Loader key={run} name={retraining} runId={run} />;
}

function Loader({ name, runId }: { readonly name: string; readonly runId: string }) {
  const path = runPath(name, runId);
  const version = useRetrainingVersion(name);
  const loaded = useJson<RetrainRunDetail>(path, {}, version);
  const isRunning = loaded.data?.outcome === 'running';
  const tick = useInterval(isRunning ? STAGE_MS : null);
  const refreshed = useJson<RetrainRunDetail>(isRunning ? path : null, {}, tick);
  return (
    <LoadedPage of={loaded} title={`Run of ${name}`} what="the run" height="60rem">
      {(run) => <Run run={run} stage={refreshed.data?.stage ?? run.stage} />}
    </LoadedPage>
  );
}

function Run({ run, stage }: { readonly run: RetrainRunDetail; readonly stage: string | null }) {
  const { retraining, outcome, challenges, drift, message, events, margin, from, to, trained, champions } = run;
  const seconds = durationOf(run);
  return (
    <div class="stack">
      <div>
        <PageHead
          crumbs={{ '/retrainings': 'Retraining', [retrainingPath(retraining)]: retraining }}
          window={`Run of ${retraining}`}
          title={
            <>
              {outcome === 'running' ? `${retraining}: run in progress` : describeOutcome(retraining, outcome, challenges)}{' '}
              <RunTag outcome={outcome} />
            </>
          }
        >
          {outcome === 'running' && <p role="status">{stage}</p>}
          {message !== null && challenges === null && <p>{message}</p>}
        </PageHead>
        <div class="columns">
          <Facts
            of={[
              ['Started', <Timestamp at={run.startedAt} />],
              ['Duration', seconds === null ? null : formatDuration(seconds)],
              ['Run', <code>{run.runId}</code>],
              [
                'Sweeps',
                trained.length === 0
                  ? null
                  : trained.map(({ sweepId, name, state }) => (
                      <div key={sweepId}>
                        <SweepLink id={sweepId} name={name} /> <StateTag state={state} />
                      </div>
                    )),
              ],
            ]}
          />
          <Facts
            of={[
              ["Champions' data", describeVersion(run, run.fromVersion, from)],
              ['Newest data', describeVersion(run, run.toVersion, to)],
              ['New rows', to === null || from === null ? null : formatCount(to.rows - from.rows)],
              [
                'New champions',
                champions.length === 0
                  ? null
                  : champions.map((champion, i) => (
                      <span key={champion.championId}>
                        {i > 0 && ', '}
                        <a href={championPath(champion.championId)}>{cellLabel(champion)}</a>
                        {!champion.inUse && ' (no longer in use)'}
                      </span>
                    )),
              ],
            ]}
          />
        </div>
      </div>
      {challenges !== null && challenges.length > 0 && <Challenges of={challenges} margin={margin} name={retraining} />}
      {drift !== null && <DriftSection of={drift} name={retraining} />}
      <Section id="notifications" title="Notifications">
        {events.length === 0 ? <p class="soft small">None.</p> : <EventList events={events} name={null} />}
      </Section>
    </div>
  );
}

function describeVersion({ dataset }: RetrainRunDetail, version: string | null, known: RetrainRunDetail['to']) {
  if (version === null) return null;
  return (
    <>
      <VersionLink dataset={dataset} version={version} isFull />
      {known && `, ${pluralise(known.rows, 'row')}`}
    </>
  );
}

function Challenges({ of, margin, name }: { readonly of: readonly Challenge[]; readonly margin: number; readonly name: string }) {
  const figure = challengesFigure(of, margin, `${name}-challenges`);
  return (
    <FigureView figure={figure}>
      {figure.panels.length > 0 && <Panels figure={figure} />}
      <ul class="reasons">
        {of.map((challenge) => (
          <li key={cellLabel(challenge)}>
            {describeChallenge(challenge)}{' '}
            <span class="nowrap">
              <a href={championPath(challenge.championId)}>champion</a>
              {challenge.challengerTrial !== null && (
                <>
                  , <TrialLink id={challenge.challengerTrial}>challenger</TrialLink>
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </FigureView>
  );
}

function DriftSection({ of, name }: { readonly of: Drift; readonly name: string }) {
  const { marginal, inputs, outputs, performance, method, k, alpha, verdict } = of;
  const { reference, fresh, drop } = performance;
  const figure = driftFigure(
    of,
    `${name}-drift`,
    `${formatCount(of.freshRows)} new rows against ${formatCount(of.referenceRows)} hold-out rows of the best champion${of.groups ? ` (${formatCount(of.groups.fresh)} against ${pluralise(of.groups.reference, 'group')}, which are permuted)` : ''}. The probability of a false alarm in any of the four tests is ${100 * alpha} %.`,
  );
  const tests = [
    ['single descriptors', 'smallest q', formatProbability(marginal.probability, inputs.permutations), marginal],
    ['structures', 'energy distance', short(inputs.distance, 3), inputs],
    ['spectra', 'energy distance', short(outputs.distance, 3), outputs],
    [
      'performance',
      'drop of covered variance',
      `${short(drop.mean, 3)} [${short(drop.low, 3)}, ${short(drop.high, 3)}]`,
      performance,
    ],
  ] as const;
  return (
    <FigureView figure={figure}>
      <p>
        <VerdictTag verdict={verdict} /> {describeDrift(of)}
      </p>
      <p class="small">
        Evaluated with <MethodName method={method} />, k = {k}, <TrialLink id={of.trialId}>{`trial ${of.trialId}`}</TrialLink>: it
        covers {short(reference, 4)} of its hold-out and {short(fresh, 4)} of the new rows.
      </p>
      <RecordTable
        label="Drift tests"
        rows={tests}
        keyOf={([subject]) => subject}
        columns={[
          { title: 'Test', header: true, cell: ([subject]) => subject },
          { title: 'Statistic', cell: ([, statistic]) => statistic },
          { title: 'Value', number: true, cell: ([, , value]) => value },
          { title: 'p', number: true, cell: ([, , , { probability }]) => formatProbability(probability, inputs.permutations) },
          { title: 'Drift', cell: ([, , , { found }]) => (verdict === 'undecided' ? '–' : found ? <strong>yes</strong> : 'no') },
        ]}
      />
      <Panels figure={figure} />
    </FigureView>
  );
}
