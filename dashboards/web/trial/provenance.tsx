/** Configuration and provenance of a trial, and the spec that reproduces it. */
import { METHOD_DEFINITIONS } from '../../../models/methods/catalogue.ts';
import type { TrialDetail } from '../../contract/trials.ts';
import { downloadText } from '../parts/download.ts';
import { Facts } from '../parts/facts.tsx';
import { formatCount, shortVersion } from '../parts/format.ts';
import { VersionLink } from '../parts/links.tsx';
import { Duration, Timestamp } from '../parts/time.tsx';
import { Copy } from './copy.tsx';
import { reproduceCommand, specFileName } from './text.ts';

export function Configuration({ trial: { config, seed, partition, method } }: { readonly trial: TrialDetail }) {
  return (
    <section class="card" aria-labelledby="configuration">
      <h2 id="configuration">Configuration</h2>
      <Facts
        of={[
          METHOD_DEFINITIONS[method].coversAllRanks ? ['ranks fitted', `1 to ${config.k}`] : ['width k', config.k],
          ['hidden layers', config.hidden.join(' – ')],
          ['activation', config.activation],
          ['layer norm', config.layerNorm ? 'yes' : 'no'],
          ['dropout', config.dropout],
          ['optimiser', config.optimiser],
          ...(config.momentum === undefined ? [] : [['momentum', config.momentum] as const]),
          ['weight decay', config.weightDecay],
          ['learning rate', `${config.learningRate}, ${config.schedule}`],
          ...(config.warmUp === undefined ? [] : [['warm-up', config.warmUp] as const]),
          ...(config.targetWeighting === undefined ? [] : [['target weighting', config.targetWeighting] as const]),
          ['epochs at most', config.epochs],
          ['batch', `${config.batch} rows`],
          ['patience', config.patience === 0 ? 'to the last epoch' : `${config.patience} epochs`],
          ...(config.restarts ? [['starts', config.restarts] as const] : []),
          ['seed', seed],
          ['partition', partition],
        ]}
      />
    </section>
  );
}

export function Provenance({ trial }: { readonly trial: TrialDetail }) {
  const { dataset } = trial;
  return (
    <section class="card" aria-labelledby="provenance">
      <h2 id="provenance">Provenance</h2>
      <Facts
        of={[
          [
            'dataset',
            <>
              <VersionLink dataset={dataset.name} version={dataset.version} isFull />, target {trial.target}
            </>,
          ],
          [
            'engine',
            <>
              {trial.engine}, build <span class="mono">{trial.engineBuild}</span>
            </>,
          ],
          ['narrows', trial.codeVersion],
          ['host', trial.host],
          ['configuration hash', <span class="mono">{shortVersion(trial.configurationHash)}</span>],
          ['started', <Timestamp at={trial.startedAt} />],
          ['ended', <Timestamp at={trial.finishedAt} />],
          [
            'trained',
            <>
              {formatCount(trial.epochs)} epochs in <Duration seconds={trial.seconds} />
            </>,
          ],
        ]}
      />
    </section>
  );
}

export function Reproduce({ trial }: { readonly trial: TrialDetail }) {
  const command = reproduceCommand(trial);
  const file = specFileName(trial);
  return (
    <section class="card" aria-labelledby="reproduce">
      <h2 id="reproduce">Reproduce this trial</h2>
      <p class="small">
        This spec trains this trial: same data version, configuration and seed, hence the same bits; in each fold, where the sweep
        has folds. Save it and run <code>narrows sweep start {file}</code>, or copy both as one command for a shell.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="spec" tabIndex={0} aria-label="Spec of this trial">
        <pre>{trial.reproduce}</pre>
      </section>
      <div class="actions">
        <Copy text={command}>Copy the command</Copy>
        <button type="button" onClick={() => downloadText(file, 'application/yaml', trial.reproduce)}>
          Save the spec
        </button>
      </div>
    </section>
  );
}
