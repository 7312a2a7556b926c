import type { DescriptorColumn } from '../../models/descriptor.ts';
import type { Frame } from '../formats/structures/frame.ts';

/** Computes rows of X from structures: one per site where the setting has `site`, or per frame. */
export interface DescriptorKind<Setting> {
  /** Returns the columns, which may depend on the atoms of the first frame. */
  columns(setting: Setting, first: Frame): DescriptorColumn[];
  /** Computes in three steps, so that work shared by frames or rows is done once. */
  describe(setting: Setting, first: Frame): (frame: Frame) => FillRow;
}

/** Fills the row of a site; for a row per frame the site is 0. */
type FillRow = (site: number, row: Float64Array) => void;
