import type { DescriptorColumn } from '../../models/descriptor.ts';
import type { Frame } from '../formats/extxyz.ts';

/** A way to turn structures into rows of X. */
export interface DescriptorKind<Setting> {
  /** One row per site, or one per frame. */
  readonly rows: 'site' | 'frame';
  /** The first frame stands for all where the columns depend on its atoms. */
  columns(setting: Setting, first: Frame): DescriptorColumn[];
  /** In three steps, so that what is shared by frames, or by the rows of one, is done once. */
  describe(setting: Setting, first: Frame): DescribeFrame;
}

export type DescribeFrame = (frame: Frame) => FillRow;

/** Fills the row of a site; of a whole frame the site is 0. */
export type FillRow = (site: number, row: Float64Array) => void;
