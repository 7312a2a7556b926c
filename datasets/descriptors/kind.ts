import type { DescriptorColumn } from '../../models/descriptor.ts';
import type { Frame } from '../extxyz.ts';

/** A way to turn structures into rows of X. */
export interface DescriptorKind<Setting> {
  /** One row per site, or one per frame. */
  readonly rows: 'site' | 'frame';
  /** The first frame stands for all where the columns depend on its atoms. */
  columns(setting: Setting, first: Frame): DescriptorColumn[];
  /** What is shared by all rows of a frame is done once; the function returned then fills the row of a site (of a whole frame: 0). */
  describe(setting: Setting, frame: Frame): (site: number, row: Float64Array) => void;
}
