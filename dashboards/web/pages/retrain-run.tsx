/** One run of a retraining: what it took in, whether data have drifted, how challengers did against champions, what was decided and told. */
import { cellLabel } from '../../../text/methods.ts';
import '../retraining/retraining.css';
import { useRoute } from 'preact-iso';
import { describeChallenge, describeDrift, describeOutcome } from '../../../text/retraining.ts';
import type { Challenge, Drift, RetrainRunDetail } from '../../contract/retraining.ts';
import { getJson } from '../api/http.ts';
import { short } from '../charts/scale.ts';
import { Breadcrumbs } from '../parts/breadcrumbs.tsx';
import { Facts } from '../parts/facts.tsx';
import { Figure } from '../parts/figure.tsx';
import { formatCount, formatDuration, pluralise, shortVersion } from '../parts/format.ts';
import { PageTitle } from '../parts/frame.tsx';
import { MethodName, StateTag } from '../parts/labels.tsx';
import { Show } from '../parts/load-states.tsx';
import { ScrollingTable } from '../parts/scrolling.tsx';
import { Timestamp } from '../parts/time.tsx';
import { VersionLink } from '../parts/version-link.tsx';
import { ChallengeChart } from '../retraining/challenge-chart.tsx';
import { DriftChart, MOST_DRAWN } from '../retraining/drift-chart.tsx';
import { EventList, secondsOf } from '../retraining/lists.tsx';
import { RunTag, VerdictTag } from '../retraining/tags.tsx';
import { challengeTable, driftTable, formatProbability, retrainingPath, runPath } from '../retraining/text.ts';
import { useInterval } from '../state/interval.ts';
import { useRetrainingVersion } from '../state/live.ts';
import { useLoad } from '../state/load.ts';

/** Milliseconds between two looks at a run under way: what its sweeps have trained is no news of the retraining. */
const STAGE_EVERY = 2000;
const SELDOM = 3_600_000;

export default function RetrainRunPage() {
  const { params } = useRoute();
  return <OneRun key={params.run} name={params.retraining ?? ''} runId={params.run ?? ''} />;
}

function OneRun({ name, runId }: { readonly name: string; readonly runId: string }) {
  const path = runPath(name, runId);
  const news = useRetrainingVersion(name);
  const first = useLoad(path, (signal) => getJson<RetrainRunDetail>(path, {}, signal), news);
  const tick = useInterval(first.data?.outcome === 'running' ? STAGE_EVERY : SELDOM);
  const stage = useLoad(
    first.data?.outcome === 'running' ? `${path} stage` : null,
    (signal) => getJson<RetrainRunDetail>(path, {}, signal),
    tick,
  );
  return (
    <>
      {first.data === null && <PageTitle window={`A run of ${name}`}>A run of {name}</PageTitle>}
      <Show of={first} what="the run" height="60rem">
        {(run) => <Run run={run} stage={stage.data?.stage ?? run.stage} />}
      </Show>
    </>
  );
}

function Run({ run, stage }: { readonly run: RetrainRunDetail; readonly stage: string | null }) {
  const { retraining, outcome, challenges, drift, message, events, margin } = run;
  const seconds = secondsOf(run);
  return (
    <div class="stack">
      <div>
        <div class="page-head">
          <div>
            <Breadcrumbs
              of={[
                ['/retrainings', 'Retraining'],
                [retrainingPath(retraining), retraining],
              ]}
            />
            <PageTitle window={`A run of ${retraining}`}>
              {outcome === 'running' ? `${retraining}: a run is under way` : describeOutcome(retraining, outcome, challenges)}{' '}
              <RunTag outcome={outcome} />
            </PageTitle>
            {outcome === 'running' && <p role="status">{stage}</p>}
            {message !== null && challenges === null && <p>{message}</p>}
          </div>
        </div>
        <div class="columns">
          <Facts
            of={[
              ['Begun', <Timestamp key="begun" at={run.startedAt} />],
              ['Took', seconds === null ? null : formatDuration(seconds)],
              ['Run', <code key="run">{run.runId}</code>],
              [
                'Trained',
                run.trained.length === 0
                  ? null
                  : run.trained.map(({ sweepId, name, state }) => (
                      <div key={sweepId}>
                        <a href={`/sweeps/${encodeURIComponent(sweepId)}`}>{name}</a> <StateTag state={state} />
                      </div>
                    )),
              ],
            ]}
          />
          <Facts
            of={[
              ['Champions were trained on', version(run, run.fromVersion, run.from)],
              ['Newest data', version(run, run.toVersion, run.to)],
              ['Came with them', run.to === null || run.from === null ? null : pluralise(run.to.rows - run.from.rows, 'row')],
              [
                'Put in place',
                run.champions.length === 0
                  ? null
                  : run.champions.map((champion, i) => (
                      <span key={champion.championId}>
                        {i > 0 && ', '}
                        <a href={`/champions/${champion.championId}`}>{cellLabel(champion)}</a>
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
      <section aria-labelledby="told">
        <h2 id="told">What people were told</h2>
        {events.length === 0 ? <p class="soft small">Nothing.</p> : <EventList events={events} name={null} />}
      </section>
    </div>
  );
}

function version({ dataset }: RetrainRunDetail, hash: string | null, known: RetrainRunDetail['to']) {
  if (hash === null) return null;
  return (
    <>
      <VersionLink dataset={dataset} version={hash}>
        {dataset}@{shortVersion(hash)}
      </VersionLink>
      {known && `, ${pluralise(known.rows, 'row')}`}
    </>
  );
}

function Challenges({ of, margin, name }: { readonly of: readonly Challenge[]; readonly margin: number; readonly name: string }) {
  const unmeasured = of.filter(({ both }) => both === null);
  return (
    <Figure
      title="Champions and their challengers"
      name={`${name}-challenges`}
      caption={`Covered variance of the challenger less that of the champion on hold-out rows that neither has seen, with 95 % intervals. A challenger takes the place where its interval on the new rows lies above 0, and that on the old rows above −${margin}. Each panel has an axis of its own.`}
      table={() => challengeTable(of)}
    >
      {unmeasured.length < of.length && <ChallengeChart challenges={of} margin={margin} />}
      <ul class="reasons">
        {of.map((challenge) => (
          <li key={`${challenge.method} ${challenge.k}`}>
            {describeChallenge(challenge)}{' '}
            <span class="nowrap">
              <a href={`/champions/${challenge.championId}`}>champion</a>
              {challenge.challengerTrial !== null && (
                <>
                  , <a href={`/trials/${encodeURIComponent(challenge.challengerTrial)}`}>challenger</a>
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Figure>
  );
}

function DriftSection({ of, name }: { readonly of: Drift; readonly name: string }) {
  const { descriptors, marginal, inputs, outputs, performance, method, k, alpha, verdict } = of;
  const { reference, fresh, drop } = performance;
  const tests = [
    ['single descriptors', 'smallest q', formatProbability(marginal.probability), marginal],
    ['structures as a whole', 'energy distance', short(inputs.distance, 3), inputs],
    ['spectra', 'energy distance', short(outputs.distance, 3), outputs],
    [
      'performance',
      'drop of covered variance',
      `${short(drop.mean, 3)} [${short(drop.low, 3)}, ${short(drop.high, 3)}]`,
      performance,
    ],
  ] as const;
  return (
    <Figure
      title="Have the data drifted?"
      name={`${name}-drift`}
      caption={`${formatCount(of.freshRows)} new rows beside the hold-out of ${formatCount(of.referenceRows)} rows that the champion that covers most was not trained on. The chance that any of the four tests raises a false alarm is ${100 * alpha} %.${descriptors.length > MOST_DRAWN ? ` ${MOST_DRAWN} of ${descriptors.length} descriptors are drawn; the table has all.` : ''}`}
      table={() => driftTable(descriptors)}
    >
      <p>
        <VerdictTag verdict={verdict} /> {describeDrift(of)}
      </p>
      <p class="small">
        Asked: <MethodName method={method} />, k = {k},{' '}
        <a href={`/trials/${encodeURIComponent(of.trialId)}`}>trial {of.trialId}</a>. It covers {short(reference, 4)} of its
        hold-out and {short(fresh, 4)} of the new rows.
      </p>
      <ScrollingTable label="Tests for drift">
        <table>
          <thead>
            <tr>
              <th scope="col">Test of</th>
              <th scope="col">By</th>
              <th scope="col" class="number">
                Value
              </th>
              <th scope="col" class="number">
                p
              </th>
              <th scope="col">Found</th>
            </tr>
          </thead>
          <tbody>
            {tests.map(([what, by, value, { probability, found }]) => (
              <tr key={what}>
                <th scope="row">{what}</th>
                <td>{by}</td>
                <td class="number">{value}</td>
                <td class="number">{formatProbability(probability)}</td>
                <td>{found ? <strong>yes</strong> : 'no'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollingTable>
      <DriftChart descriptors={descriptors} />
    </Figure>
  );
}
