/** Synthetic structures for descriptors. */

const EDGE = 13.2; // angstrom
const ATOMS_PER_FRAME = 240;
export const SITES_PER_FRAME = 80;

/**
 * Writes one frame of extended xyz: 80 Ge and 160 O in a periodic cell, at the density of GeO2
 * under a few GPa, on a jittered grid. `properties` follow those of the cell.
 */
export function writeGlassFrame(uniform: () => number, properties = ''): string {
  const cell = `Lattice="${EDGE} 0 0 0 ${EDGE} 0 0 0 ${EDGE}" Properties=species:S:1:pos:R:3 pbc="T T T"`;
  let text = `${ATOMS_PER_FRAME}\n${cell}${properties}\n`;
  for (let atom = 0; atom < ATOMS_PER_FRAME; atom++) {
    // 6 x 6 x 7 grid points for 240 atoms.
    const point = [(atom % 6) / 6, (Math.floor(atom / 6) % 6) / 6, Math.floor(atom / 36) / 7];
    const position = point.map((at) => (EDGE * (at + 0.1 * uniform())).toFixed(6));
    text += `${atom % 3 === 0 ? 'Ge' : 'O '} ${position.join(' ')}\n`;
  }
  return text;
}
