/** What a trial's latents are made of: components over their descriptors, and what a change of a descriptor does in its own unit. */
import type { TrialDetail } from '../../contract/trials.ts';
import { ComponentBars, DRAWN } from '../charts/components.tsx';
import { Figure } from '../parts/figure.tsx';

export function TrialComponents({
  trial,
  k,
  deviations,
}: {
  readonly trial: TrialDetail;
  readonly k: number;
  /** Of the training rows, by descriptor that varies, in its unit; null where they are not known. */
  readonly deviations: readonly number[] | null;
}) {
  const own = trial.components?.slice(0, k);
  if (!own || own.length === 0) return null;
  const { descriptors, dropped } = trial;
  const drawn = Math.min(descriptors.length, DRAWN);
  return (
    <Figure
      title="Components"
      name={`trial-${trial.trialId}-components`}
      caption={`Change of each latent per standard deviation of a descriptor; a component has length 1.${
        drawn < descriptors.length ? ` The ${drawn} strongest of ${descriptors.length} descriptors drawn, all in the table.` : ''
      }${dropped.length > 0 ? ` ${dropped.length} constant ${dropped.length === 1 ? 'descriptor is' : 'descriptors are'} seen by no method: ${listed(dropped)}.` : ''}${
        deviations === null
          ? ' Slopes per physical unit need the weights, which are not kept.'
          : ' The table has the slope per physical unit as well.'
      }`}
      table={() => ({
        head: [
          'descriptor',
          'unit',
          ...own.map((_, j) => `component ${j + 1}`),
          ...(deviations ? ['standard deviation', ...own.map((_, j) => `latent ${j + 1} per unit`)] : []),
        ],
        rows: descriptors.map(({ name, unit }, d) => [
          name,
          unit,
          ...own.map((component) => component[d] as number),
          ...(deviations
            ? [deviations[d] as number, ...own.map((component) => (component[d] as number) / (deviations[d] as number))]
            : []),
        ]),
      })}
    >
      <ComponentBars
        method={trial.method}
        descriptors={descriptors}
        components={own.map((coefficients, j) => ({ coefficients, title: `component ${j + 1}` }))}
      />
    </Figure>
  );
}

const NAMED = 8;
const listed = (names: readonly string[]): string =>
  names.length <= NAMED ? names.join(', ') : `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;
