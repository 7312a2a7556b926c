/** Actions on a sweep: offered where they apply, sent once however often they are pressed. */
import { useState } from 'preact/hooks';
import { countFinished, isFinished } from '../../../search/states.ts';
import type { SweepDetail } from '../../contract/sweeps.ts';
import { Action } from '../parts/action.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { pluralise } from '../parts/format.ts';
import { Failed } from '../parts/load-states.tsx';
import { sweepPath } from '../parts/paths.ts';
import { useMutation } from '../state/mutation.ts';

type Act = 'pause' | 'resume' | 'cancel' | 'retry';

/** Labels while a request is in flight. */
const IN_FLIGHT: Readonly<Record<Act, string>> = {
  pause: 'Pausing …',
  resume: 'Resuming …',
  cancel: 'Cancelling …',
  retry: 'Retrying …',
};

export function Actions({ sweep, onDone }: { readonly sweep: SweepDetail; readonly onDone: () => void }) {
  const { sweepId, name, state, counts } = sweep;
  const { busy, failure, mutate: act, group } = useMutation<Act>((what) => `${sweepPath(sweepId)}/${what}`, onDone);
  const [isConfirming, setIsConfirming] = useState(false);
  const because = busy ? IN_FLIGHT[busy] : null;
  const remaining = counts.planned - countFinished(counts);
  return (
    <>
      <div class="actions" ref={group}>
        {state === 'running' && (
          <Action because={because} onClick={() => void act('pause')}>
            {busy === 'pause' ? IN_FLIGHT.pause : 'Pause'}
          </Action>
        )}
        {state === 'paused' && (
          <Action because={because} onClick={() => void act('resume')}>
            {busy === 'resume' ? IN_FLIGHT.resume : 'Resume'}
          </Action>
        )}
        {!isFinished(state) && (
          <Action class="danger" because={because} onClick={() => setIsConfirming(true)}>
            {busy === 'cancel' ? IN_FLIGHT.cancel : 'Cancel'}
          </Action>
        )}
        {isFinished(state) && counts.failed > 0 && (
          <Action because={because} onClick={() => void act('retry', { failedOnly: true })}>
            {busy === 'retry' ? IN_FLIGHT.retry : `Retry ${pluralise(counts.failed, 'failed trial')}`}
          </Action>
        )}
        {isFinished(state) && remaining > 0 && (
          <Action because={because} onClick={() => void act('retry', { failedOnly: false })}>
            {busy === 'retry' ? IN_FLIGHT.retry : `Train the remaining ${pluralise(remaining, 'trial')}`}
          </Action>
        )}
        <a class="button" href={`/sweeps/new?from=${encodeURIComponent(sweepId)}`}>
          New sweep from this spec
        </a>
      </div>
      {failure && <Failed failure={failure} />}
      {isConfirming && (
        <Confirm
          title={`Cancel ${name}?`}
          action="Cancel the sweep"
          danger
          onConfirm={() => void act('cancel')}
          onClose={() => setIsConfirming(false)}
        >
          <p>
            {pluralise(countFinished(counts), 'trial')} of {pluralise(counts.planned, 'trial')} finished and{' '}
            {countFinished(counts) === 1 ? 'is' : 'are'} kept; trials in training are discarded. The remaining trials can be
            trained later.
          </p>
        </Confirm>
      )}
    </>
  );
}
