/** Describes a block of frames as rows of X, in a thread or in the main thread. */
import type { Fault } from '../../errors.ts';
import type { DescriptorColumn } from '../../models/descriptor.ts';
import { isFeffFile } from '../formats/structures/file-names.ts';
import type { Frame } from '../formats/structures/frame.ts';
import type { FrameBlock } from '../formats/structures/frame-blocks.ts';
import { nameFrame, structuresUnfit } from '../formats/structures/frame-errors.ts';
import { parseBlock } from '../formats/structures/structures.ts';
import { isChosen, readLabel } from './keys.ts';
import { descriptorKind } from './kinds.ts';
import type { DescriptorSetting } from './setting.ts';
import { findSites } from './sites.ts';
import { addFrame, type StructureSummary } from './structure-summary.ts';

/** Keys of the comment line that give ids, groups and series; null: the number of the frame. */
export interface LabelKeys {
  readonly ids: string | null;
  /** Groups and series: undefined where there are none. */
  readonly groups: string | null | undefined;
  readonly series?: string | null | undefined;
}

/** Shared by all blocks. */
export interface DescribeTask {
  readonly setting: DescriptorSetting;
  readonly labels: LabelKeys;
  readonly columns: readonly DescriptorColumn[];
  /** Every frame must match it. */
  readonly first: Frame;
}

export interface BlockRows {
  /** [rows, columns] */
  readonly x: Float32Array<ArrayBuffer>;
  /** `frame:atom`, or `frame` where a row is a whole frame. */
  readonly ids: readonly string[];
  readonly groups: readonly string[] | null;
  readonly series: readonly string[] | null;
  /** undefined where no frame of the block is used. */
  readonly structures: StructureSummary | undefined;
  /** As in the block. */
  readonly name: string | null;
}

/** Sent by a thread for each block: its rows, or its fault. */
export type BlockResponse =
  | { readonly kind: 'rows'; readonly rows: BlockRows }
  | { readonly kind: 'fault'; readonly fault: Fault };

export function describeBlock(block: FrameBlock, { setting, labels, columns, first }: DescribeTask): BlockRows {
  const parts: Float32Array[] = [];
  const ids: string[] = [];
  const groups: string[] | null = labels.groups === undefined ? null : [];
  const series: string[] | null = labels.series === undefined ? null : [];
  const row = new Float64Array(columns.length);
  const describeFrame = descriptorKind(setting).describe(setting, first);
  let structures: StructureSummary | undefined;
  for (const frame of parseBlock(block)) {
    if (!isChosen(frame, setting.frames)) continue;
    structures = addFrame(structures, frame);
    requireSamePeriodicity(frame, first);
    if (!('site' in setting)) requireSameAtoms(frame, first);
    const id = readLabel(frame, labels.ids, 'ids');
    const group = labels.groups === undefined ? null : readLabel(frame, labels.groups, 'groups');
    const value = labels.series === undefined ? null : readLabel(frame, labels.series, 'series');
    const sites = 'site' in setting ? findSites(setting.site, frame, first) : [0];
    const fill = describeFrame(frame);
    const x = new Float32Array(sites.length * columns.length);
    parts.push(x);
    for (const [i, site] of sites.entries()) {
      fill(site, row);
      x.set(row, i * columns.length);
      const column = findUndefined(x, i * columns.length, columns.length);
      if (column >= 0) {
        const where = 'site' in setting ? `atom ${site}, ` : '';
        const fix = 'check for two atoms at one position, or an undefined angle of collinear atoms';
        throw structuresUnfit(frame, `${where}"${columns[column]?.name}" is ${row[column]}`, fix);
      }
      // The input of FEFF has one site.
      ids.push('site' in setting && !isFeffFile(block.file) ? `${id}:${site}` : id);
      if (group !== null) groups?.push(group);
      if (value !== null) series?.push(value);
    }
  }
  const x = new Float32Array(ids.length * columns.length);
  let at = 0;
  for (const part of parts) {
    x.set(part, at);
    at += part.length;
  }
  return { x, ids, groups, series, structures, name: block.name };
}

/** Returns the first column of a row that is not finite, or -1. A loop: findIndex takes longer. */
function findUndefined(x: Float32Array, from: number, columns: number): number {
  for (let column = 0; column < columns; column++) if (!Number.isFinite(x[from + column])) return column;
  return -1;
}

function requireSamePeriodicity(frame: Frame, first: Frame): void {
  if (frame.periodic.includes(true) === first.periodic.includes(true)) return;
  const [now, then] = frame.lattice === null ? ['no Lattice', 'is periodic'] : ['a periodic Lattice', 'is not periodic'];
  const message = `it has ${now}, ${nameFrame(first)} ${then}`;
  throw structuresUnfit(frame, message, 'make all structures of the file periodic, or none');
}

function requireSameAtoms(frame: Frame, first: Frame): void {
  const at = first.species.findIndex((symbol, atom) => frame.species[atom] !== symbol);
  if (at < 0 && frame.species.length === first.species.length) return;
  const [now, then] =
    at < 0 || frame.species[at] === undefined
      ? [`${frame.species.length} atoms`, `${first.species.length}`]
      : [`${frame.species[at]} as atom ${at}`, `${first.species[at]}`];
  const message = `it has ${now}, ${nameFrame(first)} has ${then}`;
  throw structuresUnfit(frame, message, 'write the same atoms in the same order in every frame');
}
