// The types of the JavaScript API, kvorum-api.js.
//
// Times in actions, settings, events and views are whole microseconds; those of run, seek and now are
// milliseconds. Shares are parts per million. Seeds and hashes are strings: numbers would round them.

/** Resolves when the engine has been loaded: nothing works before. */
export const ready: Promise<unknown>;

/** The version of the site that the module belongs to. */
export const build: string;

/** What can't be done. Nothing has changed then. */
export class KvorumError extends Error {
  constructor(field: string, why: string, options?: ErrorOptions);
  /** The argument or the part of it that is wrong: `settings.nodes`. The message begins with it. */
  field: string;
}

/** What a run begins with. */
export type Options = {
  /** The id of a scenario, one of `Kvorum.scenarios()`; without it, `lab`. */
  scenario?: string | null;
  /** A whole number below 2^64, in decimal; without it, a fresh one. */
  seed?: string | null;
  /** Settings in place of the scenario's, all or some, at every depth. */
  settings?: Settings;
};

/** A run of a cluster. What can't be done throws a `KvorumError`. */
export class Kvorum {
  /** The beginning of a run. */
  constructor(options?: Options);
  /** The ids of all scenarios. */
  static scenarios(): Array<string>;
  /** Gives the run's memory back. Whatever is asked of it afterwards is refused. */
  free(): void;
  /** The id of the scenario. */
  readonly scenario: string;
  /** The seed, in decimal. */
  readonly seed: string;
  /** Where the run is, in milliseconds since its beginning. */
  readonly now: number;
  /** Does something. In the past, that begins a new branch; the answer is its number, else undefined. */
  act(action: Action): number | undefined;
  /**
   * Runs on for so many milliseconds of virtual time; a broken property, or a limit of the settings,
   * stops the clock earlier: the view's `violation`, or `stopped`, says why. Returns where the run is
   * then, in milliseconds.
   */
  run(ms: number): number;
  /**
   * Goes to an instant of this branch, in milliseconds since the beginning; later than its newest one,
   * to that. Returns where the run is then, in milliseconds.
   */
  seek(ms: number): number;
  /** Takes the last action of this branch back, with all that came after it. Whether there was one. */
  undo(): boolean;
  /** Goes to another branch, by the number that `act` gave; 0 is the first. */
  switchTo(branch: number): void;
  /** Everything that a screen would show. */
  view(): ClusterView;
  /** The nodes and shards of a store of many shards; undefined in a run of one group. */
  store(): StoreView | undefined;
  /** What is waited for and what stands in its way; nothing if nothing is waited for. */
  whyNothingMoves(): Array<ToldReason>;
  /** The retained events from number `since` on, up to now. */
  events(since: number): Array<ToldEvent>;
  /** The event with number `seq` of this branch and what led to it, the newest first. */
  why(seq: number): Array<ToldEvent>;
  /** The hash of all events so far, 16 hexadecimal digits: equal for equal runs. */
  hash(): string;
  /** What was done on this branch, in order. */
  journal(): Array<JournalEntry>;
}

/** What the runs of a sweep have in common. */
export type SweepPlan = {
  /** How rough; without it, `rough`. */
  profile?: "calm" | "rough" | "hostile" | "cluster" | null;
  /** How many servers; without it, each run draws its own number. */
  nodes?: number | null;
  /** The rules of the protocol. */
  rules?: Rules;
  /** How long the faults last, in milliseconds. */
  storm?: number | null;
};

/** Runs `count` seeds from `from` on (a whole number in decimal) and says what came of them. */
export function sweep(plan: SweepPlan | undefined, from: string, count: number): Swept;

/**
 * The failing run of a plan from a seed, made as small as it gets within `tries` tries. Undefined if it
 * doesn't fail.
 */
export function shrink(plan: SweepPlan | undefined, seed: string, tries: number): Recording | undefined;

// The rest is made from the types in Rust, by the tests of src/schema.
