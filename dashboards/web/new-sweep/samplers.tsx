/** The samplers that a spec could use, with what each would train. */
import { useEffect, useState } from 'preact/hooks';
import { formatDuration } from '../../../text/format.ts';
import type { SamplerOffers } from '../../contract/sweeps.ts';
import { Failure, send } from '../api/http.ts';
import { Action } from '../parts/action.tsx';
import { formatCount } from '../parts/format.ts';
import { Failed, Loading } from '../parts/load-states.tsx';
import { nameOption } from './plan.ts';

export interface SamplersProps {
  /** A spec without errors. */
  readonly text: string;
  readonly name: string;
  /** Whether it is the one in the editor. */
  readonly isCurrent: boolean;
  /** Receives the spec with another sampler. */
  readonly onUse: (text: string) => void;
}

export function Samplers(props: SamplersProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="samplers" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Samplers</summary>
      {isOpen && <Offers key={props.text} {...props} />}
    </details>
  );
}

function Offers({ text, name, isCurrent, onUse }: SamplersProps) {
  const [offers, setOffers] = useState<SamplerOffers['samplers'] | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const load = async () => {
      try {
        const answer = await send<SamplerOffers>(
          'POST',
          '/plan/samplers',
          { spec: text, ...nameOption(name) },
          { signal: abort.signal },
        );
        if (!abort.signal.aborted) setOffers(answer.samplers);
      } catch (error) {
        if (abort.signal.aborted) return;
        if (!(error instanceof Failure)) throw error;
        setFailure(error);
      }
    };
    void load();
    return () => abort.abort();
  }, [text, name]);
  if (failure) return <Failed failure={failure} />;
  if (offers === null) return <Loading what="the samplers" height="20rem" />;
  return (
    <ul>
      {offers.map(({ sampler, text: description, isCurrent: isOwn, plan, problem, spec }) => (
        <li key={sampler}>
          <div class="choice">
            <b>{sampler}</b>
            {plan !== null && (
              <span class="soft small">
                {formatCount(plan.trials)} {plan.trials === 1 ? 'trial' : 'trials'}, roughly {formatDuration(plan.seconds)}
              </span>
            )}
            {isOwn ? (
              <span class="soft small">in the spec</span>
            ) : (
              plan !== null && (
                <Action
                  needs="read"
                  aria-label={`Use ${sampler}`}
                  because={isCurrent ? null : 'The spec is being checked.'}
                  onClick={() => onUse(spec)}
                >
                  Use
                </Action>
              )
            )}
          </div>
          <p class="small">{description}</p>
          {problem !== null && <p class="soft small anywhere">Not here: {problem}</p>}
        </li>
      ))}
    </ul>
  );
}
