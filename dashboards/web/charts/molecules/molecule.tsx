/** A molecule of three atoms, drawn with the angle and the bonds that its numbers say. */

import { measured } from '../../../../figures/numbers.ts';
import { type DescribedColumn, placeAtoms, type ThreeAtoms } from './geometry.ts';

export interface MoleculeProps {
  readonly columns: readonly DescribedColumn[];
  readonly atoms: ThreeAtoms;
  /** All columns, physical units. */
  readonly x: ArrayLike<number>;
  /** Longest bond that has to fit, in its unit: the scale does not change with the structure. */
  readonly reach: number;
  /** The mean structure, drawn faintly behind. */
  readonly mean?: ArrayLike<number>;
}

const WIDTH = 340;
const HEIGHT = 215;
/** Label of a bond, with its length. */
const ROOM = 158;
const CENTRE = { x: WIDTH / 2, y: 58 };

export function Molecule({ columns, atoms, x: values, reach, mean }: MoleculeProps) {
  const scale = 120 / reach;
  const told = [atoms.angle, ...atoms.bonds].map(
    (i) => `${columns[i]?.name} ${measured(values[i] as number, columns[i]?.unit ?? '')}`,
  );
  const { ends, angle } = placeAtoms(atoms, values);
  const at = ([ax, ay]: readonly [number, number]) => [CENTRE.x + ax * scale, CENTRE.y - ay * scale] as const;
  const arc = 30;
  const onArc = (side: number) => `${CENTRE.x + side * arc * Math.sin(angle / 2)} ${CENTRE.y + arc * Math.cos(angle / 2)}`;
  return (
    <svg class="molecule" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Three atoms: ${told.join(', ')}`}>
      {mean && <Bonds ends={placeAtoms(atoms, mean).ends.map(at)} colour="var(--line)" />}
      <Bonds ends={ends.map(at)} colour="var(--soft)" />
      <path
        class="angle"
        d={`M${onArc(-1)}A${arc} ${arc} 0 0 0 ${onArc(1)}`}
        fill="none"
        stroke="var(--accent)"
        stroke-width={2}
      />
      <circle cx={CENTRE.x} cy={CENTRE.y} r={15} fill="var(--accent)" />
      {ends.map((end, i) => {
        const [px, py] = at(end);
        return (
          <circle
            key={i}
            class="atom"
            data-x={end[0]}
            data-y={end[1]}
            cx={px}
            cy={py}
            r={10}
            fill="var(--page)"
            stroke="var(--ink)"
            stroke-width={2}
          />
        );
      })}
      <text x={CENTRE.x} y={24} text-anchor="middle">
        {told[0]}
      </text>
      {ends.map((end, i) => {
        const [px, py] = at(end);
        // Away from the middle, so that the two do not meet.
        const x =
          i === 0 ? Math.min(Math.max(px + 24, ROOM), CENTRE.x - 8) : Math.max(Math.min(px - 24, WIDTH - ROOM), CENTRE.x + 8);
        return (
          <text key={i} x={x} y={Math.min(HEIGHT - 6, py + 28)} text-anchor={i === 0 ? 'end' : 'start'}>
            {told[i + 1]}
          </text>
        );
      })}
    </svg>
  );
}

function Bonds({ ends, colour }: { readonly ends: readonly (readonly [number, number])[]; readonly colour: string }) {
  return (
    <g stroke={colour} stroke-width={7} stroke-linecap="round">
      {ends.map(([px, py], i) => (
        <path key={i} d={`M${CENTRE.x} ${CENTRE.y}L${px} ${py}`} />
      ))}
    </g>
  );
}
