/** Every workflow that a worker must know. */
export { interpret } from './interpret.ts';
export { sweep } from './sweep.ts';
