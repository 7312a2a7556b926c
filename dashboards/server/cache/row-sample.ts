/**
 * A sample of rows that follows a growing set: those with the least hashes of their numbers, so
 * that the sample depends on the set alone, not on the order in which rows came (bottom-k sketch,
 * Cohen and Kaplan 2007, doi:10.1145/1281100.1281133).
 */
export class RowSample {
  /** Rows in the set. */
  size = 0;
  readonly #most: number;
  /** 1 for a row in the set. */
  readonly #members: Uint8Array;
  /** Sampled rows by rising hash. */
  #sampled: { readonly hash: number; readonly row: number }[] = [];

  /** Samples `most` of the rows 0 to `rows` - 1 of which the set will consist. */
  constructor(rows: number, most: number) {
    this.#members = new Uint8Array(rows);
    this.#most = most;
  }

  /** Returns the sampled rows, rising. */
  get rows(): Uint32Array {
    return Uint32Array.from(this.#sampled, ({ row }) => row).sort();
  }

  /** Adds a row to the set, or removes it; costs more only where a sampled row is removed. */
  set(row: number, isMember: boolean): void {
    if ((this.#members[row] === 1) === isMember) return;
    this.#members[row] = isMember ? 1 : 0;
    this.size += isMember ? 1 : -1;
    const hash = hash32(row);
    const last = this.#sampled.at(-1);
    const isSampled = last !== undefined && hash <= last.hash;
    if (isMember && (isSampled || this.#sampled.length < this.#most)) {
      this.#sampled.splice(this.#insertionIndex(hash), 0, { hash, row });
      if (this.#sampled.length > this.#most) this.#sampled.pop();
    } else if (!isMember && isSampled) {
      this.#sampled.splice(this.#insertionIndex(hash), 1);
      if (this.size > this.#sampled.length) this.#refill();
    }
  }

  /** Returns the number of sampled rows with a lower hash. */
  #insertionIndex(hash: number): number {
    let [low, high] = [0, this.#sampled.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sampled[middle]?.hash ?? 0) < hash) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds the row with the least hash among those that are not sampled. */
  #refill(): void {
    const above = this.#sampled.at(-1)?.hash ?? -1;
    let next: { hash: number; row: number } | null = null;
    for (let row = 0; row < this.#members.length; row++) {
      if (this.#members[row] === 0) continue;
      const hash = hash32(row);
      if (hash > above && (next === null || hash < next.hash)) next = { hash, row };
    }
    if (next) this.#sampled.push(next);
  }
}

/**
 * Mixes the bits of a 32-bit integer, by the finaliser of MurmurHash3 (Appleby, public domain), a
 * bijection: different rows have different hashes.
 */
function hash32(integer: number): number {
  let bits = integer + 0x9e3779b9;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
