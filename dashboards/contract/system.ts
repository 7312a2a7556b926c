/** Servers, sessions and events. */
import { z } from '@hono/zod-openapi';
import { ROLES, type Role } from '../../db/enums.ts';
import { SWEEP_STATES } from '../../search/states.ts';

export type { Role };

/** Each role includes those before it. */
const roleSchema = z.enum(ROLES);

export const sessionSchema = z
  .object({
    role: roleSchema.nullable().openapi({ description: 'null: not signed in.' }),
    name: z.string().nullable(),
    needsToken: z.boolean().openapi({ description: 'False if the server is reachable from this machine only.' }),
    expiresAt: z.iso.datetime().nullable(),
  })
  .openapi('Session');

export const signInSchema = z
  .object({ token: z.string().min(1).max(200) })
  .strict()
  .openapi('SignIn');

export const systemSchema = z
  .object({
    version: z.string(),
    database: z.object({
      address: z.string(),
      reachable: z.boolean(),
      version: z.string().nullable(),
      bytes: z.number().nullable(),
      trials: z.int().nullable(),
    }),
    temporal: z.object({
      address: z.string(),
      namespace: z.string(),
      reachable: z.boolean(),
      version: z.string().nullable(),
      url: z.string().nullable().openapi({ description: 'URL of the Temporal UI, if that runs.' }),
    }),
    queues: z.array(
      z.object({
        name: z.string(),
        role: z.string(),
        workers: z.array(z.object({ identity: z.string(), lastSeen: z.iso.datetime().nullable() })),
        backlog: z.int().nullable(),
      }),
    ),
    engines: z
      .array(z.object({ engine: z.string(), build: z.string(), host: z.string(), trials: z.int(), lastTrial: z.iso.datetime() }))
      .openapi({ description: 'Engines of recent trials, newest first.' }),
  })
  .openapi('System');

/**
 * One message of GET /api/events. `hello` opens every connection with the revision of each sweep
 * that is running or finished recently; `sweep` and `retraining` announce changes, throttled to a
 * few a second each; `beat` is a heartbeat.
 */
export const eventSchema = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('hello'),
      sweeps: z.array(z.object({ sweepId: z.string(), revision: z.int(), state: z.enum(SWEEP_STATES) })),
    }),
    z.object({ kind: z.literal('sweep'), sweepId: z.string(), revision: z.int(), state: z.enum(SWEEP_STATES) }),
    z.object({ kind: z.literal('retraining'), name: z.string() }),
    z.object({ kind: z.literal('beat') }),
  ])
  .openapi('Event');

export type Session = z.infer<typeof sessionSchema>;
export type System = z.infer<typeof systemSchema>;
export type Event = z.infer<typeof eventSchema>;
