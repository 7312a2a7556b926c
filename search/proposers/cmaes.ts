import { stream } from '../../models/random.ts';
import { addScaled, dot } from '../../models/vectors.ts';
import type { Dimensions, Point } from '../parameters.ts';
import { completePoint } from '../samplers/points.ts';
import { placeAt } from './cmaes/distribution.ts';
import { evolve } from './cmaes/generations.ts';
import { type OrderedAxis, orderedAxesOf } from './cmaes/ordered-axes.ts';
import { createKnown, drawFresh } from './fresh.ts';
import type { ProposalRequest, Proposer, SearchSettings } from './proposer.ts';

/** Draws of a point before one is mirrored at the ends of the ranges. */
const DRAWS = 100;

/**
 * The covariance matrix adaptation evolution strategy (Hansen and Ostermeier 2001), with active
 * weights, mirrored orthogonal draws, restarts of growing populations, and a margin for values in
 * steps: draws from a normal distribution that follows from the scores so far. All parameters that
 * vary have an order. Measured in docs/decisions/0060-evolution-strategies.md.
 */
export const cmaes: Proposer<SearchSettings> = {
  propose({ startup }, request) {
    const { space, observations, seed, cell, number } = request;
    if (number < startup || observations.length < startup) return drawFresh(request);
    const axes = orderedAxesOf(space);
    const distribution = evolve({ space, axes, seed, cell, startup }, observations);
    const { normal } = stream(seed, `cmaes again ${cell}`, number);
    const isKnown = createKnown(request);
    let place = placeAt(distribution, directionOf(axes.length, request));
    for (let draw = 0; draw < DRAWS; draw++) {
      const point = isWithin(place) ? pointAt(space, axes, place) : null;
      if (point !== null && !isKnown(point)) return point;
      place = placeAt(distribution, Float64Array.from(axes, normal));
    }
    const mirrored = pointAt(space, axes, place.map(mirror));
    return isKnown(mirrored) ? drawFresh(request) : mirrored;
  },
};

/**
 * Returns the standard normal vector of a point, [D]. Points with successive numbers are drawn in
 * pairs of opposite vectors, and as many pairs as there are dimensions at right angles, so that few
 * points look in all directions (Wang, Emmerich and Bäck 2019, doi:10.1162/evco_a_00251).
 */
function directionOf(dimensions: number, { seed, cell, number }: ProposalRequest): Float64Array {
  const pair = Math.floor(number / 2);
  const units: Float64Array[] = [];
  let direction: Float64Array = new Float64Array(dimensions);
  for (let one = pair - (pair % dimensions); one <= pair; one++) {
    const { normal } = stream(seed, `cmaes ${cell}`, one);
    const drawn = Float64Array.from(direction, normal);
    const rest = Float64Array.from(drawn);
    for (const unit of units) addScaled(rest, -dot(unit, rest), unit);
    const unit = scale(rest, 1 / lengthOf(rest));
    units.push(unit);
    direction = scale(unit, lengthOf(drawn));
  }
  return number % 2 === 0 ? direction : scale(direction, -1);
}

const lengthOf = (vector: Float64Array): number => Math.sqrt(dot(vector, vector));
const scale = (vector: Float64Array, factor: number): Float64Array => vector.map((value) => value * factor);

const isWithin = (place: Float64Array): boolean => place.every((position) => position >= 0 && position < 1);

/** Returns the position in [0, 1] that mirrors at its ends lead to. */
function mirror(position: number): number {
  const rest = Math.abs(position) % 2;
  return rest > 1 ? 2 - rest : rest;
}

/** Returns the point at these positions; constants have their value. */
const pointAt = (space: Dimensions, axes: readonly OrderedAxis[], place: Float64Array): Point =>
  completePoint(space, Object.fromEntries(axes.map(({ name, valueAt }, i) => [name, valueAt(place[i] as number)])));
