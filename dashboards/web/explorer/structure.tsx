/** The structure of a latent point, in physical units, with known ranges of its descriptors. */
import { measured, strongest } from '../../../figures/numbers.ts';
import { recogniseTriatomic } from '../charts/molecules/geometry.ts';
import { Molecule } from '../charts/molecules/molecule.tsx';
import type { DescriptorValue } from './latent-point.ts';

/** Maximum number of descriptors, those furthest from the middle of their ranges. */
const SHOWN = 16;

export function Structure({ parts, mean }: { readonly parts: readonly DescriptorValue[]; readonly mean: ArrayLike<number> }) {
  const atoms = recogniseTriatomic(parts);
  const far = parts.map(({ value, low, high }) => (value - (low + high) / 2) / (high - low || 1));
  const shown = strongest(far, SHOWN).map((d) => parts[d] as DescriptorValue);
  const outside = parts.filter((part) => part.outside).length;
  return (
    <div class="structure">
      {atoms && (
        <Molecule
          columns={parts}
          atoms={atoms}
          x={parts.map(({ value }) => value)}
          mean={mean}
          reach={Math.max(...atoms.bonds.map((d) => (parts[d] as DescriptorValue).high)) * 1.08}
        />
      )}
      <ul class="parts">
        {shown.map((part) => (
          <PartRow key={part.name} part={part} />
        ))}
      </ul>
      <p class="small soft">
        {shown.length < parts.length &&
          `The ${shown.length} of ${parts.length} descriptors furthest from the middle of their ranges. `}
        The bar is the range of the known structures.{' '}
        {outside > 0 && (
          <strong class="outside-count">
            {outside} of {parts.length} outside the known range.
          </strong>
        )}
      </p>
    </div>
  );
}

function PartRow({ part: { name, unit, value, low, high, outside } }: { readonly part: DescriptorValue }) {
  const share = (value - low) / (high - low || 1);
  // Room on either side of the bar for values outside.
  const at = 12 + 76 * Math.min(1.13, Math.max(-0.13, share));
  return (
    <li class={outside ? 'part outside' : 'part'}>
      <span class="part-name">{name}</span>
      <svg class="part-range icon" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">
        <rect x={12} y={5} width={76} height={4} fill="var(--line)" />
        <rect x={at - 1} y={1} width={2} height={12} fill={outside ? 'var(--bad)' : 'var(--accent)'} />
      </svg>
      <span class="part-value">
        {measured(value, unit)}
        {outside && <span class="part-outside"> outside</span>}
      </span>
      <span class="unseen">
        , known from {measured(low, unit)} to {measured(high, unit)}
      </span>
    </li>
  );
}
