/** Checks of parameters that exist only where another one has certain values. */
import { type SpecFault, specFault } from '../fault.ts';
import { conditionOf, dimensionOf, isAbsent, PARAMETERS, parameterPath, valuesOf } from '../parameters.ts';
import { dimensionsOf, sweptDimension } from '../space.ts';
import type { SweepSpec } from '../spec.ts';

/** Yields parameters that the space has and that exist at none of its points. */
export function* checkConditions(spec: SweepSpec): Generator<SpecFault> {
  const space = dimensionsOf(spec);
  for (const name of PARAMETERS) {
    const condition = conditionOf(name);
    if (condition === null || isAbsent(dimensionOf(space, name))) continue;
    const { parent, values } = condition;
    const given = valuesOf(sweptDimension(spec, parent));
    if (given.some((value) => values.includes(value))) continue;
    const message = `${name} exists only where ${parent} is ${values.join(' or ')}, and here it is ${given.join(' or ')}`;
    yield specFault(parameterPath(name), message, `add ${values[0]} to ${parameterPath(parent)}, or leave ${name} out`);
  }
}
