/** Every workflow that a worker must know. */
export { sweep } from './sweep.ts';
