/** What can be done to a sweep: offered where it applies, sent once however often it is pressed. */

import { useState } from 'preact/hooks';
import { countFinished, isFinished } from '../../../search/states.ts';
import type { SweepDetail } from '../../contract/sweeps.ts';
import { Action } from '../parts/action.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { pluralise } from '../parts/format.ts';
import { Failed } from '../parts/load-states.tsx';
import { useMutation } from '../state/mutation.ts';
import { sweepPath } from './loading/prefetch.ts';

type Act = 'pause' | 'resume' | 'cancel' | 'retry';

/** While it is under way. */
const UNDER_WAY: Readonly<Record<Act, string>> = {
  pause: 'Pausing …',
  resume: 'Resuming …',
  cancel: 'Cancelling …',
  retry: 'Beginning again …',
};

export function Actions({ sweep, onDone }: { readonly sweep: SweepDetail; readonly onDone: () => void }) {
  const { sweepId, name, state, counts } = sweep;
  const { busy, failure, mutate: act, group } = useMutation<Act>((what) => `${sweepPath(sweepId)}/${what}`, onDone);
  const [asked, ask] = useState<'cancel' | null>(null);
  const because = busy ? UNDER_WAY[busy] : null;
  const lost = counts.planned - countFinished(counts);
  return (
    <>
      <div class="actions" ref={group}>
        {state === 'running' && (
          <Action because={because} onClick={() => void act('pause')}>
            {busy === 'pause' ? UNDER_WAY.pause : 'Pause'}
          </Action>
        )}
        {state === 'paused' && (
          <Action because={because} onClick={() => void act('resume')}>
            {busy === 'resume' ? UNDER_WAY.resume : 'Resume'}
          </Action>
        )}
        {!isFinished(state) && (
          <Action class="danger" because={because} onClick={() => ask('cancel')}>
            {busy === 'cancel' ? UNDER_WAY.cancel : 'Cancel'}
          </Action>
        )}
        {isFinished(state) && counts.failed > 0 && (
          <Action because={because} onClick={() => void act('retry', { failedOnly: true })}>
            {busy === 'retry' ? UNDER_WAY.retry : `Train ${pluralise(counts.failed, 'failed trial')} again`}
          </Action>
        )}
        {isFinished(state) && lost > 0 && (
          <Action because={because} onClick={() => void act('retry', { failedOnly: false })}>
            {busy === 'retry' ? UNDER_WAY.retry : `Train what is left (${pluralise(lost, 'trial')})`}
          </Action>
        )}
        <a class="button" href={`/sweeps/new?from=${encodeURIComponent(sweepId)}`}>
          New sweep from this spec
        </a>
      </div>
      {failure && <Failed failure={failure} />}
      {asked === 'cancel' && (
        <Confirm
          title={`Cancel ${name}?`}
          action="Cancel the sweep"
          danger
          onConfirm={() => void act('cancel')}
          onClose={() => ask(null)}
        >
          <p>
            {pluralise(countFinished(counts), 'trial')} of {pluralise(counts.planned, 'trial')} ended and{' '}
            {countFinished(counts) === 1 ? 'stays' : 'stay'}; what is in training now is given up. What is left can be trained
            later.
          </p>
        </Confirm>
      )}
    </>
  );
}
