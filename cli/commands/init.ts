import { existsSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { NarrowsError } from '../../errors.ts';
import { writeFileWhole } from '../../operations/files.ts';
import { STARTER_METHODS, STARTER_SETTINGS, STARTER_SPACE } from '../../text/starter-space.ts';
import { addCommand } from '../command.ts';

const MANIFEST = `# Describes this dataset. Arrays are .npy, members of an .npz (data.npz#X), datasets of an .h5 (data.h5#/X), or
# tables: .csv, .tsv, .txt, .dat, .parquet (table.parquet#e_*). One row per structure.
name: my-data
title: One line about the data
licence: CC-BY-4.0
source: who made them, with what, where they are described
units: { length: angstrom, energy: eV }
descriptors:
  file: X.npy
  columns:
    - { name: first, unit: angstrom }
    - { name: second, unit: degree }
targets:
  spectrum: { file: Y.npy, energies: energy.csv, unit: arbitrary }
# ids: { file: ids.csv, column: id }
# groups: { file: sites.csv, column: snapshot }     # rows that must stay on one side of a split
`;

export const STARTER_SPEC = `# How few numbers carry the spectrum?
name: my-sweep
dataset: my-data
target: spectrum
split: { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: random }
scale: { x: zscore, y: centre }
${STARTER_METHODS}
space:
  k: [1, 2]
${STARTER_SPACE}
${STARTER_SETTINGS}
training: { epochs: 40, batch: 32 }
`;

const NOTES = `# A narrows project

1. Put the arrays into the folder of \`dataset.yaml\` and describe them in it.
2. \`narrows data import .\` checks and stores them; \`narrows data show my-data\` shows what it took.
3. \`narrows sweep plan sweep.yaml\` shows what would be trained, \`narrows sweep start sweep.yaml --watch\` trains it.
4. \`narrows compare my-sweep --plot coverage.svg\` compares the methods.

The servers that narrows starts keep their data in \`.narrows\`; \`narrows down\` stops them.
`;

export function register(program: Command): void {
  addCommand<{ dir?: string }>(program, {
    name: 'init',
    arguments: [['[dir]', 'the folder to create, by default this one']],
    description: 'Create a project folder: a manifest, a sweep spec, notes.',
    examples: ['narrows init my-project'],
    async run(context, { dir = '.' }) {
      const folder = resolve(dir);
      const files = { 'dataset.yaml': MANIFEST, 'sweep.yaml': STARTER_SPEC, 'README.md': NOTES };
      const existing = Object.keys(files).find((name) => existsSync(join(folder, name)));
      if (existing) {
        throw new NarrowsError('file-exists', `${join(folder, existing)} exists already`, {
          path: existing,
          fix: 'choose another folder',
        });
      }
      const path = existingPart(folder);
      if (!statSync(path).isDirectory()) {
        throw new NarrowsError('file-exists', `${path} is a file`, { path: dir, fix: 'choose another folder' });
      }
      await mkdir(folder, { recursive: true });
      for (const [name, content] of Object.entries(files)) await writeFileWhole(join(folder, name), content);
      context.print(
        { folder, files: Object.keys(files) },
        () => `created ${folder} with ${Object.keys(files).join(', ')}; README.md describes the next steps`,
      );
    },
  });
}

/** Returns the path, or the nearest of the folders above it that exists. */
const existingPart = (path: string): string => (existsSync(path) ? path : existingPart(dirname(path)));
