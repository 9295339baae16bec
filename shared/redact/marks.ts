/** Calls back with every place where a mark stands, in the order of their ends. */
export type EachMark = (text: string, found: (mark: number, start: number, end: number) => void) => void;

/** Units of ASCII that the marks use, and one for all others; a power of two, so that a row is a shift away. */
const classBits = 6;
const maxClasses = 1 << classBits;
/** What a cell of the table can name: half the memory of wider cells keeps the table in the processor's caches. */
const maxStates = 0x1_0000;

/**
 * One pass over a text for all marks at once, however many they are: an Aho–Corasick automaton as a table. Marks are
 * ASCII in lower case and stand for any case.
 */
export function createMarks(marks: readonly string[]): EachMark {
  const classes = classesOf(marks);
  const { table, outputs, quiet } = buildTable(marks, classes);
  return (text, found) => {
    let state = 0;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      state = table[(state << classBits) | (unit < 128 ? (classes[unit] ?? 0) : 0)] ?? 0;
      if (state < quiet) continue;
      for (const mark of outputs[state] ?? []) {
        found(mark, at + 1 - (marks[mark]?.length ?? 0), at + 1);
      }
    }
  };
}

function classesOf(marks: readonly string[]): Uint8Array {
  const classes = new Uint8Array(128);
  let next = 1;
  for (const unit of new Set(marks.join(""))) {
    classes[unit.charCodeAt(0)] = next;
    classes[unit.toUpperCase().charCodeAt(0)] = next;
    next += 1;
  }
  if (next > maxClasses) throw new Error("the marks use too many different characters");
  return classes;
}

type Table = {
  /** A state's number, then a class → the next state's number. */
  readonly table: Uint16Array;
  /** The marks that end in a state. */
  readonly outputs: ReadonlyArray<readonly number[]>;
  /** In states below this no mark ends. */
  readonly quiet: number;
};

type State = {
  readonly next: Map<number, State>;
  readonly own: number[];
  fail: State | null;
  all: readonly number[];
};

function buildTable(marks: readonly string[], classes: Uint8Array): Table {
  const states = statesOf(marks, classes);
  const [root] = states;
  // States in which nothing ends come first: telling them from the others is then one comparison.
  const ordered = [
    ...states.filter(({ all }) => all.length === 0),
    ...states.filter(({ all }) => all.length > 0),
  ];
  if (ordered.length > maxStates) throw new Error("the marks are too many");
  const numbers = new Map(ordered.map((state, index) => [state, index]));
  const rowOf = (state: State): number => (numbers.get(state) ?? 0) << classBits;
  const table = new Uint16Array(ordered.length << classBits);
  // Breadth first: the row a state falls back to is complete before it is copied.
  for (const state of states) {
    const row = rowOf(state);
    if (state !== root) {
      const fall = rowOf(state.fail ?? state);
      table.copyWithin(row, fall, fall + maxClasses);
    }
    for (const [unit, next] of state.next) table[row + unit] = numbers.get(next) ?? 0;
  }
  const quiet = states.filter(({ all }) => all.length === 0).length;
  return { table, outputs: ordered.map(({ all }) => all), quiet };
}

/** All states, breadth first, with what they fall back to and what ends in them. */
function statesOf(marks: readonly string[], classes: Uint8Array): readonly State[] {
  const makeState = (): State => ({ next: new Map(), own: [], fail: null, all: [] });
  const root = makeState();
  for (const [index, mark] of marks.entries()) {
    let state = root;
    for (let at = 0; at < mark.length; at += 1) {
      const unit = classes[mark.charCodeAt(at)] ?? 0;
      const next = state.next.get(unit) ?? makeState();
      state.next.set(unit, next);
      state = next;
    }
    state.own.push(index);
  }
  const states: State[] = [root];
  for (const state of states) {
    state.all = [...state.own, ...(state.fail?.all ?? [])];
    for (const [unit, next] of state.next) {
      let fall = state.fail;
      while (fall !== null && !fall.next.has(unit)) fall = fall.fail;
      next.fail = fall?.next.get(unit) ?? root;
      states.push(next);
    }
  }
  return states;
}
