/** Actions on a retraining: run, pause, resume. */
import { useState } from 'preact/hooks';
import type { RetrainingDetail } from '../../contract/retraining.ts';
import { Action } from '../parts/action.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Failed } from '../parts/load-states.tsx';
import { retrainingPath } from '../parts/paths.ts';
import { useMutation } from '../state/mutation.ts';

type Act = 'run' | 'pause' | 'resume';

/** Labels of pending actions. */
const PENDING: Readonly<Record<Act, string>> = { run: 'Starting a run …', pause: 'Pausing …', resume: 'Resuming …' };

/** Why actions are disabled, by state of the schedule. */
const DISABLED: Readonly<Record<RetrainingDetail['schedule']['state'], string | null>> = {
  active: null,
  paused: null,
  unknown: null,
  missing: 'Temporal has no schedule of this name.',
  removed: 'The schedule was removed.',
};

export function RetrainingActions({ of, onDone }: { readonly of: RetrainingDetail; readonly onDone: () => void }) {
  const { name, schedule, lastRun } = of;
  const [dialog, setDialog] = useState<'run' | 'pause' | null>(null);
  const [status, setStatus] = useState('');
  const { busy, failure, mutate, group } = useMutation<Act>((what) => `${retrainingPath(name)}/${what}`, onDone);
  const button = (what: Act, label: string, onClick: () => void) => (
    <Action
      class={what === 'run' ? 'primary' : undefined}
      because={busy ? PENDING[busy] : DISABLED[schedule.state]}
      onClick={onClick}
    >
      {busy === what ? PENDING[what] : label}
    </Action>
  );
  const isRunning = lastRun?.outcome === 'running';
  const run = async () => {
    setStatus('');
    await mutate('run');
    setStatus(isRunning ? 'Another run follows this one.' : 'Run started.');
  };
  return (
    <div>
      <div class="actions" ref={group}>
        {button('run', 'Run now', () => setDialog('run'))}
        {schedule.state === 'paused'
          ? button('resume', 'Resume', () => void mutate('resume'))
          : button('pause', 'Pause', () => setDialog('pause'))}
        <span class="unseen" role="status">
          {failure === null && busy === null ? status : ''}
        </span>
      </div>
      {failure && <Failed failure={failure} />}
      {dialog === 'run' && (
        <Confirm title={`Run ${name} now?`} action="Run" onConfirm={() => void run()} onClose={() => setDialog(null)}>
          <p>
            {isRunning
              ? 'A run is in progress: another one follows it.'
              : 'The run ingests new data. If there are any, challengers are trained, and better ones are promoted.'}
          </p>
        </Confirm>
      )}
      {dialog === 'pause' && (
        <Confirm title={`Pause ${name}?`} action="Pause" onConfirm={() => void mutate('pause')} onClose={() => setDialog(null)}>
          <p>
            No run starts until the schedule is resumed{isRunning ? '; the run in progress continues' : ''}. Data that arrive
            meanwhile are ingested then.
          </p>
        </Confirm>
      )}
    </div>
  );
}
