/** The head of a sweep's page: name, state, progress, actions and links. */
import { countExpected } from '../../../search/states.ts';
import { METHOD_STYLES } from '../../../text/methods.ts';
import { describeWaiting } from '../../../text/trainers.ts';
import type { SweepDetail } from '../../contract/sweeps.ts';
import { useCopy } from '../parts/copy.ts';
import { Facts } from '../parts/facts.tsx';
import { formatCount, formatElapsed } from '../parts/format.ts';
import { MethodName, StateTag } from '../parts/labels.tsx';
import { VersionLink } from '../parts/links.tsx';
import { PageHead } from '../parts/page.tsx';
import { sweepPath } from '../parts/paths.ts';
import { Progress } from '../parts/progress.tsx';
import { DataTable } from '../parts/record-table.tsx';
import { Timestamp } from '../parts/time.tsx';
import { Actions } from './actions.tsx';

export function Head({ sweep, onDone }: { readonly sweep: SweepDetail; readonly onDone: () => void }) {
  const { sweepId, name, state, counts, dataset, target, message, methods, temporalUrl } = sweep;
  const path = sweepPath(sweepId);
  return (
    <>
      <PageHead
        crumbs={{ '/': 'Sweeps' }}
        window={name}
        title={
          <>
            {name} <StateTag state={state} />
          </>
        }
        actions={<Actions sweep={sweep} onDone={onDone} />}
      >
        <p>
          <strong>{target}</strong> of <VersionLink dataset={dataset.name} version={dataset.version} isFull />
        </p>
      </PageHead>
      {sweep.waiting.map((trials) => (
        <p key={trials.methods.join()} class="note warn">
          {describeWaiting(trials)}
        </p>
      ))}
      {message !== null && <p class={`note ${state === 'failed' ? 'bad' : 'warn'}`}>{message}</p>}
      <div class="sweep-head">
        <div>
          <Progress counts={counts} secondsLeft={state === 'running' ? sweep.secondsLeft : null} />
          <ul class="by-method">
            {methods.map(({ method, ended, ...plan }) => (
              <li key={method}>
                <MethodName method={method} />{' '}
                <span class="number soft">
                  {formatCount(ended)} of {formatCount(countExpected(plan))}
                </span>
              </li>
            ))}
          </ul>
        </div>
        <Facts
          of={[
            ['Started', <Timestamp at={sweep.startedAt} />],
            ['Finished', sweep.finishedAt === null ? null : <Timestamp at={sweep.finishedAt} />],
            [sweep.finishedAt === null ? 'Elapsed' : 'Duration', formatElapsed(sweep)],
            [
              'Failed',
              counts.failed > 0 ? <a href={`${path}?where=outcome%3Dfailed`}>{formatCount(counts.failed)}: show</a> : null,
            ],
          ]}
        />
        <nav aria-label="Sweep">
          <ul class="links">
            <li>
              <a href={`${path}/interpretation`}>Interpretation</a>
            </li>
            <li>
              <a href={`/compare?sweeps=${encodeURIComponent(sweepId)}`}>Compare with other sweeps</a>
            </li>
            {temporalUrl !== null && (
              <li>
                <a href={temporalUrl} rel="noreferrer" target="_blank">
                  Workflow in Temporal (new tab)
                </a>
              </li>
            )}
          </ul>
        </nav>
      </div>
      <Effort effort={sweep.effort} />
      <Spec yaml={sweep.yaml} codeVersion={sweep.codeVersion} id={sweepId} />
    </>
  );
}

/** Shows what the sweep has taken, by method and width. */
function Effort({ effort }: Pick<SweepDetail, 'effort'>) {
  if (effort.length === 0) return null;
  const rows = effort.map(({ method, k, configurations, trials, epochs, coreSeconds = 0 }) => {
    return [METHOD_STYLES[method].label, k, configurations, trials, epochs, Math.round(coreSeconds)] as const;
  });
  return (
    <details class="spec">
      <summary>Effort</summary>
      <DataTable
        caption="Effort by method and width"
        head={['method', 'k', 'configurations', 'trials', 'epochs', 'core-seconds']}
        rows={rows}
      />
    </details>
  );
}

function Spec({ yaml, codeVersion, id }: { readonly yaml: string; readonly codeVersion: string; readonly id: string }) {
  const { copy, status } = useCopy(yaml, 'Copied.', 'The clipboard is not available here: select the text and copy it.');
  return (
    <details class="spec">
      <summary>Spec</summary>
      <div class="actions">
        <button type="button" onClick={copy}>
          Copy
        </button>
        <span role="status" class="soft small">
          {status}
        </span>
        <span class="soft small">
          narrows {codeVersion}; sweep {id}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard */}
      <pre tabIndex={0}>{yaml}</pre>
    </details>
  );
}
