/** Servers, sessions and events. */
import { z } from '@hono/zod-openapi';
import { ROLES, type Role } from '../../db/enums.ts';
import { SWEEP_STATES } from '../../search/states.ts';
import { listOf, named } from './shared.ts';

export type { Role };

/** Each role includes those before it. */
const roleSchema = z.enum(ROLES);

export const sessionSchema = named('Session', {
  role: roleSchema.nullable().describe('null: not signed in.'),
  name: z.string().nullable(),
  needsToken: z.boolean().describe('False for the user who runs a server that only this machine can reach.'),
  expiresAt: z.iso.datetime().nullable(),
});

export const signInSchema = z.strictObject({ token: z.string().min(1).max(200) }).openapi('SignIn');

export const systemSchema = named('System', {
  version: z.string(),
  database: z.object({
    address: z.string(),
    reachable: z.boolean(),
    version: z.string().nullable(),
    bytes: z.number().nullable(),
    trials: z.int().nullable(),
    arrays: z
      .object({ location: z.string(), bytes: z.number() })
      .describe('Arrays of datasets: a location such as s3://bucket/folder, or postgres.'),
  }),
  temporal: z.object({
    address: z.string(),
    namespace: z.string(),
    reachable: z.boolean(),
    version: z.string().nullable(),
    url: z.string().nullable().describe('URL of the Temporal UI, if that runs.'),
  }),
  processes: listOf({ name: z.string(), answers: z.boolean() }).describe(
    "Processes of the embedded stack, and whether each answers now; none with servers of one's own.",
  ),
  queues: listOf({
    name: z.string(),
    role: z.string(),
    class: z.string().nullable().describe('Class of the trainers that poll it; null for orchestrators.'),
    engine: z.string().nullable().describe('Engine that its trials ask for; null: any.'),
    workers: listOf({ identity: z.string(), lastSeen: z.iso.datetime().nullable() }),
    backlog: z.int().nullable(),
  }),
  engines: listOf({
    engine: z.string(),
    build: z.string(),
    host: z.string(),
    trials: z.int(),
    lastTrial: z.iso.datetime(),
  }).describe('Engines of recent trials, newest first.'),
});

/**
 * One message of GET /api/events. `hello` opens every connection with the revision of each sweep
 * that is running or finished recently; `sweep` and `retraining` announce changes, throttled to a
 * few a second each; `beat` is a heartbeat.
 */
export const eventSchema = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('hello'),
      sweeps: listOf({ sweepId: z.string(), revision: z.int(), state: z.enum(SWEEP_STATES) }),
    }),
    z.object({ kind: z.literal('sweep'), sweepId: z.string(), revision: z.int(), state: z.enum(SWEEP_STATES) }),
    z.object({ kind: z.literal('retraining'), name: z.string() }),
    z.object({ kind: z.literal('beat') }),
  ])
  .openapi('Event');

export type Session = z.infer<typeof sessionSchema>;
export type System = z.infer<typeof systemSchema>;
export type Event = z.infer<typeof eventSchema>;
