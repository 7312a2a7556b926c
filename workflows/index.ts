/** Every workflow that a worker must know, under its name on the wire. */
export { interpret } from './interpret.ts';
export { notify as tell, retrain } from './retrain.ts';
export { sweep } from './sweep.ts';
