/** Copies of shipped datasets with fewer rows, so that tests take less time. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpy, writeNpy } from '../../../datasets/formats/npy.ts';
import { pickRows } from '../../../models/axes.ts';

/**
 * Copies a dataset folder with every `stride`-th row of its arrays and of the tables that have a
 * line for each row.
 */
export function writeThinned(from: string, to: string, stride: number): void {
  mkdirSync(to, { recursive: true });
  const rows = readNpy(readFileSync(join(from, 'X.npy')), 'X.npy').rows;
  const kept = Uint32Array.from({ length: Math.ceil(rows / stride) }, (_, i) => i * stride);
  for (const file of readdirSync(from)) {
    const bytes = readFileSync(join(from, file));
    writeFileSync(
      join(to, file),
      file.endsWith('.npy') ? writeNpy(pickRows(readNpy(bytes, file), kept)) : thinTable(bytes, rows, kept),
    );
  }
}

/** Keeps the lines of the kept rows; files with another number of lines are not changed. */
function thinTable(bytes: Uint8Array, rows: number, kept: Uint32Array): Uint8Array | string {
  const [head = '', ...lines] = new TextDecoder().decode(bytes).trimEnd().split('\n');
  return lines.length === rows ? `${[head, ...Array.from(kept, (row) => lines[row])].join('\n')}\n` : bytes;
}
