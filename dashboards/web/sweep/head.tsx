/** A sweep's first lines: what it is, how it stands, where to go from here. */
import { useState } from 'preact/hooks';
import type { SweepDetail } from '../../contract/sweeps.ts';
import { Breadcrumbs } from '../parts/breadcrumbs.tsx';
import { copyToClipboard } from '../parts/clipboard.ts';
import { Facts } from '../parts/facts.tsx';
import { formatCount } from '../parts/format.ts';
import { PageTitle } from '../parts/frame.tsx';
import { MethodName, StateTag } from '../parts/labels.tsx';
import { VersionLink } from '../parts/links.tsx';
import { Progress } from '../parts/progress.tsx';
import { Duration, Timestamp } from '../parts/time.tsx';
import { Actions } from './actions.tsx';
import { sweepPath } from './loading/prefetch.ts';

export function Head({ sweep, onDone }: { readonly sweep: SweepDetail; readonly onDone: () => void }) {
  const { sweepId, name, state, counts, dataset, target, message, methods, temporalUrl } = sweep;
  const path = sweepPath(sweepId);
  return (
    <>
      <div class="page-head">
        <div>
          <Breadcrumbs of={[['/', 'Sweeps']]} />
          <PageTitle window={name}>
            {name} <StateTag state={state} />
          </PageTitle>
          <p>
            <strong>{target}</strong> of <VersionLink dataset={dataset.name} version={dataset.version} isFull />
          </p>
        </div>
        <Actions sweep={sweep} onDone={onDone} />
      </div>
      {message !== null && <p class={`note ${state === 'failed' ? 'bad' : 'warn'}`}>{message}</p>}
      <div class="sweep-head">
        <div>
          <Progress counts={counts} secondsLeft={state === 'running' ? sweep.secondsLeft : null} />
          <ul class="by-method">
            {methods.map(({ method, ended, planned }) => (
              <li key={method}>
                <MethodName method={method} />{' '}
                <span class="number soft">
                  {formatCount(ended)} of {formatCount(planned)}
                </span>
              </li>
            ))}
          </ul>
        </div>
        <Facts
          of={[
            ['Begun', <Timestamp key="begun" at={sweep.startedAt} />],
            ['Ended', sweep.finishedAt === null ? null : <Timestamp key="ended" at={sweep.finishedAt} />],
            [sweep.finishedAt === null ? 'Took so far' : 'Took', <Duration key="took" seconds={sweep.secondsElapsed} />],
            [
              'Failed',
              counts.failed > 0 ? (
                <a key="failed" href={`${path}?where=outcome%3Dfailed`}>
                  {formatCount(counts.failed)}: show them
                </a>
              ) : null,
            ],
          ]}
        />
        <nav aria-label="Of this sweep">
          <ul class="links">
            <li>
              <a href={`${path}/interpretation`}>What the components mean</a>
            </li>
            <li>
              <a href={`/compare?sweeps=${encodeURIComponent(sweepId)}`}>Compare with other sweeps</a>
            </li>
            {temporalUrl !== null && (
              <li>
                <a href={temporalUrl} rel="noreferrer" target="_blank">
                  Its workflow in Temporal (new tab)
                </a>
              </li>
            )}
          </ul>
        </nav>
      </div>
      <Spec yaml={sweep.yaml} codeVersion={sweep.codeVersion} id={sweepId} />
    </>
  );
}

function Spec({ yaml, codeVersion, id }: { readonly yaml: string; readonly codeVersion: string; readonly id: string }) {
  const [said, say] = useState('');
  const copy = () => {
    copyToClipboard(yaml).then(
      () => say('Copied.'),
      () => say('Select it by hand: this browser gives no clipboard here.'),
    );
  };
  return (
    <details class="spec">
      <summary>The spec</summary>
      <div class="actions">
        <button type="button" onClick={copy}>
          Copy
        </button>
        <span role="status" class="soft small">
          {said}
        </span>
        <span class="soft small">
          narrows {codeVersion}; sweep {id}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{yaml}</pre>
    </details>
  );
}
