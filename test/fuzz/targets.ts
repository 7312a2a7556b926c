/** Targets that are fuzzed in a process of their own: how an input is made, and how it is read. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkArchiveInBox, checkInBox, describeInputInBox, readInputInBox } from '../../datasets/box/box.ts';
import type { OwnScratch } from '../../datasets/files/scratch.ts';
import { checkDatasetFolder } from '../../datasets/import/check.ts';
import { describeModelInput, readModelInput, type TrainedOn } from '../../datasets/import/model-input.ts';
import { findWarnings } from '../../datasets/import/warnings.ts';
import { type Manifest, readManifest } from '../../datasets/manifest.ts';
import { MANIFEST } from '../../datasets/manifest-name.ts';
import { openArchiveFolder } from '../../datasets/sources/archive-folder.ts';
import { parseConnectionUrl } from '../../db/connection-url.ts';
import { parseResultQuery } from '../../operations/results.ts';
import { readSpec, withFaultLocations } from '../../operations/specs.ts';
import { archiveOf, buildDatasets, type Files } from './datasets.ts';
import { type Draw, drawOf } from './draw.ts';
import { mutateDocument, mutateFile } from './mutate-file.ts';
import { mutateText } from './mutate-text.ts';
import { ADDRESSES, FILTERS, SPECS } from './texts.ts';

/** An input of a target: its files, the folder that has them, and a place for temporary files. */
export interface Input {
  readonly files: Files;
  readonly folder: string;
  readonly scratch: OwnScratch;
}

export interface Target {
  readonly name: string;
  /** Share of the inputs, relative to those of the other targets. */
  readonly weight: number;
  /** Returns the files of an input, the same for the same draws. */
  create(draw: Draw): Files;
  /** Reads them, in this process. Throws NarrowsErrors only. */
  read(input: Input): unknown;
  /** Reads them as the product does, where that is in a box. */
  readInBox?(input: Input): Promise<unknown>;
}

export const inputOf = (target: Target, seed: number, index: number): Files => target.create(drawOf(seed, target.name, index));

/** Writes the files of an input into a folder. */
export function writeInput(files: Files, folder: string): void {
  for (const [name, content] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

const INPUT = 'input';
/** Names the dataset of the model that takes the input. */
const TRAINED_ON = 'trained-on';
const MAX_UNPACKED = 2 ** 26;
/** Longer texts are refused by the bounds of the threads in which callers' specs are checked. */
const MAX_SPEC = 2 ** 15;

const textOf = (files: Files): string => (files.get(INPUT) as Buffer).toString('utf8');
const singleFile = (content: Buffer): Files => new Map([[INPUT, content]]);

/** Mutates a file of a folder, rarely more, up to four times. */
function mutateFolder(draw: Draw, files: Files): Files {
  const mutated = new Map(files);
  const names = [...files.keys()];
  for (let times = 1 + draw.below(4), name = draw.pick(names); times > 0; times--) {
    mutated.set(name, mutateFile(draw, name, mutated.get(name) as Buffer, draw.pick([...files.values()])));
    if (draw.chance(0.1)) name = draw.pick(names);
  }
  return mutated;
}

const textTarget = (
  name: string,
  weight: number,
  seeds: readonly string[],
  read: (text: string) => unknown,
  mutate: (draw: Draw, bytes: Buffer) => Buffer = (draw, bytes) => mutateText(draw, bytes, bytes),
): Target => ({
  name,
  weight,
  create: (draw) => {
    let bytes: Buffer = Buffer.from(draw.pick(seeds));
    for (let times = 1 + draw.below(4); times > 0; times--) bytes = mutate(draw, bytes);
    return singleFile(bytes);
  },
  read: ({ files }) => read(textOf(files)),
});

/** Returns every target: datasets, archives, manifests, inputs of models and texts. */
export async function buildTargets(): Promise<readonly Target[]> {
  const datasets = await buildDatasets();
  const models = await readModels(datasets);
  const folders = [...datasets.values()];
  const tables = [...models].filter(([, { columns }]) => columns.length > 0).map(([name]) => name);
  const modelOf = (files: Files) => models.get((files.get(TRAINED_ON) as Buffer).toString()) as TrainedOn;
  const pathOf = (files: Files, folder: string) => {
    const { descriptors } = modelOf(files).manifest;
    return join(folder, 'file' in descriptors ? descriptors.file : '');
  };
  const structures = models.get('structures') as TrainedOn;
  return [
    ...[...datasets].map(
      ([name, files]): Target => ({
        name: `dataset-${name}`,
        weight: 3,
        create: (draw) => mutateFolder(draw, files),
        read: async ({ folder, scratch }) => findWarnings(await checkDatasetFolder(folder, scratch)),
        readInBox: ({ folder, scratch }) => checkInBox(folder, scratch),
      }),
    ),
    {
      name: 'archive',
      weight: 4,
      create: (draw) => singleFile(mutateFile(draw, 'archive.zip', archiveOf(draw.pick(folders)), Buffer.alloc(0))),
      async read({ folder, scratch }) {
        await using archive = await openArchiveFolder(join(folder, INPUT), folder, MAX_UNPACKED);
        return await checkDatasetFolder(archive, scratch);
      },
      readInBox: ({ folder, scratch }) => checkArchiveInBox(join(folder, INPUT), scratch),
    },
    {
      name: 'manifest',
      weight: 10,
      create: (draw) => mutateFolder(draw, new Map([[MANIFEST, draw.pick(folders).get(MANIFEST) as Buffer]])),
      read: ({ folder }) => readManifest(folder),
      readInBox: ({ folder, scratch }) => checkInBox(folder, scratch),
    },
    {
      name: 'model-input',
      weight: 4,
      create: (draw) => {
        const name = draw.pick(tables);
        return new Map([...mutateFolder(draw, datasets.get(name) as Files), [TRAINED_ON, Buffer.from(name)]]);
      },
      read: ({ files, folder, scratch }) => readModelInput(pathOf(files, folder), modelOf(files), { scratch }),
      readInBox: ({ files, folder, scratch }) => readInputInBox(pathOf(files, folder), modelOf(files), scratch),
    },
    {
      name: 'structures-text',
      weight: 4,
      create: (draw) =>
        singleFile(mutateText(draw, datasets.get('structures')?.get('structures.xyz') as Buffer, Buffer.alloc(0))),
      read: ({ files, scratch }) => describeModelInput(textOf(files), structures, { scratch }),
      readInBox: ({ files, scratch }) => describeInputInBox(textOf(files), structures, scratch),
    },
    textTarget(
      'spec',
      14,
      SPECS,
      (text) => withFaultLocations(text, async () => readSpec(text)),
      (draw, bytes) => (draw.chance(0.5) ? mutateDocument(draw, bytes) : mutateText(draw, bytes, bytes)).subarray(0, MAX_SPEC),
    ),
    textTarget('filter', 8, FILTERS, (text) => parseResultQuery('test', text)),
    textTarget('address', 4, ADDRESSES, parseConnectionUrl),
  ];
}

/** Returns what models need to know of the unchanged datasets, by name. */
async function readModels(datasets: ReadonlyMap<string, Files>): Promise<ReadonlyMap<string, TrainedOn>> {
  const folder = mkdtempSync(join(tmpdir(), 'narrows-fuzz-'));
  try {
    const models = new Map<string, TrainedOn>();
    for (const [name, files] of datasets) {
      writeInput(files, folder);
      const manifest: Manifest = await readManifest(folder);
      models.set(name, { manifest, columns: 'columns' in manifest.descriptors ? manifest.descriptors.columns : [] });
    }
    return models;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
