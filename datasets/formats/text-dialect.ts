/** How a table of text is written. */

/** ' ' means any number of blanks and tabs. */
export type Delimiter = ',' | ';' | '\t' | ' ';

export interface Dialect {
  readonly delimiter: Delimiter;
  /** 'unknown': all commas in numbers may separate thousands. */
  readonly decimal: '.' | ',' | 'unknown';
  /** Names of the columns without blanks around them; their numbers from 0 where they have none. */
  readonly names: readonly string[];
  readonly isNamed: boolean;
  /** Characters before the first row. */
  readonly start: number;
}

/** `csv` and `tsv` need names; `txt` is what numpy.savetxt and the codes of the field write. */
export type TextKind = 'csv' | 'tsv' | 'txt';
