/** Disjoint sets of 0..count-1 (union-find). */
export interface DisjointSets {
  /** Returns the smallest member of the set. */
  find(member: number): number;
  union(a: number, b: number): void;
}

export function createDisjointSets(count: number): DisjointSets {
  const parents = Uint32Array.from({ length: count }, (_, member) => member);
  const find = (member: number): number => {
    let at = member;
    for (let parent = parents[at] ?? at; parent !== at; parent = parents[at] ?? at) {
      // Path halving.
      at = parents[at] = parents[parent] ?? parent;
    }
    return at;
  };
  return {
    find,
    union(a, b) {
      const [first, second] = [find(a), find(b)];
      parents[Math.max(first, second)] = Math.min(first, second);
    },
  };
}
