/** The answers that every route may give instead of its own. */
import { problemSchema } from '../contract/shared.ts';

export const refusal = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

export const refusals = {
  401: refusal('No token, or none that counts.'),
  403: refusal('Not for this role, host or origin.'),
  404: refusal('There is none.'),
  422: refusal('What is wrong, where, and what to do about it.'),
  429: refusal('Too many failed attempts to sign in.'),
  500: refusal('A fault of narrows.'),
  503: refusal('Postgres or Temporal does not answer just now.'),
} as const;

/** Of routes that change something. */
export const changeRefusals = {
  400: refusal('No JSON, or a key is missing.'),
  ...refusals,
  409: refusal('It does not apply just now.'),
  413: refusal('Too large.'),
  415: refusal('Not JSON, or no archive where one is sent.'),
} as const;
