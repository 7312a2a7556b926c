/** Every workflow that a worker must know. */
export { interpret } from './interpret.ts';
export { retrain, tell } from './retrain.ts';
export { sweep } from './sweep.ts';
