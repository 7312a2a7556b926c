/** What of each descriptor comes back through a bottleneck: shares with their intervals, beside those of directions of chance. */
import type { DescriptorShare, DescriptorState } from '../../../models/interpretation/decisive.ts';
import { Legend, Panel } from './panel.tsx';
import { short } from './scale.ts';

export interface NamedShare extends DescriptorShare {
  readonly name: string;
}

export const STATES = ['decisive', 'undecided', 'indecisive'] as const satisfies readonly DescriptorState[];
const COLOURS: Readonly<Record<DescriptorState, string>> = {
  decisive: 'var(--good)',
  undecided: 'var(--warn)',
  indecisive: 'var(--soft)',
};
const ROW = 22;

export function SharesPlot({ shares }: { readonly shares: readonly NamedShare[] }) {
  const shown = [...shares].reverse();
  const low = Math.max(-1, Math.min(-0.05, ...shares.map(({ share, control }) => Math.min(share.low, control.low))));
  return (
    <>
      <Legend
        entries={[
          ...STATES.map((state) => ({ label: state, colour: COLOURS[state], mark: 'point' as const })),
          { label: 'directions of chance', colour: 'var(--edge)', dash: [2, 2] },
        ]}
      />
      <Panel
        label={shares
          .slice(0, 5)
          .map(({ name, share, state }) => `${name}: ${short(share.mean, 2)}, ${state}`)
          .join('; ')}
        height={66 + ROW * shown.length}
        x={{ label: 'share of variance recovered', domain: [low, 1.02] }}
        y={{ label: '', domain: [-0.6, shown.length - 0.4], names: shown.map(({ name }) => name) }}
      >
        {({ x, y }) =>
          shown.map(({ name, share, control, state }, i) => (
            <g key={name}>
              <path
                d={`M${x(control.low)} ${y(i) + 6}H${x(control.high)}`}
                stroke="var(--edge)"
                stroke-width={3}
                stroke-dasharray="2 2"
              />
              <path d={`M${x(share.low)} ${y(i)}H${x(share.high)}`} stroke={COLOURS[state]} stroke-width={2} />
              <StateMark state={state} x={x(share.mean)} y={y(i)} />
              <title>{`${name}: ${short(share.mean)} [${short(share.low)}, ${short(share.high)}], ${state}`}</title>
            </g>
          ))
        }
      </Panel>
    </>
  );
}

/** Filled, half or empty: states differ without colour as well. */
function StateMark({ state, x, y }: { readonly state: DescriptorState; readonly x: number; readonly y: number }) {
  const colour = COLOURS[state];
  const fill = state === 'decisive' ? colour : 'var(--page)';
  return (
    <>
      <circle cx={x} cy={y} r={5} fill={fill} stroke={colour} stroke-width={2} />
      {state === 'undecided' && <path d={`M${x} ${y - 5}A5 5 0 0 0 ${x} ${y + 5}Z`} fill={colour} />}
    </>
  );
}
