/** Follows what is read from a dataset folder, on behalf of the process that bounds it. */
export interface ReadMonitor {
  /** Notes the file that is read next, or from which something is computed. */
  begin(file: string): void;
  /** Throws where an array is larger than its input may make it. */
  requireSize(reference: string, rows: number, columns: number): void;
}

export const UNMONITORED: ReadMonitor = { begin() {}, requireSize() {} };
