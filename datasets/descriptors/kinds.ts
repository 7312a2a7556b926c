import { angularHistogram } from './angular-histogram.ts';
import { coulombMatrix } from './coulomb-matrix.ts';
import { internalCoordinates } from './internal-coordinates.ts';
import type { DescriptorKind } from './kind.ts';
import { radialHistogram } from './radial-histogram.ts';
import type { Setting } from './setting.ts';

const KINDS: { readonly [Kind in Setting['kind']]: DescriptorKind<Extract<Setting, { kind: Kind }>> } = {
  'internal-coordinates': internalCoordinates,
  'coulomb-matrix': coulombMatrix,
  'radial-histogram': radialHistogram,
  'angular-histogram': angularHistogram,
};

export const kindOf = (setting: Setting): DescriptorKind<Setting> => KINDS[setting.kind] as DescriptorKind<Setting>;
