/** The answers that every route may give instead of its own. */
import { problemSchema } from '../contract/shared.ts';

export const problemContent = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

export const readErrors = {
  401: problemContent('No token, or none that counts.'),
  403: problemContent('Not for this role, host or origin.'),
  404: problemContent('There is none.'),
  422: problemContent('What is wrong, where, and what to do about it.'),
  429: problemContent('Too many failed attempts to sign in.'),
  500: problemContent('A fault of narrows.'),
  503: problemContent('Postgres or Temporal does not answer just now.'),
} as const;

/** Of routes that change something. */
export const mutationErrors = {
  400: problemContent('No JSON, or a key is missing.'),
  ...readErrors,
  409: problemContent('It does not apply just now.'),
  413: problemContent('Too large.'),
  415: problemContent('Not JSON, or no archive where one is sent.'),
} as const;
