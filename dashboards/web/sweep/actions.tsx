/** Actions on a sweep: offered where they apply, sent once however often they are pressed. */
import { useState } from 'preact/hooks';
import { countExpected, countFinished, isFinished } from '../../../search/states.ts';
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
  /** The button of an act, which sends it unless it does something else first. */
  const button = (what: Act, label: string, onClick: () => void = () => void act(what)) => (
    <Action class={what === 'cancel' ? 'danger' : undefined} because={busy && IN_FLIGHT[busy]} onClick={onClick}>
      {busy === what ? IN_FLIGHT[what] : label}
    </Action>
  );
  const remaining = countExpected(counts) - countFinished(counts);
  return (
    <>
      <div class="actions" ref={group}>
        {state === 'running' && button('pause', 'Pause')}
        {state === 'paused' && button('resume', 'Resume')}
        {!isFinished(state) && button('cancel', 'Cancel', () => setIsConfirming(true))}
        {isFinished(state) &&
          counts.failed > 0 &&
          button('retry', `Retry ${pluralise(counts.failed, 'failed trial')}`, () => void act('retry', { failedOnly: true }))}
        {isFinished(state) &&
          remaining > 0 &&
          button('retry', `Train the remaining ${pluralise(remaining, 'trial')}`, () => void act('retry', { failedOnly: false }))}
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
            {pluralise(countFinished(counts), 'trial')} of {pluralise(countExpected(counts), 'trial')} finished and{' '}
            {countFinished(counts) === 1 ? 'is' : 'are'} kept; trials in training are discarded. The remaining trials can be
            trained later.
          </p>
        </Confirm>
      )}
    </>
  );
}
