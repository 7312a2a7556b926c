/** A trajectory as ASE writes it in extended xyz, and a spectrum of two columns for each frame. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes trajectory.xyz, a slab in which the tag 1 marks the absorber, and spectra/`id`.dat. */
export function writeTrajectory(folder: string, frames: number): void {
  mkdirSync(join(folder, 'spectra'), { recursive: true });
  let text = '';
  for (let frame = 0; frame < frames; frame++) {
    const height = 1.8 + 0.1 * Math.sin(1.3 * frame) + 0.001 * frame;
    const shift = 0.2 * Math.cos(0.7 * frame);
    const atoms: [symbol: string, x: number, y: number, z: number, tag: number][] = [
      ['Cu', 0, 0, 0, 0],
      ['Cu', 2.5, 0, 0, 0],
      ['Cu', 0, 2.5, 0, 0],
      ['Cu', 2.5, 2.5, 0, 0],
      ['O', 1.25 + shift, 1.25, height, 1],
      ['O', 1.25, 1.25, -2, 0],
    ];
    const lines = atoms.map(([symbol, x, y, z, tag]) => {
      const position = [x, y, z].map((value) => value.toFixed(8).padStart(16)).join('');
      return `${symbol.padEnd(8)}${position}${String(tag).padStart(8)}`;
    });
    const lattice = '5.0 0.0 0.0 0.0 5.0 0.0 0.0 0.0 0.0';
    text += `${atoms.length}\nLattice="${lattice}" Properties=species:S:1:pos:R:3:tags:I:1 id=step${frame} pbc="T T F"\n${lines.join('\n')}\n`;
    const rows = Array.from(
      { length: 20 },
      (_, i) => `${530 + 0.5 * i} ${(1 + Math.sin(height * i * 0.4) * (1 + shift)).toFixed(6)}`,
    );
    writeFileSync(join(folder, `spectra/step${frame}.dat`), `# energy intensity\n${rows.join('\n')}\n`);
  }
  writeFileSync(join(folder, 'trajectory.xyz'), text);
}
