/** What is joined step by step ends up together: disjoint sets of 0..count-1. */
export interface DisjointSets {
  /** Smallest member of the set. */
  find(member: number): number;
  union(a: number, b: number): void;
}

export function createDisjointSets(count: number): DisjointSets {
  const parent = Uint32Array.from({ length: count }, (_, member) => member);
  const root = (member: number): number => {
    let at = member;
    while (parent[at] !== at) {
      // Halves the way for those that come later.
      parent[at] = parent[parent[at] as number] as number;
      at = parent[at] as number;
    }
    return at;
  };
  return {
    find: root,
    union(a, b) {
      const [first, second] = [root(a), root(b)].sort((x, y) => x - y) as [number, number];
      parent[second] = first;
    },
  };
}
