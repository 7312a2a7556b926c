/** Databases that earlier code wrote, with the figures that it read from them: record.ts. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface RecordedDatabase {
  /** Rows by table, as Postgres converts them to JSON. */
  readonly tables: Readonly<Record<string, readonly unknown[]>>;
  readonly figures: RecordedFigures;
}

/** Output of commands, as JSON. */
export interface RecordedFigures {
  /** `narrows results --split all` */
  readonly results: readonly Record<string, unknown>[];
  /** `narrows compare` */
  readonly comparison: {
    readonly rows: readonly RecordedCell[];
    readonly baselines: readonly { readonly name: string; readonly k: number | null; readonly coveredVariance: number | null }[];
  };
  /** `narrows champion ls`; empty before there were any */
  readonly champions: readonly { readonly trialId: string; readonly method: string; readonly k: number }[];
}

export interface RecordedCell {
  readonly method: string;
  readonly k: number;
  readonly trials: number;
  readonly coveredVariance: { readonly mean: number | null; readonly best: number | null };
}

const FOLDER = new URL('./', import.meta.url);
const END = '.json.gz';

/** Returns the names of the newest migrations that the recorded databases have. */
export const recordedTags = (): string[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith(END))
    .map((name) => name.slice(0, -END.length))
    .sort();

export const readRecorded = (tag: string): RecordedDatabase =>
  JSON.parse(gunzipSync(readFileSync(new URL(`${tag}${END}`, FOLDER))).toString()) as RecordedDatabase;
