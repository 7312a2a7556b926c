import { NarrowsError } from '../errors.ts';
import { isMethod, METHODS, type Method } from '../models/methods/catalogue.ts';

/** Reads the name of a method. Throws NarrowsError `method-unknown`. */
export function parseMethod(text: string): Method {
  if (isMethod(text)) return text;
  throw new NarrowsError('method-unknown', `"${text}" is not a valid method`, {
    path: 'method',
    fix: `use one of ${METHODS.join(', ')}`,
  });
}
