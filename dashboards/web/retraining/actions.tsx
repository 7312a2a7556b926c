/** What can be asked of a retraining's schedule. */
import { useState } from 'preact/hooks';
import type { RetrainingDetail } from '../../contract/retraining.ts';
import { Action } from '../parts/action.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Failed } from '../parts/load-states.tsx';
import { useMutation } from '../state/mutation.ts';
import { retrainingPath } from './text.ts';

type Act = 'run' | 'pause' | 'resume';

/** While it is under way. */
const UNDER_WAY: Readonly<Record<Act, string>> = { run: 'Asking for a run …', pause: 'Pausing …', resume: 'Resuming …' };

/** Why nothing can be asked; null where it can. */
const IMPOSSIBLE: Readonly<Record<RetrainingDetail['schedule']['state'], string | null>> = {
  active: null,
  paused: null,
  unknown: null,
  missing: 'Temporal knows of no schedule of this name.',
  removed: 'It was removed.',
};

export function RetrainingActions({ of, onDone }: { readonly of: RetrainingDetail; readonly onDone: () => void }) {
  const { name, schedule, lastRun } = of;
  const [asked, ask] = useState<'run' | 'pause' | null>(null);
  const [said, say] = useState('');
  const { busy, failure, mutate: act, group } = useMutation<Act>((what) => `${retrainingPath(name)}/${what}`, onDone);
  const because = busy ? UNDER_WAY[busy] : IMPOSSIBLE[schedule.state];
  const isRunning = lastRun?.outcome === 'running';
  const run = async () => {
    say('');
    await act('run');
    say(isRunning ? 'It runs again once this run has ended.' : 'It runs.');
  };
  return (
    <div>
      <div class="actions" ref={group}>
        <Action class="primary" because={because} onClick={() => ask('run')}>
          {busy === 'run' ? UNDER_WAY.run : 'Run now'}
        </Action>
        {schedule.state === 'paused' ? (
          <Action because={because} onClick={() => void act('resume')}>
            {busy === 'resume' ? UNDER_WAY.resume : 'Resume'}
          </Action>
        ) : (
          <Action because={because} onClick={() => ask('pause')}>
            {busy === 'pause' ? UNDER_WAY.pause : 'Pause'}
          </Action>
        )}
        <span class="unseen" role="status">
          {failure === null && busy === null ? said : ''}
        </span>
      </div>
      {failure && <Failed failure={failure} />}
      {asked === 'run' && (
        <Confirm title={`Run ${name} now?`} action="Run it" onConfirm={() => void run()} onClose={() => ask(null)}>
          <p>
            {isRunning
              ? 'A run is under way: another one follows once it has ended.'
              : 'It looks for new data. Where there are some, challengers are trained, and those that are better take the place of champions.'}
          </p>
        </Confirm>
      )}
      {asked === 'pause' && (
        <Confirm title={`Pause ${name}?`} action="Pause it" onConfirm={() => void act('pause')} onClose={() => ask(null)}>
          <p>
            It fires no more until it is resumed{isRunning ? '; the run under way goes on' : ''}. Data that arrive meanwhile are
            taken in then.
          </p>
        </Confirm>
      )}
    </div>
  );
}
