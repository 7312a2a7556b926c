import { angularHistogram } from './angular-histogram.ts';
import { coulombMatrix } from './coulomb-matrix.ts';
import { internalCoordinates } from './internal-coordinates.ts';
import type { DescriptorKind } from './kind.ts';
import { radialHistogram } from './radial-histogram.ts';
import type { DescriptorSetting } from './setting.ts';

const KINDS: { readonly [Kind in DescriptorSetting['kind']]: DescriptorKind<Extract<DescriptorSetting, { kind: Kind }>> } = {
  'internal-coordinates': internalCoordinates,
  'coulomb-matrix': coulombMatrix,
  'radial-histogram': radialHistogram,
  'angular-histogram': angularHistogram,
};

export const descriptorKind = (setting: DescriptorSetting): DescriptorKind<DescriptorSetting> =>
  KINDS[setting.kind] as DescriptorKind<DescriptorSetting>;
