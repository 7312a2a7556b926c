/** Configurations near one that has proven itself: what is worth trying when the data have grown. */
import type { TrialConfiguration } from '../models/engine.ts';
import { PARAMETERS, type Point } from './spec.ts';

/** Widest layer that a neighbour gets by growing. */
const WIDEST = 1024;

/**
 * The champion's own point first, then its neighbours, each different in one thing: the learning rate halved and doubled, the hidden layers half as wide again,
 * and where weights decay or units are dropped, less of that, since more data need it less.
 */
export function neighbourhood(champion: TrialConfiguration): Point[] {
  const own = Object.fromEntries(PARAMETERS.map((name) => [name, champion[name]])) as unknown as Point;
  const { learningRate, hidden, weightDecay, dropout } = own;
  const wider = hidden.map((width) => Math.min(Math.max(WIDEST, width), Math.ceil((width * 1.5) / 4) * 4));
  return [
    own,
    { ...own, learningRate: learningRate / 2 },
    { ...own, learningRate: learningRate * 2 },
    ...(wider.join() === hidden.join() ? [] : [{ ...own, hidden: wider }]),
    ...(weightDecay > 0 ? [{ ...own, weightDecay: weightDecay / 3 }] : []),
    ...(dropout > 0 ? [{ ...own, dropout: dropout / 2 }] : []),
  ];
}
