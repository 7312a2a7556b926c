/** Neighbours found the simple way: every atom in every of many cells. */
import type { Frame } from '../../../datasets/formats/structures/frame.ts';

export function bruteForce({ species, positions, lattice, periodic }: Frame, site: number, cells: number) {
  const at = (atom: number) => positions.subarray(3 * atom, 3 * atom + 3);
  const range = (axis: number) => (periodic[axis] ? Array.from({ length: 2 * cells + 1 }, (_, i) => i - cells) : [0]);
  const found: { element: string; distance: number; vector: number[] }[] = [];
  for (const a of range(0))
    for (const b of range(1))
      for (const c of range(2))
        species.forEach((element, atom) => {
          const vector = [0, 1, 2].map((axis) => {
            const shift = lattice ? a * (lattice[axis] ?? 0) + b * (lattice[3 + axis] ?? 0) + c * (lattice[6 + axis] ?? 0) : 0;
            return (at(atom)[axis] as number) - (at(site)[axis] as number) + shift;
          });
          const distance = Math.hypot(...vector);
          if (atom !== site || a !== 0 || b !== 0 || c !== 0) found.push({ element, distance, vector });
        });
  return found;
}
