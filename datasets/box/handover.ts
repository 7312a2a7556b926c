/** Datasets and arrays that one process has checked, and another one stores. */

import type { ScratchFile } from '../files/scratch.ts';
import type { CheckedDataset } from '../import/check.ts';
import { readSpooled, type SpooledContent, type SpooledGroups, type SpooledList, type SpooledMatrix } from '../import/spool.ts';

/** Names the scratch file in which the bytes are. */
type Handed<T extends { readonly content: SpooledContent }> = Omit<T, 'content' | 'chunks' | 'readRow'> & {
  readonly content: Omit<SpooledContent, 'pieces'> & { readonly file: string };
};

export type HandedMatrix = Handed<SpooledMatrix>;

/** A checked dataset without open files: it can be cloned into another process. */
export interface HandedDataset extends Omit<CheckedDataset, 'x' | 'targets' | 'groups' | 'ids' | 'series'> {
  readonly x: HandedMatrix;
  readonly targets: Readonly<Record<string, Omit<CheckedDataset['targets'][string], 'y'> & { readonly y: HandedMatrix }>>;
  readonly groups: Handed<SpooledGroups> | null;
  readonly ids: Handed<SpooledList> | null;
  readonly series: Handed<SpooledList> | null;
}

type NameOf = (file: ScratchFile) => string;
type Adopt = (name: string) => Promise<ScratchFile>;

const handContent = ({ pieces, ...content }: SpooledContent, nameOf: NameOf) => ({ ...content, file: nameOf(pieces) });

export function handMatrix({ chunks: _, readRow: __, content, ...matrix }: SpooledMatrix, nameOf: NameOf): HandedMatrix {
  return { ...matrix, content: handContent(content, nameOf) };
}

export function handDataset(dataset: CheckedDataset, nameOf: NameOf): HandedDataset {
  const { groups, ids, series } = dataset;
  const hand = <T extends SpooledList>({ content, ...list }: T) => ({ ...list, content: handContent(content, nameOf) });
  return {
    ...dataset,
    x: handMatrix(dataset.x, nameOf),
    targets: mapValues(dataset.targets, ({ y, ...target }) => ({ ...target, y: handMatrix(y, nameOf) })),
    groups: groups && hand(groups),
    ids: ids && hand(ids),
    series: series && hand(series),
  };
}

const takeContent = async ({ file, ...content }: HandedMatrix['content'], adopt: Adopt): Promise<SpooledContent> => ({
  ...content,
  pieces: await adopt(file),
});

export const takeMatrix = async ({ content, ...matrix }: HandedMatrix, adopt: Adopt): Promise<SpooledMatrix> =>
  readSpooled({ ...matrix, content: await takeContent(content, adopt) });

export async function takeDataset(dataset: HandedDataset, adopt: Adopt): Promise<CheckedDataset> {
  const { groups, ids, series } = dataset;
  const targets: Record<string, CheckedDataset['targets'][string]> = {};
  for (const [name, { y, ...target }] of Object.entries(dataset.targets)) {
    targets[name] = { ...target, y: await takeMatrix(y, adopt) };
  }
  return {
    ...dataset,
    x: await takeMatrix(dataset.x, adopt),
    targets,
    groups: groups && { ...groups, content: await takeContent(groups.content, adopt) },
    ids: ids && { ...ids, content: await takeContent(ids.content, adopt) },
    series: series && { ...series, content: await takeContent(series.content, adopt) },
  };
}

const mapValues = <T, R>(all: Readonly<Record<string, T>>, convert: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(all).map(([name, value]) => [name, convert(value)]));
